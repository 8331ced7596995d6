//! HTTPS for the org: with a generated certificate, or one from files.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eca_attest::Certificate;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// The validity of an authority: two years, since an org in a folder is used for a long time.
const AUTHORITY_TIME: Duration = Duration::from_hours(2 * 365 * 24);
/// A stored authority with less time left is replaced at the next start.
const RENEWAL_TIME: Duration = Duration::from_hours(30 * 24);
/// The validity of a server certificate, but not longer than that of its authority. It is generated
/// at each start; some clients refuse more than 825 days.
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
    /// The only names that it can certify. Those of older versions had no constraints.
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    #[zeroize(skip)]
    expires: Option<SystemTime>,
}

impl Authority {
    /// An authority for these names and no others.
    pub(crate) fn generate(names: Vec<String>, now: SystemTime) -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate()?;
        let expires = now + AUTHORITY_TIME;
        let certificate = authority_params(&names, now, expires).self_signed(&key)?;
        Ok(Self {
            certificate: certificate.der().to_vec(),
            key: key.serialize_der(),
            names,
            expires: Some(expires),
        })
    }

    /// Whether it can certify these names for a while.
    fn certifies(&self, names: &[String], now: SystemTime) -> bool {
        self.expires
            .is_some_and(|expires| now + RENEWAL_TIME < expires)
            && names.iter().all(|name| self.names.contains(name))
    }

    /// The certificate as PEM, for clients.
    pub(crate) fn pem(&self) -> Option<String> {
        Certificate::read(&self.certificate)
            .ok()
            .map(|certificate| certificate.to_pem())
    }

    /// A certificate for these names, and its key as PKCS #8.
    fn certify(
        &self,
        names: &[String],
        now: SystemTime,
    ) -> Result<(CertificateDer<'static>, Vec<u8>), rcgen::Error> {
        let end = self.expires.unwrap_or(now);
        // Only the name and key of an issuer are used, which are those of its certificate.
        let issuer = Issuer::new(
            authority_params(&self.names, now, end),
            KeyPair::try_from(self.key.as_slice())?,
        );
        // No host name: clients would compare it with the constraints of the authority.
        let mut params = params("eca emulate", now, end.min(now + SERVER_TIME));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        for name in names {
            params.subject_alt_names.push(match name.parse::<IpAddr>() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName(name.as_str().try_into()?),
            });
        }
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &issuer)?;
        Ok((certificate.der().clone(), key.serialize_der()))
    }
}

/// The names and addresses of an org with this host.
fn names(host: &str) -> Vec<String> {
    let mut names = vec![host.to_owned()];
    for name in ["localhost", "127.0.0.1", "::1"] {
        if name != host {
            names.push(name.to_owned());
        }
    }
    names
}

/// An authority that clients can trust without risk: its name constraints (RFC 5280 section
/// 4.2.1.10) exclude all other names.
fn authority_params(names: &[String], now: SystemTime, end: SystemTime) -> CertificateParams {
    let mut params = params("eca emulate authority", now, end);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let permitted = names.iter().map(|name| match name.parse::<IpAddr>() {
        Ok(address) => {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, bits))
        }
        Err(_) => GeneralSubtree::DnsName(name.clone()),
    });
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: permitted.collect(),
        excluded_subtrees: Vec::new(),
    });
    params
}

fn params(name: &str, now: SystemTime, end: SystemTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = (now - EARLIER).into();
    params.not_after = end.into();
    params
}

