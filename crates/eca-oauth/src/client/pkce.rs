//! Proof Key for Code Exchange (RFC 7636), S256 only: Salesforce accepts nothing else.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::secret::InvalidSecret;

/// The secret half: 43 to 128 unreserved characters (RFC 7636 section 4.1). It is sent once, with
/// the code.
///
/// ```
/// use eca_oauth::PkceVerifier;
///
/// let verifier = PkceVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")?;
/// assert_eq!(verifier.challenge().as_str(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
/// # Ok::<(), eca_oauth::InvalidSecret>(())
/// ```
pub struct PkceVerifier(Zeroizing<String>);

/// No randomness from the operating system.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct NoRandomness(#[source] getrandom::Error);

impl NoRandomness {
    pub(crate) fn new(cause: getrandom::Error) -> Self {
        Self(cause)
    }
}

impl PkceVerifier {
    /// A verifier that was generated elsewhere.
    ///
    /// # Errors
    ///
    /// [`InvalidSecret`] when length or characters are not those of RFC 7636 section 4.1.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidSecret> {
        let text = Zeroizing::new(text.into());
        let unreserved =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        let invalid = |problem| Err(InvalidSecret::new("pkce verifier", problem));
        if !(43..=128).contains(&text.len()) {
            return invalid("is not 43 to 128 characters long");
        }
        if !text.bytes().all(unreserved) {
            return invalid("has a character other than letters, digits and - . _ ~");
        }
        Ok(Self(text))
    }

    /// A verifier of 256 bits from the operating system.
    ///
    /// # Errors
    ///
    /// [`NoRandomness`] when the operating system has none.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes).map_err(NoRandomness)?;
        Ok(Self::from_random(&bytes))
    }

    /// A verifier from these random bytes: their base64url form, 43 characters.
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// A copy for one request. Not `Clone`, so that no copy is made by accident.
    pub(crate) fn copy(&self) -> Self {
        Self(self.0.clone())
    }

    /// The public half: base64url of the SHA-256 of the verifier (RFC 7636 section 4.2).
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes())))
    }

    /// The text itself. The caller is responsible for where it goes.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PkceVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PkceVerifier(…)")
    }
}

/// The public half of a [`PkceVerifier`], method S256.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// The name of the method, as the `code_challenge_method` parameter has it.
    pub const METHOD: &'static str = "S256";

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
