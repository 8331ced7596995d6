//! Errors of reading certificates.

use std::error::Error;

use crate::file::detect::{Encoding, Format, MAX_INPUT_LEN};
use crate::file::pem::PemError;
use crate::key::public_key::PublicKeyError;

/// A certificate cannot be read. [`CertificateError::hint`] has the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Empty, or only white space.
    #[error("the certificate is empty")]
    Empty,
    /// More than [`MAX_INPUT_LEN`] bytes.
    #[error("the certificate input of {len} bytes is longer than {MAX_INPUT_LEN}")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// A known format, but not a certificate.
    #[error("the certificate input is not a certificate but another format: {format}")]
    Unsupported {
        /// The format of the input.
        format: Format,
        /// The encoding of the input.
        encoding: Encoding,
    },
    /// Neither PEM nor DER nor base64.
    #[error("the certificate is neither PEM nor DER nor base64")]
    Unrecognised,
    /// The PEM around the certificate is broken.
    #[error("the certificate is damaged PEM")]
    Pem(#[source] PemError),
    /// The X.509 structure is broken.
    #[error("the certificate is damaged")]
    Malformed(#[source] Box<dyn Error + Send + Sync>),
    /// Bytes follow after the end of the certificate.
    #[error("{len} bytes follow after the end of the certificate")]
    TrailingData {
        /// The number of bytes.
        len: usize,
    },
    /// The public key inside is broken.
    #[error("the certificate's public key cannot be read")]
    PublicKey(#[source] PublicKeyError),
}

impl CertificateError {
    /// The next step, with the exact command where one helps. `FILE` stands for the input.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            CertificateError::Unsupported { format, encoding } => {
                format.certificate_hint(*encoding)
            }
            CertificateError::TooLong { .. } => {
                Some("give a file that contains only the certificate: PEM, DER or its base64 body")
            }
            CertificateError::Empty
            | CertificateError::Unrecognised
            | CertificateError::Pem(_)
            | CertificateError::Malformed(_)
            | CertificateError::TrailingData { .. }
            | CertificateError::PublicKey(_) => Some(
                "export the certificate again, as PEM or DER, and check it: \
                 openssl x509 -in FILE -noout -subject",
            ),
        }
    }
}
