//! Proof Key for Code Exchange (RFC 7636), method S256 only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::oauth::error::OauthError;

/// The length of the base64url of a SHA-256, and of the shortest verifier (RFC 7636 sections 4.1
/// and 4.2).
const LENGTH: usize = 43;

/// Checks the `code_challenge` of an authorization request. Salesforce supports only S256, and
/// treats a challenge without a method as S256.
pub(crate) fn check_challenge(
    challenge: Option<&str>,
    method: Option<&str>,
    is_required: bool,
) -> Result<(), OauthError> {
    let refuse = |description: &str| Err(OauthError::new("invalid_request", description));
    match challenge {
        None if is_required => refuse("missing required code challenge"),
        _ if method.is_some_and(|method| method != "S256") => {
            refuse("code_challenge_method must be S256")
        }
        Some(challenge) if !is_challenge(challenge) => refuse("invalid code challenge"),
        _ => Ok(()),
    }
}

/// The base64url of a SHA-256 (RFC 7636 section 4.2).
fn is_challenge(text: &str) -> bool {
    text.len() == LENGTH
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Whether this `code_verifier` is that of the challenge (RFC 7636 section 4.6).
///
/// Verifiers of more than the 128 characters of section 4.1 count: the Salesforce CLI sends 171.
pub(crate) fn verifies(challenge: &str, verifier: &str) -> bool {
    let expected = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    is_verifier(verifier) && bool::from(expected.as_bytes().ct_eq(challenge.as_bytes()))
}

fn is_verifier(text: &str) -> bool {
    text.len() >= LENGTH
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn challenge_of(verifier: &str) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
    }

    #[test]
    fn verifiers_have_43_characters_or_more() {
        assert_eq!(challenge_of(VERIFIER), CHALLENGE);
        for (verifier, expected) in [
            (VERIFIER.to_owned(), true),
            ("a".repeat(42), false),
            ("a".repeat(43), true),
            ("a".repeat(128), true),
            ("a".repeat(171), true),
            (format!("{}+", "a".repeat(43)), false),
            (String::new(), false),
        ] {
            assert_eq!(
                verifies(&challenge_of(&verifier), &verifier),
                expected,
                "{verifier}"
            );
        }
        assert!(!verifies(
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN",
            VERIFIER
        ));
    }

    #[test]
    fn challenges_are_a_sha_256() {
        for (challenge, method, is_required, expected) in [
            (Some(CHALLENGE), Some("S256"), true, None),
            (Some(CHALLENGE), None, true, None),
            (None, None, false, None),
            (None, None, true, Some("missing required code challenge")),
            (
                Some(CHALLENGE),
                Some("plain"),
                true,
                Some("code_challenge_method must be S256"),
            ),
            (
                None,
                Some("plain"),
                false,
                Some("code_challenge_method must be S256"),
            ),
            (
                Some("short"),
                Some("S256"),
                false,
                Some("invalid code challenge"),
            ),
            (
                Some(&CHALLENGE[1..]),
                None,
                false,
                Some("invalid code challenge"),
            ),
            (
                Some(&CHALLENGE.replace('9', "+")),
                None,
                false,
                Some("invalid code challenge"),
            ),
        ] {
            let error = check_challenge(challenge, method, is_required).err();
            let description = error.map(|error| error.description);
            assert_eq!(description.as_deref(), expected, "{challenge:?} {method:?}");
        }
    }
}
