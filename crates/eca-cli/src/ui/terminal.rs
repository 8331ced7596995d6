//! Writes to stdout and stderr. All output of the program goes through [`write()`].
//!
//! Orgs, files and certificates choose much of that text. Control characters in it could move the
//! cursor, set the clipboard or hide text, and a line that begins like a workflow command would be
//! obeyed by the CI that reads the log. Both are made visible as `\u{..}`. A secret that this
//! process has sent to a server is hidden, since the server may have sent it back.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{self, IsTerminal as _, Write};

use crate::ui::mask::mask;

/// An output stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// What the program itself puts into the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// No escape sequence is allowed.
    Plain,
    /// Colours (SGR sequences) are allowed; the stream strips them without a terminal.
    Coloured,
    /// No escape sequence is allowed, and the text is a secret that was asked for.
    Secret,
    /// Lines may be workflow commands of GitHub Actions. The caller has escaped all line ends in
    /// foreign text.
    Workflow,
}

/// Writes text and flushes.
#[expect(
    clippy::disallowed_methods,
    reason = "all other code writes through this function"
)]
pub(crate) fn write(stream: Stream, style: Style, text: impl Display) -> io::Result<()> {
    let text = text.to_string();
    let text = match style {
        Style::Secret => Cow::Borrowed(&*text),
        _ => mask(&text),
    };
    let text = escape(&text, style);
    match (stream, style) {
        // There is no escape sequence to strip.
        (Stream::Stdout, Style::Plain) => write_all(&mut io::stdout().lock(), &text),
        (Stream::Stdout, _) => write_all(&mut anstream::stdout().lock(), &text),
        (Stream::Stderr, _) => write_all(&mut anstream::stderr().lock(), &text),
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

/// The columns of the terminal that a stream is, if it is one.
#[expect(clippy::disallowed_methods, reason = "this module owns the streams")]
pub(crate) fn columns(stream: Stream) -> Option<usize> {
    let size = match stream {
        Stream::Stdout => terminal_size::terminal_size_of(io::stdout()),
        Stream::Stderr => terminal_size::terminal_size_of(io::stderr()),
    };
    let (terminal_size::Width(columns), _) = size?;
    // A terminal that does not know its size says 0.
    (columns > 0).then_some(columns.into())
}

/// Text without control characters, except for line ends, tabs and the program's own colours, and
/// without workflow commands, except for the program's own.
pub(crate) fn escape(text: &str, style: Style) -> Cow<'_, str> {
    // Whether only white space and colours precede it on its line.
    let mut is_start = true;
    replace(text, |rest, character, escaped| {
        if style == Style::Coloured
            && let Some(colour) = sgr(rest)
        {
            escaped.push_str(colour);
            return colour.len();
        }
        let is_command =
            begins_anywhere(rest) || is_start && style != Style::Workflow && rest.starts_with("::");
        is_start = character == '\n' || is_start && character.is_whitespace();
        if is_command || is_unsafe(character) {
            // Writing to a String does not fail.
            let _ = write!(escaped, "{}", character.escape_unicode());
        } else {
            escaped.push(character);
        }
        character.len_utf8()
    })
}

/// A JSON document with the control characters that JSON allows in strings, and the beginnings of
/// workflow commands, written as `\u00xx`.
pub(crate) fn escape_json(document: &str) -> Cow<'_, str> {
    replace(document, |rest, character, escaped| {
        if is_unsafe(character) || begins_anywhere(rest) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(character);
        }
        character.len_utf8()
    })
}

/// Passes the text on, character by character where one might have to be escaped. `escape` returns
/// the number of bytes that it has taken.
fn replace(text: &str, mut escape: impl FnMut(&str, char, &mut String) -> usize) -> Cow<'_, str> {
    let is_suspect = |character| is_unsafe(character) || matches!(character, '#' | ':');
    // Bytes are faster to look at, and most text is ASCII.
    let is_suspect_byte = |byte: &u8| !byte.is_ascii() || is_suspect(char::from(*byte));
    if !text.as_bytes().iter().any(is_suspect_byte) || !text.contains(is_suspect) {
        return Cow::Borrowed(text);
    }
    let mut rest = text;
    let mut escaped = String::with_capacity(text.len());
    while let Some(character) = rest.chars().next() {
        let taken = escape(rest, character, &mut escaped);
        rest = &rest[taken..];
    }
    Cow::Owned(escaped)
}

