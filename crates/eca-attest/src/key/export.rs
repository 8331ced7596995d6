//! Writes keys.

use pkcs5::EncryptionScheme;
use pkcs5::pbes2::{self, Kdf, Pbkdf2Params};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{Decode as _, Encode as _};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use crate::file::password::Password;
use crate::file::pem;
use crate::jwt::random::{IdError, IdSource};
use crate::key::PrivateKey;
use crate::key::public_key::{KeyAlgorithm, OID_P256, PublicKey};

/// Rounds of PBKDF2 with HMAC-SHA-256 (OWASP Password Storage Cheat Sheet).
const ROUNDS: u32 = 600_000;

/// A key could not be encrypted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptError {
    /// The password is empty.
    #[error("the password for the encrypted key is empty")]
    EmptyPassword,
    /// The source of random numbers failed.
    #[error("the key could not be encrypted: no random salt")]
    Salt(#[from] IdError),
    /// The encryption failed.
    #[error("the key could not be encrypted")]
    Encrypt(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl PrivateKey {
    /// The key as unencrypted PKCS#8 PEM, as `openssl pkey` writes it: the secret itself, wiped on
    /// drop.
    pub fn expose_pkcs8_pem(&self) -> Zeroizing<String> {
        pem::encode("PRIVATE KEY", self.expose_pkcs8_der())
    }

    /// The key as PKCS#1 DER (RFC 8017, appendix A.1.2): the secret itself. `None` if it is not
    /// RSA.
    pub fn expose_pkcs1_der(&self) -> Option<Zeroizing<Vec<u8>>> {
        let is_rsa = matches!(self.public_key().algorithm(), KeyAlgorithm::Rsa { .. });
        let info = PrivateKeyInfoRef::from_der(self.expose_pkcs8_der()).ok();
        let info = info.filter(|_| is_rsa)?;
        Some(Zeroizing::new(info.private_key.as_bytes().to_vec()))
    }

    /// [`expose_pkcs1_der`](PrivateKey::expose_pkcs1_der) as PEM.
    pub fn expose_pkcs1_pem(&self) -> Option<Zeroizing<String>> {
        let der = self.expose_pkcs1_der()?;
        Some(pem::encode("RSA PRIVATE KEY", &der))
    }

    /// The key as SEC1 DER (RFC 5915): the secret itself. `None` if it is not EC.
    pub fn expose_sec1_der(&self) -> Option<Zeroizing<Vec<u8>>> {
        let info = PrivateKeyInfoRef::from_der(self.expose_pkcs8_der()).ok()?;
        let inner = sec1::EcPrivateKey::from_der(info.private_key.as_bytes()).ok()?;
        // Without a PKCS#8 wrapper, the key itself names the curve.
        let key = sec1::EcPrivateKey {
            parameters: Some(OID_P256.into()),
            ..inner
        };
        key.to_der().ok().map(Zeroizing::new)
    }

    /// [`expose_sec1_der`](PrivateKey::expose_sec1_der) as PEM.
    pub fn expose_sec1_pem(&self) -> Option<Zeroizing<String>> {
        let der = self.expose_sec1_der()?;
        Some(pem::encode("EC PRIVATE KEY", &der))
    }

    /// The key as encrypted PKCS#8 DER (RFC 5958, section 3): PBES2 with AES-256-CBC, its key from
    /// 600,000 rounds of PBKDF2 with HMAC-SHA-256, which take some tenths of a second. Salt and
    /// initialisation vector come from `ids`.
    ///
    /// # Errors
    /// If the password is empty, or `ids` fails.
    pub fn to_encrypted_pkcs8_der(
        &self,
        password: &Password,
        ids: &dyn IdSource,
    ) -> Result<Vec<u8>, EncryptError> {
        if password.expose_password().is_empty() {
            return Err(EncryptError::EmptyPassword);
        }
        let failed = |error: pkcs5::Error| EncryptError::Encrypt(error.to_string().into());
        let (salt, vector) = (ids.fresh_id()?, ids.fresh_id()?);
        let kdf = Pbkdf2Params::hmac_sha256(ROUNDS, &salt).map_err(failed)?;
        let scheme = pbes2::Parameters {
            kdf: Kdf::Pbkdf2(kdf),
            encryption: pbes2::EncryptionScheme::Aes256Cbc { iv: vector },
        };
        let encrypted = scheme.encrypt(password.expose_password(), self.expose_pkcs8_der());
        let encrypted = encrypted.map_err(failed)?;
        let encoded = OctetStringRef::new(&encrypted).and_then(|encrypted_data| {
            EncryptedPrivateKeyInfoRef {
                encryption_algorithm: EncryptionScheme::Pbes2(scheme),
                encrypted_data,
            }
            .to_der()
        });
        encoded.map_err(|error| EncryptError::Encrypt(error.into()))
    }

    /// [`to_encrypted_pkcs8_der`](PrivateKey::to_encrypted_pkcs8_der) as PEM.
    ///
    /// # Errors
    /// Those of [`to_encrypted_pkcs8_der`](PrivateKey::to_encrypted_pkcs8_der).
    pub fn to_encrypted_pkcs8_pem(
        &self,
        password: &Password,
        ids: &dyn IdSource,
    ) -> Result<String, EncryptError> {
        let der = self.to_encrypted_pkcs8_der(password, ids)?;
        Ok(pem::encode("ENCRYPTED PRIVATE KEY", &der).to_string())
    }
}

impl PublicKey {
    /// The key as PEM, as `openssl pkey -pubout` writes it.
    pub fn to_pem(&self) -> String {
        pem::encode("PUBLIC KEY", self.spki_der()).to_string()
    }
}
