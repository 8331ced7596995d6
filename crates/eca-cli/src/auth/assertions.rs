//! JWTs signed with a key that `eca.toml` names.

use std::path::PathBuf;
use std::time::SystemTime;

use eca_attest::{
    Assertion, Audience, ClientAttestation, ClientId, Jti, OsIds, PrivateKey, Provider, Signer,
};
use eca_oauth::{AssertionJwt, ClientAttestationJwt};

use crate::config::{KeyConfig, OrgEntry};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::certificates;
use crate::files::key_passwords::InputPassword;

/// A private key, and its file.
pub(crate) struct SigningKey {
    signer: Box<dyn Signer>,
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
        let input_password = InputPassword::configured(&entry.name, key);
        let private = certificates::key(&path, &input_password).map_err(|failure| {
            let hint = format!("`key` of org `{}` in eca.toml names this file", entry.name);
            failure.or_hint(Some(hint))
        })?;
        let signer = Provider::AwsLcRs.signer(&private).map_err(|error| {
            let message = format!("cannot sign with {}", path.display());
            Failure::caused_by(Exit::Usage, message, &error)
        })?;
        Ok(Self {
            signer,
            private,
            path,
            input_password,
        })
    }
}

type Minted<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Assertions of RFC 7523, one for each request, each with its own `jti`.
pub(crate) struct Assertions {
    pub(crate) key: SigningKey,
    claims: Assertion,
}

impl Assertions {
    /// For the JWT bearer flow.
    pub(super) fn bearer(
        issuer: ClientId,
        user: &str,
        audience: Audience,
        key: SigningKey,
    ) -> Self {
        let claims = Assertion::jwt_bearer(issuer, user, audience).id(Jti::Fresh);
        Self { key, claims }
    }

    /// Instead of a client secret.
    pub(super) fn client(client: ClientId, audience: Audience, key: SigningKey) -> Self {
        let claims = Assertion::client_authentication(client, audience);
        Self { key, claims }
    }

    pub(crate) fn assertion(&self) -> Minted<AssertionJwt> {
        let (signer, now) = (&*self.key.signer, SystemTime::now());
        let jwt = self.claims.sign(signer, now, &OsIds)?;
        Ok(AssertionJwt::new(jwt.expose_jwt())?)
    }
}

/// Client attestations, one for each request, each with its own `jti`.
pub(crate) struct Attestations {
    pub(crate) key: SigningKey,
    claims: ClientAttestation,
}

impl Attestations {
    pub(super) fn new(issuer: ClientId, audience: Audience, key: SigningKey) -> Self {
        let claims = ClientAttestation::new(issuer, audience).id(Jti::Fresh);
        Self { key, claims }
    }

    pub(crate) fn attestation(&self) -> Minted<ClientAttestationJwt> {
        let (signer, now) = (&*self.key.signer, SystemTime::now());
        Ok(self.claims.sign(signer, now, &OsIds)?.into())
    }
}
