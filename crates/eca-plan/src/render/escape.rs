//! Foreign text in lines of a plan.

use std::borrow::Cow;
use std::fmt::Write as _;

use eca_model::FieldValue;

/// The most characters of a value. Longer ones, such as certificates, are shortened.
const LONGEST: usize = 100;
/// What remains of a longer one at its start and at its end.
const END: usize = 24;

/// The text on one line. Control characters, and those that turn the direction of a line or cannot
/// be seen, are written as `\u{..}`.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_hidden(character) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "{}", character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

fn is_hidden(character: char) -> bool {
    // Unicode 16, general category Cf, as far as it changes how other characters are shown.
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text as a line of its own. A workflow command of GitHub or Azure would start there.
pub(super) fn line(text: &str) -> String {
    let text = visible(text);
    let mut characters = text.chars();
    match characters.next() {
        Some(first @ (':' | '#')) => format!("{}{}", first.escape_unicode(), characters.as_str()),
        _ => text.into_owned(),
    }
}

/// A value on one line, shortened.
pub(super) fn value(value: Option<&FieldValue>) -> String {
    let Some(value) = value else {
        return "–".to_owned();
    };
    let text = value.to_string();
    let length = text.chars().count();
    if length <= LONGEST {
        return visible(&text).into_owned();
    }
    let start: String = text.chars().take(END).collect();
    let end: String = text.chars().skip(length - END).collect();
    let (start, end) = (visible(&start), visible(&end));
    format!("{start}…{end} ({length} characters)")
}

/// Text in HTML.
pub(super) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Inside of an HTML element Markdown is still read.
            '*' | '_' | '`' | '~' | '[' | ']' | '\\' | '|' | '@' | '#' | '!' | ':' => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// The text as a fenced block. No text inside can end it.
pub(super) fn fenced(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{text}{fence}\n")
}
