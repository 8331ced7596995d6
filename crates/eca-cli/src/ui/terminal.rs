//! Writes to stdout and stderr. All output of the program goes through [`write()`].
//!
//! Orgs, files and certificates choose much of that text. Control characters in it could move the
//! cursor, set the clipboard or reorder text. They are written as `\u{..}`.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{self, IsTerminal as _, Write};

/// An output stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// Whether the text has colours of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// No escape sequence is allowed.
    Plain,
    /// Colours (SGR sequences) are allowed; the stream strips them without a terminal.
    Coloured,
}

/// Writes text and flushes.
#[expect(
    clippy::disallowed_methods,
    reason = "all other code writes through this function"
)]
pub(crate) fn write(stream: Stream, style: Style, text: impl Display) -> io::Result<()> {
    let text = text.to_string();
    let text = escape(&text, style);
    match stream {
        Stream::Stdout => write_all(&mut anstream::stdout().lock(), &text),
        Stream::Stderr => write_all(&mut anstream::stderr().lock(), &text),
    }
}

fn write_all(stream: &mut impl Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

/// Whether stderr is a terminal.
#[expect(clippy::disallowed_methods, reason = "this module owns the streams")]
pub(crate) fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Text without control characters, except for line ends, tabs and the program's own colours.
pub(crate) fn escape(text: &str, style: Style) -> Cow<'_, str> {
    replace(text, |rest, character, escaped| {
        let colour = match style {
            Style::Plain => 0,
            Style::Coloured => sgr_len(rest),
        };
        if colour == 0 {
            // Writing to a String does not fail.
            let _ = write!(escaped, "{}", character.escape_unicode());
            character.len_utf8()
        } else {
            escaped.push_str(&rest[..colour]);
            colour
        }
    })
}

/// A JSON document with the control characters that JSON allows in strings written as `\u00xx`.
pub(crate) fn escape_json(document: &str) -> Cow<'_, str> {
    replace(document, |_, character, escaped| {
        let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        character.len_utf8()
    })
}

/// Calls `escape` at each unsafe character; it returns the number of bytes that it replaced.
fn replace(text: &str, escape: impl Fn(&str, char, &mut String) -> usize) -> Cow<'_, str> {
    let mut rest = text;
    let mut escaped = String::new();
    while let Some((at, character)) = rest
        .char_indices()
        .find(|(_, character)| is_unsafe(*character))
    {
        escaped.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = escape(rest, character, &mut escaped);
        rest = &rest[taken..];
    }
    if escaped.is_empty() && rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    escaped.push_str(rest);
    Cow::Owned(escaped)
}

/// C0 except for tab and line feed, DEL, C1, and the controls of bidirectional text.
fn is_unsafe(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        other => other.is_control(),
    }
}

/// The length of the colour sequence (ECMA-48 SGR) that the text begins with, or 0.
fn sgr_len(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\x1b[") else {
        return 0;
    };
    let end = parameters.find(|c: char| !matches!(c, '0'..='9' | ';' | ':'));
    match end {
        Some(end) if parameters[end..].starts_with('m') => "\x1b[".len() + end + "m".len(),
        _ => 0,
    }
}

/// Writes log lines to stderr. The first log that is started stays.
pub(crate) fn start_logging(filter: &str) {
    // An error means that there is a logger already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(|| LogWriter)
        .with_ansi(true)
        .try_init();
}

/// Takes whole log lines, as `tracing_subscriber` writes them.
struct LogWriter;

impl Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        write(
            Stream::Stderr,
            Style::Coloured,
            String::from_utf8_lossy(line),
        )?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Style, escape, escape_json};

    #[test]
    fn control_characters_become_visible() {
        for (text, plain, coloured) in [
            ("a\n\tb é ✓", "a\n\tb é ✓", "a\n\tb é ✓"),
            (
                "\x1b[31mred\x1b[0m",
                r"\u{1b}[31mred\u{1b}[0m",
                "\x1b[31mred\x1b[0m",
            ),
            ("\x1b[38;5;9mx", r"\u{1b}[38;5;9mx", "\x1b[38;5;9mx"),
            ("\x1b[2J", r"\u{1b}[2J", r"\u{1b}[2J"),
            ("\x1b[31", r"\u{1b}[31", r"\u{1b}[31"),
            (
                "\x1b]0;title\x07",
                r"\u{1b}]0;title\u{7}",
                r"\u{1b}]0;title\u{7}",
            ),
            (
                "\x1b]52;c;eA==\x1b\\",
                r"\u{1b}]52;c;eA==\u{1b}\",
                r"\u{1b}]52;c;eA==\u{1b}\",
            ),
            (
                "a\rb\0c\x08d",
                r"a\u{d}b\u{0}c\u{8}d",
                r"a\u{d}b\u{0}c\u{8}d",
            ),
            ("\u{7f}\u{9b}31m", r"\u{7f}\u{9b}31m", r"\u{7f}\u{9b}31m"),
            (
                "\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}",
                r"\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}",
                r"\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}",
            ),
            (
                "zero\u{200d}width",
                "zero\u{200d}width",
                "zero\u{200d}width",
            ),
        ] {
            assert_eq!(escape(text, Style::Plain), plain, "{text:?}");
            assert_eq!(escape(text, Style::Coloured), coloured, "{text:?}");
            assert_eq!(escape(plain, Style::Plain), plain, "escaping twice");
        }
    }

    #[test]
    fn every_control_character_is_replaced() {
        for character in ('\0'..='\u{2100}').filter(|c| c.is_control() && !"\n\t".contains(*c)) {
            let text = character.to_string();
            assert!(!escape(&text, Style::Plain).contains(character), "{text:?}");
        }
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = "\u{7f}\u{85}\u{9f}\u{202e}é\x1b\n";
        let document = serde_json::to_string_pretty(&[value]).unwrap();
        let escaped = escape_json(&document);
        assert_eq!(
            escaped,
            "[\n  \"\\u007f\\u0085\\u009f\\u202eé\\u001b\\n\"\n]"
        );
        assert_eq!(
            serde_json::from_str::<[String; 1]>(&escaped).unwrap(),
            [value]
        );
    }
}
