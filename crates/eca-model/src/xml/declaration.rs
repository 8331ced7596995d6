//! The XML declaration (XML 1.0, section 2.8).

use crate::xml::SyntaxErrorKind;

/// Encodings in which ASCII text is the same bytes as in UTF-8, by the beginning of their names.
const LIKE_ASCII: [&str; 3] = ["us-ascii", "iso-8859-", "windows-125"];

/// Checks that a declaration, from `<?xml` to `?>`, is well-formed, and that the text is what it
/// declares: XML 1.0, in UTF-8. An org that believed another encoding would read another text.
pub(super) fn check(declaration: &str, text: &str) -> Result<(), SyntaxErrorKind> {
    let malformed = || {
        let message = "the XML declaration must read `<?xml version=\"1.0\" encoding=\"UTF-8\"?>`";
        SyntaxErrorKind::NotWellFormed(message.to_owned())
    };
    let inner = declaration.strip_prefix("<?xml");
    let inner = inner.and_then(|inner| inner.strip_suffix("?>"));
    let mut rest = inner.ok_or_else(malformed)?;
    let version = next(&mut rest, "version").ok_or_else(malformed)?;
    let encoding = next(&mut rest, "encoding");
    let standalone = next(&mut rest, "standalone");
    let is_known = standalone.is_none_or(|value| matches!(value, "yes" | "no"));
    if !is_known || !rest.trim_matches(SPACE).is_empty() {
        return Err(malformed());
    }
    if version != "1.0" {
        return Err(SyntaxErrorKind::Version(version.to_owned()));
    }
    match encoding {
        Some(name) if !is_right(&name.to_ascii_lowercase(), text) => {
            Err(SyntaxErrorKind::Encoding(name.to_owned()))
        }
        _ => Ok(()),
    }
}

fn is_right(encoding: &str, text: &str) -> bool {
    let is_like_ascii = || LIKE_ASCII.iter().any(|name| encoding.starts_with(name));
    encoding == "utf-8" || is_like_ascii() && text.is_ascii()
}

/// White space of XML.
const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// Takes a member with this name off the text, and returns its value.
fn next<'a>(rest: &mut &'a str, name: &str) -> Option<&'a str> {
    let inner = rest.trim_start_matches(SPACE);
    if inner.len() == rest.len() {
        return None;
    }
    let value = inner.strip_prefix(name)?.trim_start_matches(SPACE);
    let value = value.strip_prefix('=')?.trim_start_matches(SPACE);
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, behind) = value[1..].split_once(quote)?;
    *rest = behind;
    Some(value)
}
