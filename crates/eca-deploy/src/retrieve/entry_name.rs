//! Which names of files in a zip are safe on every file system.

use icu_normalizer::DecomposingNormalizerBorrowed;

/// What is wrong with the name of a file, or of a folder, which ends with `/`.
pub(super) fn problem(name: &str) -> Option<&'static str> {
    let path = name.strip_suffix('/').unwrap_or(name);
    let mut parts = path.split('/');
    Some(if path.is_empty() {
        "it is empty"
    } else if name.chars().any(char::is_control) {
        "it has control characters"
    } else if name.chars().any(is_invisible) {
        "it has characters that are invisible or change the direction of text"
    } else if name.contains('\\') {
        "it has a backslash"
    } else if name.starts_with('/') {
        "it is absolute"
    } else if name.contains(':') {
        "it has a colon, which names a drive or a stream on Windows"
    } else if parts.clone().any(|part| matches!(part, ".." | "." | "")) {
        "it has a part that is empty, . or .."
    } else if parts.clone().any(|part| part.ends_with(['.', ' '])) {
        "it has a part that ends with a dot or a space, which Windows removes"
    } else if parts.any(is_device) {
        "it has a part that is a device on Windows"
    } else {
        return None;
    })
}

/// The same for all names that are one file on a file system that ignores case or Unicode
/// normalization. It is coarser than each of them: `ß` and `ss` are one file on macOS, and `ı` and
/// `i` on none.
pub(super) fn folded(name: &str) -> String {
    let normalizer = DecomposingNormalizerBorrowed::new_nfd();
    // To lower case first: the capital ẞ has no other upper case, and ß becomes SS.
    let folded = normalizer.normalize(name).to_lowercase().to_uppercase();
    normalizer.normalize(&folded).into_owned()
}

/// Characters without width: those of bidirectional text, joiners, separators, tags.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether Windows opens a device in place of a file of this name, with any extension (Microsoft,
/// "Naming Files, Paths, and Namespaces").
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default();
    let stem = stem.trim_end_matches(' ').to_ascii_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" => true,
        stem => {
            let number = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
            let mut number = number.unwrap_or_default().chars();
            let is_number = |digit: char| digit.is_ascii_digit() || "¹²³".contains(digit);
            number.next().is_some_and(is_number) && number.next().is_none()
        }
    }
}
