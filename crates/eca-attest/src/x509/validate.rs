//! What Salesforce would refuse, or regret, about a certificate: known before it is deployed.

use std::fmt;
use std::time::SystemTime;

use crate::jwt::date::rfc3339;
use crate::key::public_key::{KeyAlgorithm, PublicKey};
use crate::x509::certificate::{Certificate, SignatureAlgorithm};

/// Longest certificate that Salesforce takes, in DER bytes: 4 KB (Salesforce Help, "OAuth 2.0 for
/// First-Party Applications: Generate a Client Attestation JWT"). The page advises DER where a
/// file is too large, so that it is the DER which counts is inferred.
pub const MAX_CERTIFICATE_LEN: usize = 4096;

/// Smallest RSA key for RS256 (RFC 7518, section 3.3).
pub const MIN_RSA_BITS: u32 = 2048;

/// How bad a [`Concern`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Works today as far as is known, but should be looked at.
    Warning,
    /// Attestation cannot work.
    Error,
}

/// One thing that is wrong with a certificate for client attestation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Concern {
    /// The key is not RSA, and attestation is signed with RS256 only.
    NotRsa {
        /// What it is instead.
        algorithm: KeyAlgorithm,
    },
    /// The RSA key has less than [`MIN_RSA_BITS`].
    RsaTooSmall {
        /// Size of the modulus in bits.
        bits: u32,
    },
    /// The certificate is for another key than the one that will sign.
    KeyMismatch,
    /// The DER is longer than [`MAX_CERTIFICATE_LEN`].
    TooLarge {
        /// Its length in bytes.
        len: usize,
    },
    /// Its validity has not begun. Whether Salesforce checks this is not documented.
    NotYetValid {
        /// When it begins.
        from: SystemTime,
    },
    /// Its validity is over. Whether Salesforce checks this is not documented; reports say that
    /// it does not, which is no reason to rely on it.
    Expired {
        /// When it ended.
        until: SystemTime,
    },
    /// It is valid now, but not as long as was asked for.
    ExpiresSoon {
        /// When it ends.
        until: SystemTime,
    },
    /// It is signed with a broken digest.
    WeakSignature {
        /// The algorithm.
        algorithm: SignatureAlgorithm,
    },
}

/// Checks a certificate for use in client attestation at the time `now`, and against the key that
/// will sign if there is one. An empty list means that nothing is wrong.
pub fn preflight(
    certificate: &Certificate,
    key: Option<&PublicKey>,
    now: SystemTime,
) -> Vec<Concern> {
    let mut concerns = Vec::new();
    match certificate.key_algorithm() {
        KeyAlgorithm::Rsa { bits } if *bits < MIN_RSA_BITS => {
            concerns.push(Concern::RsaTooSmall { bits: *bits });
        }
        KeyAlgorithm::Rsa { .. } => {}
        other => concerns.push(Concern::NotRsa {
            algorithm: other.clone(),
        }),
    }
    if key.is_some_and(|key| !certificate.matches(key)) {
        concerns.push(Concern::KeyMismatch);
    }
    let len = certificate.der().len();
    if len > MAX_CERTIFICATE_LEN {
        concerns.push(Concern::TooLarge { len });
    }
    if now < certificate.not_before() {
        concerns.push(Concern::NotYetValid {
            from: certificate.not_before(),
        });
    }
    if now > certificate.not_after() {
        concerns.push(Concern::Expired {
            until: certificate.not_after(),
        });
    }
    if certificate.signature_algorithm().is_weak() {
        concerns.push(Concern::WeakSignature {
            algorithm: certificate.signature_algorithm().clone(),
        });
    }
    concerns
}

/// [`preflight`], and whether the certificate stays valid until that time.
pub fn preflight_until(
    certificate: &Certificate,
    key: Option<&PublicKey>,
    now: SystemTime,
    until: SystemTime,
) -> Vec<Concern> {
    let mut concerns = preflight(certificate, key, now);
    let end = certificate.not_after();
    if now <= end && end < until {
        concerns.push(Concern::ExpiresSoon { until: end });
    }
    concerns
}

impl Concern {
    /// A stable name for rules and machine-readable output.
    pub fn code(&self) -> &'static str {
        match self {
            Concern::NotRsa { .. } => "certificate-not-rsa",
            Concern::RsaTooSmall { .. } => "certificate-rsa-too-small",
            Concern::KeyMismatch => "certificate-key-mismatch",
            Concern::TooLarge { .. } => "certificate-too-large",
            Concern::NotYetValid { .. } => "certificate-not-yet-valid",
            Concern::Expired { .. } => "certificate-expired",
            Concern::ExpiresSoon { .. } => "certificate-expires-soon",
            Concern::WeakSignature { .. } => "certificate-weak-signature",
        }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Concern::NotRsa { .. }
            | Concern::RsaTooSmall { .. }
            | Concern::KeyMismatch
            | Concern::TooLarge { .. } => Severity::Error,
            Concern::NotYetValid { .. }
            | Concern::Expired { .. }
            | Concern::ExpiresSoon { .. }
            | Concern::WeakSignature { .. } => Severity::Warning,
        }
    }
}

impl fmt::Display for Concern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Concern::NotRsa { algorithm } => write!(
                f,
                "the certificate is for a key of type {algorithm}, attestation needs RSA"
            ),
            Concern::RsaTooSmall { bits } => write!(
                f,
                "the certificate's RSA key has {bits} bits, at least {MIN_RSA_BITS} are needed"
            ),
            Concern::KeyMismatch => {
                f.write_str("the certificate does not belong to the private key")
            }
            Concern::TooLarge { len } => write!(
                f,
                "the certificate is {len} bytes long, Salesforce takes {MAX_CERTIFICATE_LEN}"
            ),
            Concern::NotYetValid { from } => {
                write!(f, "the certificate is not valid before {}", rfc3339(*from))
            }
            Concern::Expired { until } => {
                write!(f, "the certificate expired at {}", rfc3339(*until))
            }
            Concern::ExpiresSoon { until } => {
                write!(f, "the certificate expires at {}", rfc3339(*until))
            }
            Concern::WeakSignature { algorithm } => {
                write!(f, "the certificate is signed with the broken {algorithm}")
            }
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}
