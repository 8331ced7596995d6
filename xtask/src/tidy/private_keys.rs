//! Private keys in the tree that are not marked as test keys.

use crate::tidy::problem::Problem;
use crate::tidy::tree::Entry;

/// Key stores and keys in binary form, known by their extension.
const BINARY: [&str; 6] = ["p12", "pfx", "jks", "jceks", "keystore", "key"];
/// This word, in the file name or on a line above the key, in any case, marks a test key.
const MARK: &str = "test-only";
/// A PEM body has lines of 64 characters. A shorter line is an example or an ellipsis.
const BODY: usize = 40;

/// Every private key that is not marked as a test key.
pub(crate) fn check(entry: &Entry) -> Vec<Problem> {
    if entry.name().to_ascii_lowercase().contains(MARK) {
        return Vec::new();
    }
    let hint = format!("name it {MARK}-… if it is a test key; otherwise remove and revoke it");
    if BINARY
        .iter()
        .any(|extension| entry.has_extension(extension))
    {
        return vec![Problem::of_file(
            entry.path(),
            format!("a key store; {hint}"),
        )];
    }
    // PEM is ASCII, but the rest of the file may not be UTF-8.
    let Some(text) = entry.text() else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(after) = after_begin(line) else {
            continue;
        };
        // In a string literal the body follows `\n` on the same line.
        let body = after.trim_start_matches(['\\', 'n', 'r', ' ']);
        let next = text.lines().nth(index + 1).unwrap_or_default();
        let above = || text.lines().take(index + 1);
        if (is_body(body) || is_body(next.trim_start()))
            && !above().any(|line| line.to_ascii_lowercase().contains(MARK))
        {
            problems.push(Problem::at(
                entry.path(),
                index,
                format!("a private key; {hint}"),
            ));
        }
    }
    problems
}

/// The text after the first line of a private key in any PEM format.
fn after_begin(line: &str) -> Option<&str> {
    let (_, label) = line.split_once("-----BEGIN ")?;
    let (label, after) = label.split_once("-----")?;
    label.ends_with("PRIVATE KEY").then_some(after)
}

fn is_body(text: &str) -> bool {
    let base64 = |c: &char| c.is_ascii_alphanumeric() || "+/=".contains(*c);
    text.chars().take_while(base64).count() >= BODY || text.starts_with("Proc-Type:")
}

#[cfg(test)]
mod tests {
    use super::super::problem::lines;
    use super::*;

    fn check(path: &str, text: &str) -> Vec<String> {
        lines(&super::check(&Entry::new(path, text)))
    }

    /// Assembled here: this file must not contain such a key itself.
    fn pem(label: &str, line_end: &str) -> String {
        format!(
            "-----BEGIN {label}-----{line_end}{}{line_end}",
            "MIIEvQIB".repeat(8)
        )
    }

    #[test]
    fn keys_of_every_kind_are_found() {
        for label in ["", "RSA ", "EC ", "ENCRYPTED ", "OPENSSH "] {
            let label = format!("{label}PRIVATE KEY");
            assert_eq!(check("a.pem", &pem(&label, "\n")).len(), 1, "{label}");
            assert_eq!(
                check("a.pem", &pem(&label, "\r\n")).len(),
                1,
                "{label} with CRLF"
            );
            assert_eq!(
                check("a.json", &pem(&label, "\\n")).len(),
                1,
                "{label} in a string"
            );
        }
        assert_eq!(check("a/store.JKS", "").len(), 1);
    }

    #[test]
    fn the_line_and_the_next_step_are_reported() {
        let text = format!("# a key\n{}", pem("PRIVATE KEY", "\n"));
        assert_eq!(
            check("a.pem", &text),
            [
                "a.pem:2: a private key; name it test-only-… if it is a test key; otherwise \
              remove and revoke it"
            ]
        );
    }

    #[test]
    fn marked_keys_pass() {
        let key = pem("PRIVATE KEY", "\n");
        assert_eq!(check("data/test-only-rsa.pem", &key), [""; 0]);
        assert_eq!(check("a.rs", &format!("// TEST-ONLY key\n{key}")), [""; 0]);
        assert_eq!(check("test-only.p12", ""), [""; 0]);
    }

    #[test]
    fn a_mark_below_the_key_is_too_late() {
        assert_eq!(
            check("a.pem", &format!("{}TEST-ONLY", pem("PRIVATE KEY", "\n"))).len(),
            1
        );
    }

    #[test]
    fn labels_without_a_key_and_public_things_pass() {
        for text in [
            "const BEGIN: &str = \"-----BEGIN PRIVATE KEY-----\";",
            "-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----",
            &pem("CERTIFICATE", "\n"),
            &pem("PUBLIC KEY", "\n"),
        ] {
            assert_eq!(check("a.rs", text), [""; 0], "{text}");
        }
    }
}