/// The TLS acceptor for this host, and the authority behind it if the org generated one. A stored
/// one is used again, unless it expires soon or cannot certify this host.
pub(crate) fn acceptor(
    tls: &Tls,
    host: &str,
    authority: Option<Authority>,
    now: SystemTime,
) -> Result<(TlsAcceptor, Option<Authority>), TlsError> {
    let (config, authority) = match tls {
        Tls::OwnAuthority => {
            let names = names(host);
            let failed = |source| TlsError::Make {
                name: host.to_owned(),
                source,
            };
            let authority = match authority.filter(|stored| stored.certifies(&names, now)) {
                Some(stored) => stored,
                None => Authority::generate(names.clone(), now).map_err(failed)?,
            };
            let (certificate, key) = authority.certify(&names, now).map_err(failed)?;
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key));
            (configure(vec![certificate], key)?, Some(authority))
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::Command;

    use super::*;

    fn pem(der: &[u8]) -> String {
        Certificate::read(der).unwrap().to_pem()
    }

    /// The output of openssl; `None` where it is not installed.
    fn openssl(arguments: &[&str]) -> Option<String> {
        let Ok(output) = Command::new("openssl").args(arguments).output() else {
            let line = b"SKIPPED launch::tls: openssl is not installed\n";
            std::io::stderr().write_all(line).unwrap();
            let required = std::env::var_os("ECA_REQUIRE_ORACLES").is_some();
            assert!(!required, "openssl is required");
            return None;
        };
        let all = [output.stdout, output.stderr].concat();
        Some(String::from_utf8(all).unwrap())
    }

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn openssl_accepts_the_own_names_only() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let authority = Authority::generate(names("org.example.com"), now).unwrap();
        let (root, leaf) = (folder.path().join("ca.pem"), folder.path().join("leaf.pem"));
        fs::write(&root, authority.pem().unwrap()).unwrap();
        let (root, leaf) = (root.to_str().unwrap(), leaf.to_str().unwrap());
        for (names, is_own) in [
            (names("org.example.com"), true),
            (strings(&["localhost"]), true),
            (strings(&["127.0.0.1"]), true),
            (strings(&["::1"]), true),
            (strings(&["login.salesforce.com"]), false),
            (strings(&["example.com"]), false),
            (strings(&["org.example.com", "evil.example"]), false),
            (strings(&["198.51.100.1"]), false),
            (strings(&["127.0.0.2"]), false),
            (strings(&["2001:db8::1"]), false),
        ] {
            let (certificate, _) = authority.certify(&names, now).unwrap();
            fs::write(leaf, pem(&certificate)).unwrap();
            let Some(verdict) = openssl(&["verify", "-CAfile", root, leaf]) else {
                return;
            };
            let expected = if is_own {
                ": OK"
            } else {
                "permitted subtree violation"
            };
            assert!(verdict.contains(expected), "{names:?}: {verdict}");
        }
        let text = openssl(&["x509", "-in", root, "-noout", "-text"]).unwrap();
        assert!(text.contains("X509v3 Name Constraints: critical"), "{text}");
        for (file, days, still) in [
            (root, 729, true),
            (root, 731, false),
            (leaf, 364, true),
            (leaf, 366, false),
        ] {
            let seconds = (days * 24 * 60 * 60).to_string();
            let end = openssl(&["x509", "-in", file, "-noout", "-checkend", &seconds]).unwrap();
            assert_eq!(
                end.contains("will not expire"),
                still,
                "{file} {days}: {end}"
            );
        }
    }

    #[test]
    fn a_stored_authority_is_replaced_when_it_does_not_serve() {
        let day = Duration::from_hours(24);
        let now = SystemTime::now();
        let stored = Authority::generate(names("org.example.com"), now).unwrap();
        for (host, days, serves) in [
            ("org.example.com", 0, true),
            ("127.0.0.1", 0, true),
            ("org.example.com", 699, true),
            ("org.example.com", 701, false),
            ("other.example.com", 0, false),
        ] {
            let later = now + days * day;
            assert_eq!(
                stored.certifies(&names(host), later),
                serves,
                "{host} {days}"
            );
        }
        // The end of the authority is the end of its certificates.
        let (certificate, _) = stored
            .certify(&names("localhost"), now + 600 * day)
            .unwrap();
        let end = Certificate::read(&certificate).unwrap().not_after();
        assert!(end <= now + AUTHORITY_TIME);
        // Authorities of older versions had no constraints.
        let old = serde_json::json!({"certificate": stored.certificate, "key": stored.key});
        let old: Authority = serde_json::from_value(old).unwrap();
        assert!(!old.certifies(&names("localhost"), now));
    }
}