/// Whether a workflow command begins here that a CI takes in the middle of a line, too: `##[error]`
/// (GitHub Actions), `##vso[task.setvariable]` (Azure Pipelines), `##teamcity[` (`TeamCity`).
fn begins_anywhere(text: &str) -> bool {
    let Some(name) = text.strip_prefix("##") else {
        return false;
    };
    name.trim_start_matches(|c: char| c.is_ascii_alphabetic())
        .starts_with('[')
}

/// C0 except for tab and line feed, DEL, C1, line separators, and the characters without width:
/// those of bidirectional text, joiners, tags.
fn is_unsafe(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        other => other.is_control(),
    }
}

/// The colour sequence (ECMA-48 SGR) that the text begins with.
fn sgr(text: &str) -> Option<&str> {
    let parameters = text.strip_prefix("\x1b[")?;
    let end = parameters.find(|c: char| !matches!(c, '0'..='9' | ';' | ':'))?;
    let rest = parameters[end..].strip_prefix('m')?;
    Some(&text[..text.len() - rest.len()])
}

/// Text without colour sequences.
pub(crate) fn without_colours(text: &str) -> Cow<'_, str> {
    if !text.contains('\x1b') {
        return Cow::Borrowed(text);
    }
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find('\x1b') {
        plain.push_str(&rest[..start]);
        let colour = sgr(&rest[start..]).unwrap_or("\x1b");
        rest = &rest[start + colour.len()..];
    }
    Cow::Owned(plain + rest)
}

/// Foreign text as one entry: lines after the first are indented, so that none of them looks like a
/// line of the program.
pub(crate) fn indented(text: &str) -> Cow<'_, str> {
    if text.contains('\n') {
        Cow::Owned(text.replace('\n', "\n  "))
    } else {
        Cow::Borrowed(text)
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
                "zero\u{200b}width\u{feff}",
                r"zero\u{200b}width\u{feff}",
                r"zero\u{200b}width\u{feff}",
            ),
            ("a::b #1 ##x C::d", "a::b #1 ##x C::d", "a::b #1 ##x C::d"),
            ("::error::x", r"\u{3a}:error::x", r"\u{3a}:error::x"),
            ("a\n \t::x", "a\n \t\\u{3a}:x", "a\n \t\\u{3a}:x"),
            ("\x1b[1m::x", r"\u{1b}[1m::x", "\x1b[1m\\u{3a}:x"),
            ("a ##[error]b", r"a \u{23}#[error]b", r"a \u{23}#[error]b"),
            (
                "###vso[task.setvariable variable=a]b",
                r"#\u{23}#vso[task.setvariable variable=a]b",
                r"#\u{23}#vso[task.setvariable variable=a]b",
            ),
        ] {
            assert_eq!(escape(text, Style::Plain), plain, "{text:?}");
            assert_eq!(escape(text, Style::Coloured), coloured, "{text:?}");
            assert_eq!(escape(plain, Style::Plain), plain, "escaping twice");
        }
    }

    #[test]
    fn every_control_character_is_replaced() {
        for character in ('\0'..='\u{ffff}').filter(|c| c.is_control() && !"\n\t".contains(*c)) {
            let text = character.to_string();
            assert!(!escape(&text, Style::Plain).contains(character), "{text:?}");
        }
    }

    #[test]
    fn workflow_commands_of_the_program_stay() {
        let line = "::error file=a.xml::%0A::b ##[c]";
        let shown = "::error file=a.xml::%0A::b \\u{23}#[c]";
        assert_eq!(escape(line, Style::Workflow), shown);
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = "\u{7f}\u{85}\u{9f}\u{202e}é\x1b\n##[a]\u{e0041}";
        let document = serde_json::to_string_pretty(&[value]).unwrap();
        let escaped = escape_json(&document);
        assert_eq!(
            escaped,
            "[\n  \"\\u007f\\u0085\\u009f\\u202eé\\u001b\\n\\u0023#[a]\\udb40\\udc41\"\n]"
        );
        assert_eq!(
            serde_json::from_str::<[String; 1]>(&escaped).unwrap(),
            [value]
        );
    }
}
