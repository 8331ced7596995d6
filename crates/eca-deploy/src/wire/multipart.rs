//! The `multipart/form-data` body of a REST deploy (RFC 7578).

use bytes::Bytes;

/// A body and the content type that names its boundary.
pub(crate) struct Multipart {
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
}

/// The deploy options first, then the zip, named as in the Metadata API Developer Guide, "Deploy Metadata with
/// REST". Same input, same bytes: the boundary is counted up until neither part contains it.
pub(crate) fn deploy(options_json: &[u8], zip: &[u8]) -> Multipart {
    let mut attempt = 0_u64;
    let boundary = loop {
        let boundary = format!("eca-deploy-{attempt:08x}");
        if !contains(options_json, boundary.as_bytes()) && !contains(zip, boundary.as_bytes()) {
            break boundary;
        }
        attempt += 1;
    };
    let mut body = Vec::with_capacity(zip.len() + options_json.len() + 512);
    body.extend_from_slice(
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"json\"\r\nContent-Type: application/json\r\n\r\n"
        )
        .as_bytes(),
    );
    body.extend_from_slice(options_json);
    body.extend_from_slice(
        format!(
            "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"package.zip\"\r\n\
             Content-Type: application/zip\r\n\r\n"
        )
        .as_bytes(),
    );
    body.extend_from_slice(zip);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Multipart {
        content_type: format!("multipart/form-data; boundary={boundary}"),
        body: body.into(),
    }
}

/// Whether the bytes occur; a deploy is checked once, so a plain scan is enough.
fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_is_never_in_a_part() {
        let zip = b"PK eca-deploy-00000000 eca-deploy-00000001";
        let multipart = deploy(b"{}", zip);
        assert!(multipart.content_type.ends_with("eca-deploy-00000002"));
        let text = String::from_utf8(multipart.body.to_vec()).unwrap();
        assert_eq!(text.matches("--eca-deploy-00000002").count(), 3);
    }
}
