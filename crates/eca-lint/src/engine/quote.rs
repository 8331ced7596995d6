//! Values of files in messages.

use std::fmt;

/// The largest number of characters of a value in a message.
const MAX: usize = 60;

/// A value in double quotes, cut off when it is long.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(MAX) {
            None => write!(f, "\"{}\"", self.0),
            Some((end, _)) => write!(f, "\"{}…\"", &self.0[..end]),
        }
    }
}

/// A message on one line. Values of a file may contain line feeds and control characters that a
/// terminal would interpret.
pub(crate) fn one_line(mut message: String) -> String {
    if message.contains(char::is_control) {
        message = message.replace(char::is_control, " ");
    }
    message
}

#[cfg(test)]
mod tests {
    use super::{Quoted, one_line};

    #[test]
    fn long_values_are_cut() {
        assert_eq!(Quoted("Basic").to_string(), "\"Basic\"");
        assert_eq!(
            Quoted(&"ü".repeat(61)).to_string(),
            format!("\"{}…\"", "ü".repeat(60))
        );
    }

    #[test]
    fn messages_are_one_line_of_plain_text() {
        assert_eq!(one_line("a\n\u{1b}[31mb".to_owned()), "a  [31mb");
    }
}
