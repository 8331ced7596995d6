//! Texts that have the form of a token.

/// A form of tokens: what it is called, how it begins, and how its rest looks.
struct Form {
    what: &'static str,
    start: &'static str,
    rest: fn(&str) -> bool,
}

const FORMS: &[Form] = &[
    Form {
        what: "an access token or session id of Salesforce",
        start: "00D",
        // Org id, exclamation mark, opaque text.
        rest: |rest| {
            let split = rest.split_once('!');
            split.is_some_and(|(id, tail)| matches!(id.len(), 12 | 15) && tail.len() >= 40)
        },
    },
    Form {
        what: "a refresh token of Salesforce",
        start: "5Aep",
        rest: |rest| rest.len() >= 50,
    },
    Form {
        what: "a JSON Web Token",
        start: "eyJ",
        rest: |rest| {
            let mut parts = rest.split('.');
            let claims = parts.nth(1).is_some_and(|claims| claims.starts_with("eyJ"));
            claims && parts.next().is_some_and(|signature| signature.len() >= 20)
        },
    },
    Form {
        what: "an access key of AWS",
        start: "AKIA",
        rest: |rest| {
            rest.len() == 16
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        },
    },
    Form {
        what: "a token of GitHub",
        start: "ghp_",
        rest: |rest| rest.len() == 36,
    },
    Form {
        what: "a token of GitHub",
        start: "github_pat_",
        rest: |rest| rest.len() >= 70,
    },
    Form {
        what: "a key of Google",
        start: "AIza",
        rest: |rest| rest.len() == 35,
    },
    Form {
        what: "a token of Slack",
        start: "xoxb-",
        rest: |rest| rest.len() >= 40,
    },
    Form {
        what: "a token of GitLab",
        start: "glpat-",
        rest: |rest| rest.len() == 20,
    },
];

/// The tokens in a text, with their byte offsets.
pub(crate) fn find(text: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for form in FORMS {
        for (offset, start) in text.match_indices(form.start) {
            let before = text[..offset].chars().next_back();
            if before.is_some_and(is_part) {
                continue;
            }
            let rest = &text[offset + start.len()..];
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            if (form.rest)(&rest[..end]) {
                found.push((offset, form.what));
            }
        }
    }
    found.sort_unstable();
    found
}

/// Whether a character can be in the middle of a token.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.!+/=".contains(c)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn forms() {
        let session = format!("00Dxx0000001gPL!{}", "AQ0AQ".repeat(15));
        let jwt = format!("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.{}", "s".repeat(86));
        for token in [
            session.as_str(),
            &jwt,
            "AKIAIOSFODNN7EXAMPLE",
            &format!("ghp_{}", "a".repeat(36)),
            &format!("5Aep{}", "x".repeat(80)),
        ] {
            assert_eq!(find(&format!("<a>Bearer {token}</a>")).len(), 1, "{token}");
            assert_eq!(find(&format!("<a>Z{token}</a>")), [], "{token}");
        }
        for harmless in [
            "00Dxx0000001gPL:888xx0000000001",
            "eyJhbGciOiJSUzI1NiJ9",
            "3MVG9abcdefghijklmnopqrstuvwxyz0123456789012345678901234567890123456789",
            "AKIA",
        ] {
            assert_eq!(find(harmless), [], "{harmless}");
        }
    }
}
