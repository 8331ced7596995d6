//! Tokens before and after they are signed.

use std::fmt;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::jwt;
use crate::jwt::date::NumericDate;
use crate::mint::error::MintError;
use crate::sign::{Algorithm, AsyncSigner, Signer};

/// A token without its signature.
#[derive(Debug, Clone)]
pub struct UnsignedJwt {
    header: String,
    claims: String,
    signing_input: String,
    algorithm: Algorithm,
    id: Option<String>,
    expires_at: Option<NumericDate>,
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
        id: Option<&str>,
        expires_at: Option<NumericDate>,
    ) -> Result<UnsignedJwt, MintError> {
        let encode = |error: serde_json::Error| MintError::Encode(error.into());
        let header = serde_json::to_string(header).map_err(encode)?;
        let claims = serde_json::to_string(claims).map_err(encode)?;
        Ok(UnsignedJwt {
            signing_input: jwt::signing_input(&header, &claims),
            header,
            claims,
            algorithm,
            id: id.map(str::to_owned),
            expires_at,
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

    /// The bytes to sign.
    pub fn signing_input(&self) -> &str {
        &self.signing_input
    }

    /// The algorithm to sign with, the `alg` of the header.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Adds a signature in its JWS form (see [`Signer::sign`]). It is not verified.
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

    /// The bytes that are signed.
    pub fn signing_input(&self) -> &str {
        self.unsigned.signing_input()
    }

    /// The `jti`. Servers that check it accept the token only once.
    pub fn id(&self) -> Option<&str> {
        self.unsigned.id.as_deref()
    }

    /// The `exp`, the time at which the token expires. DPoP proofs have none.
    pub fn expires_at(&self) -> Option<NumericDate> {
        self.unsigned.expires_at
    }
}

impl fmt::Debug for SignedJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedJwt([secret])")
    }
}
