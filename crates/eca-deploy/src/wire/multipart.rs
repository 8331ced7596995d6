//! The `multipart/form-data` body of a REST deploy (RFC 7578).

use eca_http::Body;

use crate::wire::zip::Zip;

/// A body and the content type that names its boundary.
pub(crate) struct Multipart {
    pub(crate) content_type: String,
    pub(crate) body: Body,
}

/// The deploy options first, then the zip, named as in the Metadata API Developer Guide, "Deploy
/// Metadata with REST". Same input, same bytes.
pub(crate) fn deploy(options_json: Vec<u8>, zip: &Zip) -> Multipart {
    let boundary = zip.boundary(&options_json);
    let parts = [
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"json\"\r\nContent-Type: application/json\r\n\r\n"
        )
        .into(),
        options_json.into(),
        format!(
            "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"package.zip\"\r\n\
             Content-Type: application/zip\r\n\r\n"
        )
        .into(),
        zip.body(),
        format!("\r\n--{boundary}--\r\n").into(),
    ];
    Multipart {
        content_type: format!("multipart/form-data; boundary={boundary}"),
        body: Body::concat(parts),
    }
}
