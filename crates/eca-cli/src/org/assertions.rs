//! JWTs signed with a key that `eca.toml` names.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use eca_attest::{
    Audience, ClientAttestation, ConsumerKey, ConsumerKeyError, Jti, OsIds, PrivateKey, Provider,
    SignedAttestation, Signer,
};
use eca_oauth::{AssertionJwt, ClientAttestationJwt};

use super::unusable;
use crate::certificates;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::passwords::Opening;

/// Mints one JWT for each request, each with a `jti` of its own.
pub(crate) struct Assertions {
    signer: Box<dyn Signer>,
    claims: ClientAttestation,
    /// For checks of the key against a certificate.
    pub(crate) key: PrivateKey,
    pub(crate) key_path: PathBuf,
}

type Minted<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl Assertions {
    /// With this issuer, audience and key; an error names the org.
    pub(super) fn new(
        org: &str,
        client_id: &str,
        audience: Audience,
        key: &Path,
    ) -> Result<Self, Failure> {
        let issuer: ConsumerKey = client_id
            .parse()
            .map_err(|error: ConsumerKeyError| unusable(org, "client-id", &error))?;
        let private = certificates::key(key, &Opening::default())?;
        let signer = Provider::AwsLcRs.signer(&private).map_err(|error| {
            let message = format!("cannot sign with {}", key.display());
            Failure::caused_by(Exit::Usage, message, &error)
        })?;
        Ok(Self {
            signer,
            claims: ClientAttestation::new(issuer, audience).id(Jti::Fresh),
            key: private,
            key_path: key.to_owned(),
        })
    }

    /// The same with `sub`. A JWT bearer assertion has the same header and claims as a client
    /// attestation, and the user as its subject (Salesforce Help, "OAuth 2.0 JWT Bearer Flow for
    /// Server-to-Server Integration").
    pub(super) fn subject(mut self, subject: &str) -> Self {
        self.claims = self.claims.subject(subject);
        self
    }

    /// A token, with header and claims to be looked at.
    pub(crate) fn sign(&self) -> Minted<SignedAttestation> {
        Ok(self.claims.sign(&*self.signer, SystemTime::now(), &OsIds)?)
    }

    /// A JWT for the JWT bearer flow.
    pub(crate) fn assertion(&self) -> Minted<AssertionJwt> {
        Ok(AssertionJwt::new(self.sign()?.expose_jwt())?)
    }

    /// A client attestation.
    pub(crate) fn attestation(&self) -> Minted<ClientAttestationJwt> {
        Ok(self.sign()?.into())
    }
}
