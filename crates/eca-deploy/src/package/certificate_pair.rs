//! Certificates, which are two files each.

use bytes::Bytes;
use eca_model::{Document, SyntaxError};

/// A certificate of a package: `certs/NAME.crt` and `certs/NAME.crt-meta.xml`, by the layout that
/// the Metadata API Developer Guide, "Certificate", gives. What is in the certificate is not looked
/// at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificatePair {
    pub(super) name: String,
    pub(super) local_path: String,
    pub(super) content: Bytes,
    pub(super) meta: Bytes,
}

/// Two files that are no certificate of a package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificatePairError {
    /// The path does not end in `NAME.crt`.
    #[error("{path} is not named NAME.crt")]
    Name {
        /// The refused path.
        path: String,
    },
    /// No certificate in the file.
    #[error("{path} is empty")]
    Empty {
        /// The file.
        path: String,
    },
    /// The other file cannot be read.
    #[error("{path}-meta.xml:{}", .source.position())]
    Meta {
        /// The file of the certificate.
        path: String,
        /// Why.
        #[source]
        source: SyntaxError,
    },
    /// The other file is about something else.
    #[error("{path}-meta.xml holds a {found}, not a Certificate")]
    Root {
        /// The file of the certificate.
        path: String,
        /// Its root element.
        found: String,
    },
}

impl CertificatePair {
    /// The pair at `local_path`, which is that of the `.crt`.
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

    /// The certificate's name.
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
