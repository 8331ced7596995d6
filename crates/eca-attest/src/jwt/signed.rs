//! Tokens of any kind on their way: header and claims, then the signature.

use std::fmt;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::jwt;
use crate::mint::error::MintError;
use crate::sign::{Algorithm, AsyncSigner, Signer};

/// A token that lacks only its signature.
#[derive(Debug, Clone)]
pub struct UnsignedJwt {
    header: String,
    claims: String,
    signing_input: String,
    algorithm: Algorithm,
}

/// A signed token. Its holder can act as the issuer until it expires, so it is treated as a
/// secret: not `Clone`, not serializable, wiped on drop, and masked in `Debug`.
pub struct SignedJwt {
    unsigned: UnsignedJwt,
    jwt: Zeroizing<String>,
}

impl UnsignedJwt {
    pub(crate) fn new(
        algorithm: Algorithm,
        header: &impl Serialize,
        claims: &impl Serialize,
    ) -> Result<UnsignedJwt, MintError> {
        let encode = |error: serde_json::Error| MintError::Encode(error.into());
        let header = serde_json::to_string(header).map_err(encode)?;
        let claims = serde_json::to_string(claims).map_err(encode)?;
        Ok(UnsignedJwt {
            signing_input: jwt::signing_input(&header, &claims),
            header,
            claims,
            algorithm,
        })
    }

    /// The header as JSON.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The claims as JSON.
    pub fn claims(&self) -> &str {
        &self.claims
    }

    /// What is to be signed.
    pub fn signing_input(&self) -> &str {
        &self.signing_input
    }

    /// What it is to be signed with, which the header says too.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Completes the token with a signature in its JWS form (see [`Signer::sign`]), which is not
    /// checked.
    pub fn with_signature(self, signature: &[u8]) -> SignedJwt {
        let jwt = Zeroizing::new(jwt::compact(&self.signing_input, signature));
        SignedJwt {
            unsigned: self,
            jwt,
        }
    }

    pub(crate) fn sign(self, signer: &dyn Signer) -> Result<SignedJwt, MintError> {
        let signature = signer.sign(self.signing_input.as_bytes())?;
        Ok(self.with_signature(&signature))
    }

    pub(crate) async fn sign_async(self, signer: &dyn AsyncSigner) -> Result<SignedJwt, MintError> {
        let signature = signer.sign_async(self.signing_input.as_bytes()).await?;
        Ok(self.with_signature(&signature))
    }
}

impl SignedJwt {
    /// The token itself.
    pub fn expose_jwt(&self) -> &str {
        &self.jwt
    }

    /// The header as JSON.
    pub fn header(&self) -> &str {
        self.unsigned.header()
    }

    /// The claims as JSON. They are no secret without the signature.
    pub fn claims(&self) -> &str {
        self.unsigned.claims()
    }

    /// What was signed.
    pub fn signing_input(&self) -> &str {
        self.unsigned.signing_input()
    }
}

impl fmt::Debug for SignedJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedJwt([secret])")
    }
}
