//! Text of files and file names in lines of this crate.

use std::borrow::Cow;

/// The text on one line: control characters, line ends included, are written as `\u{..}`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| -> Box<dyn Iterator<Item = char>> {
        if c.is_control() {
            Box::new(c.escape_unicode())
        } else {
            Box::new(std::iter::once(c))
        }
    };
    Cow::Owned(text.chars().flat_map(shown).collect())
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn control_characters_are_escaped() {
        for (text, shown) in [("Shop é", "Shop é"), ("a\n\x1b::b", r"a\u{a}\u{1b}::b")] {
            assert_eq!(visible(text), shown);
        }
    }
}
