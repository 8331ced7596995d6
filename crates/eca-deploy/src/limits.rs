//! Salesforce's limits on packages.

/// The limits of one package, deployed or retrieved.
///
/// The default is what the Metadata API Developer Guide, "Metadata Limits", and the Salesforce
/// Developer Limits and Allocations Quick Reference, "Metadata Limits", state: 39 MB zipped (50 MB
/// as base64 in a SOAP message), 600 MB (629,145,600 bytes) unzipped, 10,000 files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the zip.
    pub zip_bytes: u64,
    /// Bytes of all files together.
    pub unzipped_bytes: u64,
    /// Number of files, including `package.xml`.
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

/// A package that uses more than 80 % of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NearLimit {
    /// The limit.
    pub limit: Limit,
    /// How much the package uses.
    pub used: u64,
    /// How much is allowed.
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
    /// The value of one limit.
    pub fn allowed(&self, limit: Limit) -> u64 {
        match limit {
            Limit::ZipBytes => self.zip_bytes,
            Limit::UnzippedBytes => self.unzipped_bytes,
            Limit::Files => self.files,
        }
    }

    /// `Err` above the limit, a warning above 80 % of it.
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
