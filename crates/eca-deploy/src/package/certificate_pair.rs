//! Certificates, which have two files.

use bytes::Bytes;
use eca_model::{Document, SyntaxError};

/// A certificate of a package: `certs/NAME.crt` and `certs/NAME.crt-meta.xml` (Metadata API
/// Developer Guide, "Certificate"). Its content is not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificatePair {
    pub(super) name: String,
    pub(super) local_path: String,
    pub(super) content: Bytes,
    pub(super) meta: Bytes,
}

/// Why two files are not a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificatePairError {
    /// The path does not end in `NAME.crt`.
    #[error("{path} is not named NAME.crt")]
    Name {
        /// The refused path.
        path: String,
    },
    /// The certificate file is empty.
    #[error("{path} is empty")]
    Empty {
        /// The file.
        path: String,
    },
    /// The metadata file cannot be parsed.
    #[error("{path}-meta.xml:{}", .source.position())]
    Meta {
        /// The file of the certificate.
        path: String,
        /// Why.
        #[source]
        source: SyntaxError,
    },
    /// The metadata file is of another type.
    #[error("{path}-meta.xml has the root {found}, not Certificate")]
    Root {
        /// The file of the certificate.
        path: String,
        /// The root element of the metadata file.
        found: String,
    },
}

impl CertificatePair {
    /// The certificate whose `.crt` is at `local_path`.
    ///
    /// # Errors
    /// See [`CertificatePairError`].
    pub fn new(
        local_path: &str,
        content: impl Into<Bytes>,
        meta: impl Into<Bytes>,
    ) -> Result<Self, CertificatePairError> {
        let path = || local_path.to_owned();
        let file = local_path.rsplit('/').next().unwrap_or(local_path);
        let name = match file.strip_suffix(".crt") {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => return Err(CertificatePairError::Name { path: path() }),
        };
        let (content, meta) = (content.into(), meta.into());
        if content.is_empty() {
            return Err(CertificatePairError::Empty { path: path() });
        }
        let document =
            Document::from_bytes(meta.to_vec()).map_err(|source| CertificatePairError::Meta {
                path: path(),
                source,
            })?;
        let found = document.root().name();
        if found != "Certificate" {
            return Err(CertificatePairError::Root {
                path: path(),
                found: found.to_owned(),
            });
        }
        Ok(Self {
            name,
            local_path: path(),
            content,
            meta,
        })
    }

    /// The name in the org.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The two files in a package, by path.
    pub(super) fn files(&self) -> [(String, &Bytes); 2] {
        [
            (format!("certs/{}.crt", self.name), &self.content),
            (format!("certs/{}.crt-meta.xml", self.name), &self.meta),
        ]
    }
}
