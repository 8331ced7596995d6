//! Salesforce's limits on packages.

/// How much fits into one package, going out or coming in.
///
/// The default is what the Metadata API Developer Guide, "Metadata Limits", and the Salesforce
/// Developer Limits and Allocations Quick Reference, "Metadata Limits", state: 39 MB zipped (50 MB
/// as base64 in a SOAP message), 600 MB (629,145,600 bytes) unzipped, 10,000 files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most bytes of a zip.
    pub zip_bytes: u64,
    /// The most bytes of all files together.
    pub unzipped_bytes: u64,
    /// The most files, `package.xml` included.
    pub files: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            zip_bytes: 39 * 1024 * 1024,
            unzipped_bytes: 629_145_600,
            files: 10_000,
        }
    }
}

/// One of the [`Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::zip_bytes`].
    ZipBytes,
    /// [`Limits::unzipped_bytes`].
    UnzippedBytes,
    /// [`Limits::files`].
    Files,
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::ZipBytes => "bytes zipped",
            Self::UnzippedBytes => "bytes unzipped",
            Self::Files => "files",
        })
    }
}

/// A package that fills more than 80 % of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NearLimit {
    /// Which one.
    pub limit: Limit,
    /// What the package uses of it.
    pub used: u64,
    /// What there is.
    pub allowed: u64,
}

impl std::fmt::Display for NearLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the package uses {} of the {} {} allowed",
            self.used, self.allowed, self.limit
        )
    }
}

impl Limits {
    /// What is allowed of one kind.
    pub fn allowed(&self, limit: Limit) -> u64 {
        match limit {
            Limit::ZipBytes => self.zip_bytes,
            Limit::UnzippedBytes => self.unzipped_bytes,
            Limit::Files => self.files,
        }
    }

    /// `Err` past the limit, a warning past 80 % of it.
    pub(crate) fn check(&self, limit: Limit, used: u64) -> Result<Option<NearLimit>, NearLimit> {
        let allowed = self.allowed(limit);
        let state = NearLimit {
            limit,
            used,
            allowed,
        };
        if used > allowed {
            return Err(state);
        }
        Ok((u128::from(used) * 10 > u128::from(allowed) * 8).then_some(state))
    }
}
