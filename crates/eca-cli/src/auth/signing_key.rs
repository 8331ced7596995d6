//! The key of an org that signs its JWTs.

use std::path::PathBuf;
use std::time::SystemTime;

use eca_attest::{
    Assertion, AssertionMinter, ClientAttestation, Minter, OsIds, PrivateKey, Provider, Signer,
};

use crate::config::{KeyConfig, OrgEntry};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::certificates;
use crate::files::key_passwords::InputPassword;

/// A private key, and its file.
pub(crate) struct SigningKey {
    /// For checks of the key against a certificate.
    pub(crate) private: PrivateKey,
    pub(crate) path: PathBuf,
    /// Its password source: the certificate may be in the same key store.
    pub(crate) input_password: InputPassword,
}

impl SigningKey {
    /// Reads the key of an org; its path is relative to `eca.toml`.
    pub(super) fn read(entry: &OrgEntry, key: &KeyConfig) -> Result<Self, Failure> {
        let path = entry.resolve(&key.path);
        let input_password = InputPassword::configured(entry, key);
        let private = certificates::key(&path, &input_password).map_err(|failure| {
            let hint = format!("`key` of org `{}` in eca.toml names this file", entry.name);
            failure.or_hint(Some(hint))
        })?;
        Ok(Self {
            private,
            path,
            input_password,
        })
    }

    /// Assertions, each with its own `jti` if the claims ask for a fresh one.
    pub(super) fn assertions(&self, claims: Assertion) -> Result<AssertionMinter, Failure> {
        let signer = Box::new(self.signer()?);
        Ok(AssertionMinter::new(claims, signer, SystemTime::now, OsIds))
    }

    /// Client attestations, each with its own `jti` if the claims ask for a fresh one.
    pub(super) fn attestations(&self, claims: ClientAttestation) -> Result<Minter, Failure> {
        Ok(Minter::new(claims, self.signer()?, SystemTime::now, OsIds))
    }

    fn signer(&self) -> Result<Box<dyn Signer>, Failure> {
        Provider::AwsLcRs.signer(&self.private).map_err(|error| {
            let message = format!("cannot sign with {}", self.path.display());
            Failure::caused_by(Exit::Usage, message, &error)
        })
    }
}
