//! Colours, which the streams strip where they cannot be shown or are not wanted (`--color`,
//! `NO_COLOR`, `TERM=dumb`, no terminal).

use crate::ui::terminal::{self, Style};

/// What a text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Good,
    Bad,
    Changed,
    Hint,
}

impl Paint {
    /// The escape sequence (ECMA-48 SGR).
    const fn begin(self) -> &'static str {
        match self {
            Self::Good => "\x1b[32m",
            Self::Bad => "\x1b[31m",
            Self::Changed => "\x1b[33m",
            Self::Hint => "\x1b[36m",
        }
    }
}

/// The beginnings of messages.
const LABELS: [(&str, Paint); 3] = [
    ("error:", Paint::Bad),
    ("warning:", Paint::Changed),
    ("hint:", Paint::Hint),
];

/// The text in a colour. Escape sequences of others in it are made visible.
pub(crate) fn painted(paint: Paint, text: &str) -> String {
    let text = terminal::escape(text, Style::Plain);
    format!("{}{text}\x1b[0m", paint.begin())
}

/// A message with its labels in colour. Lines that others wrote are indented: they have none.
pub(crate) fn labelled(message: &str) -> String {
    let lines = message.split('\n').map(|line| {
        let label = LABELS.iter().find(|(label, _)| line.starts_with(label));
        match label {
            Some((label, paint)) => {
                let rest = terminal::escape(&line[label.len()..], Style::Plain);
                painted(*paint, label) + &rest
            }
            None => terminal::escape(line, Style::Plain).into_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The lines of a comparison, by their first sign.
pub(crate) fn compared(lines: &str) -> String {
    let lines = lines.split('\n').map(|line| {
        let paint = match line.trim_start().chars().next() {
            Some('+') => Paint::Good,
            Some('-' | '!') => Paint::Bad,
            Some('~') => Paint::Changed,
            _ => return terminal::escape(line, Style::Plain).into_owned(),
        };
        painted(paint, line)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_escape_sequences_stay() {
        let foreign = "x\x1b[31mred\x1b[0m";
        let visible = r"x\u{1b}[31mred\u{1b}[0m";
        let error = labelled(&format!("error: {foreign}\n  hint: {foreign}\nhint: a"));
        assert_eq!(
            error,
            format!("\x1b[31merror:\x1b[0m {visible}\n  hint: {visible}\n\x1b[36mhint:\x1b[0m a")
        );
        assert_eq!(
            compared(&format!("  ~ {foreign}\n= b")),
            format!("\x1b[33m  ~ {visible}\x1b[0m\n= b")
        );
        assert_eq!(
            painted(Paint::Good, foreign),
            format!("\x1b[32m{visible}\x1b[0m")
        );
    }
}
