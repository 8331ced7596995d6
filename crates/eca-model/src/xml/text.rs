//! Decoding of character data.

use std::borrow::Cow;

/// Resolves a run of character data that is known to be well-formed.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    if memchr::memchr3(b'&', b'<', b'\r', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '<', '\r']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = if let Some(tail) = rest.strip_prefix("<![CDATA[") {
            let (data, tail) = tail.split_once("]]>").unwrap_or((tail, ""));
            text.push_str(&data.replace("\r\n", "\n").replace('\r', "\n"));
            tail
        } else if let Some(tail) = rest.strip_prefix("<!--") {
            tail.split_once("-->").map_or("", |(_, tail)| tail)
        } else if rest.starts_with('<') {
            rest.split_once("?>").map_or("", |(_, tail)| tail)
        } else if let Some(tail) = rest.strip_prefix('\r') {
            text.push('\n');
            tail.strip_prefix('\n').unwrap_or(tail)
        } else {
            let (name, tail) = rest[1..].split_once(';').unwrap_or(("", ""));
            text.extend(resolve_reference(name));
            tail
        };
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character behind `&name;`: the five predefined entities and character references.
pub(super) fn resolve_reference(name: &str) -> Option<char> {
    let code = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "apos" => return Some('\''),
        "quot" => return Some('"'),
        _ => name.strip_prefix('#')?,
    };
    let number = match code.strip_prefix('x') {
        Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16),
        None if code.bytes().all(|b| b.is_ascii_digit()) => code.parse(),
        _ => return None,
    };
    let character = char::from_u32(number.ok()?)?;
    let allowed = matches!(character, '\t' | '\n' | '\r')
        || (character >= ' ' && !matches!(character, '\u{fffe}' | '\u{ffff}'));
    allowed.then_some(character)
}
