//! Lines for a narrow terminal, which would break them in the middle of a word.

use unicode_width::UnicodeWidthStr;

use crate::ui::terminal;

/// The space before the further lines of a text.
const INDENT: &str = "  ";

/// Text whose lines are at most this many columns wide, broken between words. A command line of
/// this program stays whole, so that it can be copied, also where it is longer.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    let lines = text.split('\n').map(|line| wrapped_line(line, width));
    lines.collect::<Vec<_>>().join("\n")
}

fn wrapped_line(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    let content = line.trim_start_matches(' ');
    let before = &line[..line.len() - content.len()];
    let indent = format!("{before}{INDENT}");
    let mut shown = before.to_owned();
    // The columns of the last line, and whether it has a word.
    let (mut column, mut is_begun) = (before.width(), false);
    for word in words(content) {
        let columns = columns(word);
        if is_begun && column + 1 + columns > width {
            shown.push('\n');
            shown.push_str(&indent);
            column = indent.width();
        } else if is_begun {
            shown.push(' ');
            column += 1;
        }
        shown.push_str(word);
        column += columns;
        is_begun = true;
    }
    shown
}

/// A report with source lines (`5 | text`) for a terminal: other lines are broken between words.
pub(crate) fn report(text: &str, width: usize) -> String {
    let lines = text.split('\n').map(|line| {
        let plain = terminal::without_colours(line);
        let gutter = plain.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit());
        if gutter.starts_with('|') {
            return line.to_owned();
        }
        wrapped_line(line, width)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The columns that a text takes, without its colours.
fn columns(text: &str) -> usize {
    terminal::without_colours(text).width()
}

/// The words of a line. `eca` and what follows it, up to a sign that ends it, are one.
fn words(line: &str) -> Vec<&str> {
    let (mut words, mut start, mut in_command) = (Vec::new(), 0, false);
    for (index, _) in line.match_indices(' ').chain([(line.len(), "")]) {
        let last = line[..index].rsplit(' ').next().unwrap_or_default();
        let begins = last.trim_start_matches(['(', '`']) == "eca";
        in_command = (in_command || begins) && !last.ends_with([';', ',', ')', '`', ':', '.']);
        if !in_command || index == line.len() {
            words.push(&line[start..index]);
            start = index + 1;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{report, wrapped};

    #[test]
    fn lines_break_between_words() {
        for (text, width, expected) in [
            ("short", 10, "short"),
            ("one two three", 8, "one two\n  three"),
            ("  one two three", 8, "  one\n    two\n    three"),
            ("one\ntwo three four", 9, "one\ntwo three\n  four"),
            ("averyveryverylongword x", 8, "averyveryverylongword\n  x"),
            ("über über über", 9, "über über\n  über"),
            ("界 界 界", 5, "界 界\n  界"),
            ("", 5, ""),
            (
                "hint: to follow it: eca deploy --resume 0Af; or wait",
                30,
                "hint: to follow it:\n  eca deploy --resume 0Af; or\n  wait",
            ),
            (
                "to see it (eca explain ECA1201) now",
                12,
                "to see it\n  (eca explain ECA1201)\n  now",
            ),
        ] {
            assert_eq!(wrapped(text, width), expected, "{text:?}");
        }
    }

    #[test]
    fn no_word_is_lost() {
        let text = "a deploy of eca lint, eca deploy (eca show) and `eca token` with more words";
        for width in 0..90 {
            let all = wrapped(text, width);
            let same: Vec<_> = all.split_whitespace().collect();
            assert_eq!(same, text.split_whitespace().collect::<Vec<_>>(), "{width}");
        }
    }

    #[test]
    fn source_lines_of_a_report_stay() {
        let text = "\x1b[1merror\x1b[0m: one two\n 5 | <a b c d e f>\n   | ^^^^^^^\n  = help: one two three";
        assert_eq!(
            report(text, 10),
            "\x1b[1merror\x1b[0m: one\n  two\n 5 | <a b c d e f>\n   | ^^^^^^^\n  = help:\n    one\n    two\n    three"
        );
    }
}
