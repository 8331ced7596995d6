//! Texts in the form of a token.

/// A form of tokens: its name, its prefix, and the form of the rest.
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
    for (offset, run) in runs(text) {
        // Most runs begin like no token.
        if !STARTS[usize::from(run.as_bytes()[0])] {
            continue;
        }
        let form = FORMS.iter().find(|form| {
            let rest = run.strip_prefix(form.start);
            rest.is_some_and(form.rest)
        });
        found.extend(form.map(|form| (offset, form.what)));
    }
    found
}

/// The runs of characters that tokens consist of, except short ones.
fn runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    const SHORTEST: usize = 10;
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at;
            while bytes.get(at).is_some_and(|byte| PARTS[usize::from(*byte)]) {
                at += 1;
            }
            let run = start..at;
            at += 1;
            if run.len() >= SHORTEST {
                // Parts are ASCII, so the range is on character boundaries.
                return text.get(run).map(|run| (start, run));
            }
        }
        None
    })
}

/// The bytes that a token can begin with.
static STARTS: [bool; 256] = {
    let mut starts = [false; 256];
    let mut index = 0;
    while index < FORMS.len() {
        starts[FORMS[index].start.as_bytes()[0] as usize] = true;
        index += 1;
    }
    starts
};

/// The bytes that can be in a token.
static PARTS: [bool; 256] = {
    let mut parts = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        parts[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'.' | b'!' | b'+' | b'/' | b'=');
        byte += 1;
    }
    parts
};

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

    proptest::proptest! {
        #[test]
        fn any_text_is_searched(text in "(\\PC|00D|eyJ|\\.|!| |<){0,40}") {
            for (offset, _) in find(&text) {
                assert!(text.is_char_boundary(offset));
            }
        }
    }
}
