//! What people paste: JSON, query strings, HTML, boxes and colours of a terminal.

/// The text behind the notation.
pub(super) fn unescaped(text: &str) -> String {
    let text = without_colours(text);
    let text = if text.contains("error_description=") || text.contains("error=") {
        form_decoded(&text)
    } else {
        text
    };
    let text = json_unescaped(&text);
    [
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text, |text, (escape, plain)| text.replace(escape, plain))
}

/// Without the escape sequences of colours, and without the lines of a box.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => {
                // `ESC [ parameters letter`
                chars.by_ref().find(char::is_ascii_alphabetic);
            }
            '│' | '┃' | '|' => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

/// `+` and `%27` as in the query of a callback.
fn form_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = tail.get(..2).and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        });
        match (first, escaped) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `\"`, `\n` and `\u0027` as in a string of JSON.
fn json_unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n' | 'r' | 't') => plain.push(' '),
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok();
                plain.extend(code.and_then(char::from_u32));
            }
            Some(escaped) => plain.push(escaped),
            None => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn notations() {
        for (pasted, expected) in [
            (
                r#"{"m":"user hasn\u0027t\napproved"}"#,
                r#"{"m":"user hasn't approved"}"#,
            ),
            (
                "?error=a&error_description=user+hasn%27t",
                "?error=a&error_description=user hasn't",
            ),
            ("\u{1b}[31mError\u{1b}[0m │ x", "Error   x"),
            ("isn&#39;t &quot;x&quot;", "isn't \"x\""),
            ("50% done, 3+4", "50% done, 3+4"),
            ("error=1%", "error=1%"),
            (r"a\", "a"),
        ] {
            assert_eq!(unescaped(pasted), expected);
        }
    }
}
