//! The `multipart/form-data` body of a REST deploy (RFC 7578).

use bytes::Bytes;

use crate::wire::zip::Zip;

/// A body and the content type that names its boundary.
pub(crate) struct Multipart {
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
}

/// The deploy options first, then the zip, named as in the Metadata API Developer Guide, "Deploy
/// Metadata with REST". Same input, same bytes.
pub(crate) fn deploy(options_json: &[u8], zip: &Zip) -> Multipart {
    let boundary = zip.boundary(options_json);
    let before_json = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"json\"\r\nContent-Type: application/json\r\n\r\n"
    );
    let before_zip = format!(
        "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"package.zip\"\r\n\
         Content-Type: application/zip\r\n\r\n"
    );
    let end = format!("\r\n--{boundary}--\r\n");
    let body = [
        before_json.as_bytes(),
        options_json,
        before_zip.as_bytes(),
        zip.as_bytes(),
        end.as_bytes(),
    ]
    .concat();
    Multipart {
        content_type: format!("multipart/form-data; boundary={boundary}"),
        body: body.into(),
    }
}
