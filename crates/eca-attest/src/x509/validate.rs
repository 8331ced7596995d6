//! Checks certificates against the rules of Salesforce before a deploy.

use std::fmt;
use std::time::SystemTime;

use crate::jwt::date::rfc3339;
use crate::key::public_key::{KeyAlgorithm, PublicKey};
use crate::x509::certificate::{Certificate, SignatureAlgorithm};

/// Longest certificate that Salesforce accepts, in DER bytes: 4 KB (Salesforce Help, "OAuth 2.0 for
/// First-Party Applications: Generate a Client Attestation JWT"). That the limit applies to DER is
/// inferred: the page advises DER if a file is too large.
pub const MAX_CERTIFICATE_LEN: usize = 4096;

/// Smallest RSA key for RS256 (RFC 7518, section 3.3).
pub const MIN_RSA_BITS: u32 = 2048;

/// The severity of a [`CertificateIssue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Attestation works as far as is known, but the certificate needs attention.
    Warning,
    /// Attestation cannot work.
    Error,
}

/// A problem of a certificate for client attestation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateIssue {
    /// The key is not RSA. Client attestation requires RS256.
    NotRsa {
        /// The algorithm of the key.
        algorithm: KeyAlgorithm,
    },
    /// The RSA key has fewer bits than [`MIN_RSA_BITS`].
    RsaTooSmall {
        /// Size of the modulus in bits.
        bits: u32,
    },
    /// The certificate does not belong to the signing key.
    KeyMismatch,
    /// The DER is longer than [`MAX_CERTIFICATE_LEN`].
    TooLarge {
        /// Its length in bytes.
        len: usize,
    },
    /// Its validity has not started. Whether Salesforce checks this is not documented.
    NotYetValid {
        /// The start of the validity.
        from: SystemTime,
    },
    /// Its validity is over. Whether Salesforce checks this is not documented; according to user
    /// reports it does not.
    Expired {
        /// The end of the validity.
        until: SystemTime,
    },
    /// It is valid now, but not until the requested time.
    ExpiresSoon {
        /// The end of the validity.
        until: SystemTime,
    },
    /// It is signed with a broken digest (MD2, MD4, MD5 or SHA-1).
    WeakSignature {
        /// The algorithm.
        algorithm: SignatureAlgorithm,
    },
}

impl Certificate {
    /// Checks the certificate for client attestation at the time `now`, and that it is for `key` if
    /// one is given. An empty list means no problem.
    pub fn check(&self, key: Option<&PublicKey>, now: SystemTime) -> Vec<CertificateIssue> {
        let mut issues = Vec::new();
        match self.key_algorithm() {
            KeyAlgorithm::Rsa { bits } if *bits < MIN_RSA_BITS => {
                issues.push(CertificateIssue::RsaTooSmall { bits: *bits });
            }
            KeyAlgorithm::Rsa { .. } => {}
            other => issues.push(CertificateIssue::NotRsa {
                algorithm: other.clone(),
            }),
        }
        if key.is_some_and(|key| !self.matches(key)) {
            issues.push(CertificateIssue::KeyMismatch);
        }
        let len = self.der().len();
        if len > MAX_CERTIFICATE_LEN {
            issues.push(CertificateIssue::TooLarge { len });
        }
        if now < self.not_before() {
            issues.push(CertificateIssue::NotYetValid {
                from: self.not_before(),
            });
        }
        if now > self.not_after() {
            issues.push(CertificateIssue::Expired {
                until: self.not_after(),
            });
        }
        if self.signature_algorithm().is_weak() {
            issues.push(CertificateIssue::WeakSignature {
                algorithm: self.signature_algorithm().clone(),
            });
        }
        issues
    }

    /// [`check`](Certificate::check), and whether the certificate is still valid at the time
    /// `until`.
    pub fn check_until(
        &self,
        key: Option<&PublicKey>,
        now: SystemTime,
        until: SystemTime,
    ) -> Vec<CertificateIssue> {
        let mut issues = self.check(key, now);
        let end = self.not_after();
        if now <= end && end < until {
            issues.push(CertificateIssue::ExpiresSoon { until: end });
        }
        issues
    }
}

impl CertificateIssue {
    /// A stable name for machine-readable output.
    pub fn code(&self) -> &'static str {
        match self {
            CertificateIssue::NotRsa { .. } => "certificate-not-rsa",
            CertificateIssue::RsaTooSmall { .. } => "certificate-rsa-too-small",
            CertificateIssue::KeyMismatch => "certificate-key-mismatch",
            CertificateIssue::TooLarge { .. } => "certificate-too-large",
            CertificateIssue::NotYetValid { .. } => "certificate-not-yet-valid",
            CertificateIssue::Expired { .. } => "certificate-expired",
            CertificateIssue::ExpiresSoon { .. } => "certificate-expires-soon",
            CertificateIssue::WeakSignature { .. } => "certificate-weak-signature",
        }
    }

    /// The severity.
    pub fn severity(&self) -> Severity {
        match self {
            CertificateIssue::NotRsa { .. }
            | CertificateIssue::RsaTooSmall { .. }
            | CertificateIssue::KeyMismatch
            | CertificateIssue::TooLarge { .. } => Severity::Error,
            CertificateIssue::NotYetValid { .. }
            | CertificateIssue::Expired { .. }
            | CertificateIssue::ExpiresSoon { .. }
            | CertificateIssue::WeakSignature { .. } => Severity::Warning,
        }
    }
}

impl fmt::Display for CertificateIssue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CertificateIssue::NotRsa { algorithm } => write!(
                f,
                "the certificate is for a key of type {algorithm}, attestation needs RSA"
            ),
            CertificateIssue::RsaTooSmall { bits } => write!(
                f,
                "the certificate's RSA key has {bits} bits, at least {MIN_RSA_BITS} are needed"
            ),
            CertificateIssue::KeyMismatch => {
                f.write_str("the certificate does not belong to the private key")
            }
            CertificateIssue::TooLarge { len } => write!(
                f,
                "the certificate is {len} bytes long, Salesforce accepts at most {MAX_CERTIFICATE_LEN}"
            ),
            CertificateIssue::NotYetValid { from } => {
                write!(f, "the certificate is not valid before {}", rfc3339(*from))
            }
            CertificateIssue::Expired { until } => {
                write!(f, "the certificate expired at {}", rfc3339(*until))
            }
            CertificateIssue::ExpiresSoon { until } => {
                write!(f, "the certificate expires at {}", rfc3339(*until))
            }
            CertificateIssue::WeakSignature { algorithm } => {
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
