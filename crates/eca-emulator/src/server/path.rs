//! Normalised paths, for limits, faults and routes.

use std::borrow::Cow;

/// The path without empty segments and dot segments (RFC 3986 section 5.2.4), without a slash at
/// the end, and with unreserved characters decoded (section 6.2.2.2); `None` when it leads out of
/// its root.
///
/// A base URL that ends in a slash causes double slashes: the Salesforce CLI sends
/// `//services/Soap/m/68.0`, and Salesforce serves it. Everything else stays encoded, so no encoded
/// slash separates segments.
pub(crate) fn normalize(path: &str) -> Option<String> {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        let segment = decode_unreserved(segment);
        match &*segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            _ => segments.push(segment),
        }
    }
    Some(format!("/{}", segments.join("/")))
}

fn decode_unreserved(segment: &str) -> Cow<'_, str> {
    let Some((start, encoded)) = segment.split_once('%') else {
        return segment.into();
    };
    let mut decoded = start.to_owned();
    for part in encoded.split('%') {
        let byte = part
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                decoded.push(char::from(byte));
                decoded.push_str(&part[2..]);
            }
            _ => {
                decoded.push('%');
                decoded.push_str(part);
            }
        }
    }
    decoded.into()
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn a_path_has_one_spelling() {
        for (path, expected) in [
            ("/services/Soap/m/68.0", Some("/services/Soap/m/68.0")),
            ("//services/Soap/m/68.0", Some("/services/Soap/m/68.0")),
            ("/services///Soap/m//68.0//", Some("/services/Soap/m/68.0")),
            ("/", Some("/")),
            ("", Some("/")),
            ("*", Some("/*")),
            ("/services/data/", Some("/services/data")),
            // Dot segments.
            ("/services/./data/.", Some("/services/data")),
            ("/a/b/../../services/data", Some("/services/data")),
            ("/services/data/..", Some("/services")),
            ("/a//../b", Some("/b")),
            ("/..", None),
            ("/a/../../services/data", None),
            ("/services/.../data", Some("/services/.../data")),
            // Encoded characters: unreserved ones are decoded, once.
            ("/services/d%61t%61", Some("/services/data")),
            ("/services/%2E%2e/id", Some("/id")),
            ("/%2e%2e", None),
            ("/services%2Fdata", Some("/services%2Fdata")),
            ("/services/%2e%2e%2fid", Some("/services/..%2fid")),
            ("/services/%252e%252e/id", Some("/services/%252e%252e/id")),
            ("/a%00b%20c%C3%A9", Some("/a%00b%20c%C3%A9")),
            // Everything else stays.
            ("/100%", Some("/100%")),
            ("/%zz%4", Some("/%zz%4")),
            ("/%+1%é1", Some("/%+1%é1")),
        ] {
            assert_eq!(normalize(path).as_deref(), expected, "{path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_normal_path_stays(path in "[/.%25eEfFa0é]{0,24}") {
            if let Some(once) = normalize(&path)
                && !once.contains('%')
            {
                proptest::prop_assert_eq!(normalize(&once), Some(once.clone()));
                let has_dots = once.split('/').any(|segment| matches!(segment, "." | ".."));
                proptest::prop_assert!(once.starts_with('/') && !once.contains("//") && !has_dots);
            }
        }
    }
}
