//! HTTPS for the org: with a generated certificate, or one from files.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eca_attest::Certificate;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// The validity of an authority: an org in a folder is used for a long time.
const AUTHORITY_TIME: Duration = Duration::from_hours(10 * 365 * 24);
/// The validity of a server certificate. It is generated at each start; some clients refuse more
/// than 825 days.
const SERVER_TIME: Duration = Duration::from_hours(365 * 24);
/// Allows for clients whose clocks are behind.
const EARLIER: Duration = Duration::from_hours(24);

/// The source of an org's TLS certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tls {
    /// An authority that the org generates and clients must trust:
    /// [`Org::ca_certificate`](crate::org::Org::ca_certificate). An org in a folder keeps it.
    OwnAuthority,
    /// PEM files.
    Files {
        /// The certificate, followed by those between it and the root.
        certificate: PathBuf,
        /// Its private key: PKCS #8, PKCS #1 or SEC 1, not encrypted.
        key: PathBuf,
    },
}

/// Why TLS is not available.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// A file has no certificate.
    #[error("there is no certificate in {}", .path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// Certificate and key cannot be used.
    #[error("the certificate and its key cannot be used for TLS")]
    Unusable(#[source] rustls::Error),
    /// A certificate cannot be generated.
    #[error("cannot generate a certificate for {name}")]
    Make {
        /// The host name or address.
        name: String,
        /// The cause.
        #[source]
        source: rcgen::Error,
    },
}

/// A stored authority: certificate and PKCS #8 key.
#[derive(Clone, Serialize, Deserialize, ZeroizeOnDrop)]
pub(crate) struct Authority {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Authority {
    pub(crate) fn generate(now: SystemTime) -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let certificate = authority_params(now).self_signed(&key)?;
        Ok(Self {
            certificate: certificate.der().to_vec(),
            key: key.serialize_der(),
        })
    }

    /// The certificate as PEM, for clients.
    pub(crate) fn pem(&self) -> Option<String> {
        Certificate::read(&self.certificate)
            .ok()
            .map(|certificate| certificate.to_pem())
    }

    fn server(&self, host: &str, now: SystemTime) -> Result<ServerConfig, TlsError> {
        let make = || -> Result<_, rcgen::Error> {
            // Only the name and key of an issuer are used, which are those of its certificate.
            let issuer = Issuer::new(
                authority_params(now),
                KeyPair::try_from(self.key.as_slice())?,
            );
            let mut params = params(host, now, SERVER_TIME);
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            for name in [host, "localhost", "127.0.0.1", "::1"] {
                let name = match name.parse::<IpAddr>() {
                    Ok(address) => SanType::IpAddress(address),
                    Err(_) => SanType::DnsName(name.try_into()?),
                };
                if !params.subject_alt_names.contains(&name) {
                    params.subject_alt_names.push(name);
                }
            }
            params.use_authority_key_identifier_extension = true;
            let key = KeyPair::generate()?;
            let certificate = params.signed_by(&key, &issuer)?;
            Ok((certificate.der().clone(), key.serialize_der()))
        };
        let (certificate, key) = make().map_err(|source| TlsError::Make {
            name: host.to_owned(),
            source,
        })?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key));
        configure(vec![certificate], key)
    }
}

fn authority_params(now: SystemTime) -> CertificateParams {
    let mut params = params("eca emulate authority", now, AUTHORITY_TIME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn params(name: &str, now: SystemTime, lifetime: Duration) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = (now - EARLIER).into();
    params.not_after = (now + lifetime).into();
    params
}

/// The TLS acceptor for this host, and the authority behind it if the org generated one; a stored
/// one is reused.
pub(crate) fn acceptor(
    tls: &Tls,
    host: &str,
    authority: Option<Authority>,
    now: SystemTime,
) -> Result<(TlsAcceptor, Option<Authority>), TlsError> {
    let (config, authority) = match tls {
        Tls::OwnAuthority => {
            let authority = match authority {
                Some(authority) => authority,
                None => Authority::generate(now).map_err(|source| TlsError::Make {
                    name: host.to_owned(),
                    source,
                })?,
            };
            (authority.server(host, now)?, Some(authority))
        }
        Tls::Files { certificate, key } => (from_files(certificate, key)?, authority),
    };
    Ok((TlsAcceptor::from(Arc::new(config)), authority))
}

fn from_files(certificate: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| TlsError::File { path, source }
    };
    let read = |path: &Path| {
        fs::read(path)
            .map(Zeroizing::new)
            .map_err(rustls::pki_types::pem::Error::Io)
            .map_err(failed(path))
    };
    let chain = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed(certificate))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate {
            path: certificate.to_owned(),
        });
    }
    let key = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(failed(key))?;
    configure(chain, key)
}

/// TLS 1.2 and 1.3, HTTP/1.1 only.
fn configure(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
