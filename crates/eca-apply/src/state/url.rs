//! Where state is: the URL of a folder or a bucket.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use url::Url;

/// Where state is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateUrl {
    /// `file:PATH`: a folder. A relative path is relative to a folder that the caller knows.
    Folder(PathBuf),
    /// `s3://…`, `az://…` or `gs://…`.
    Bucket(Bucket),
}

/// A bucket of an object storage, and the start of the keys in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bucket {
    /// Whose it is.
    pub provider: Provider,
    /// The bucket, or the container.
    pub name: String,
    /// What all keys begin with; may be empty. Without a slash at its ends.
    pub prefix: String,
}

/// A kind of object storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provider {
    /// Amazon S3, and what speaks its protocol.
    S3,
    /// Azure Blob Storage.
    Azure,
    /// Google Cloud Storage. Not tried against the real one.
    Google,
}

/// A text that is not the URL of a state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidStateUrl {
    /// None of the known schemes.
    #[error(
        "it is none of file:PATH, s3://BUCKET/PREFIX, az://CONTAINER/PREFIX and gs://BUCKET/PREFIX"
    )]
    Scheme,
    /// It has a user name, a password, a query or a fragment.
    #[error(
        "credentials and options are not part of the url; they come from environment variables"
    )]
    Credentials,
    /// No name of a bucket, or one with a port.
    #[error("it names no bucket: {0}://BUCKET/PREFIX")]
    Bucket(&'static str),
    /// No path.
    #[error("it names no folder: file:PATH")]
    Folder,
}

impl Provider {
    fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Azure => "az",
            Self::Google => "gs",
        }
    }
}

impl FromStr for StateUrl {
    type Err = InvalidStateUrl;

    fn from_str(text: &str) -> Result<Self, InvalidStateUrl> {
        if let Some(path) = text.strip_prefix("file:") {
            // `file:///a` and `file:/a` are the same folder.
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(InvalidStateUrl::Folder);
            }
            return Ok(Self::Folder(path.into()));
        }
        let url = Url::parse(text).map_err(|_| InvalidStateUrl::Scheme)?;
        let provider = match url.scheme() {
            "s3" => Provider::S3,
            "az" => Provider::Azure,
            "gs" => Provider::Google,
            _ => return Err(InvalidStateUrl::Scheme),
        };
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        if has_credentials || url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidStateUrl::Credentials);
        }
        let name = url.host_str().filter(|_| url.port().is_none());
        let name = name.ok_or(InvalidStateUrl::Bucket(provider.scheme()))?;
        let parts = url.path().split('/').filter(|part| !part.is_empty());
        Ok(Self::Bucket(Bucket {
            provider,
            name: name.to_owned(),
            prefix: parts.collect::<Vec<_>>().join("/"),
        }))
    }
}

impl StateUrl {
    /// The same with a relative path below this folder.
    #[must_use]
    pub fn relative_to(self, folder: &Path) -> Self {
        match self {
            Self::Folder(path) => Self::Folder(folder.join(path)),
            bucket @ Self::Bucket(_) => bucket,
        }
    }

    /// Whether other machines can have the same state.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Bucket(_))
    }
}

impl fmt::Display for StateUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "file:{}", path.display()),
            Self::Bucket(bucket) => write!(f, "{bucket}"),
        }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.provider.scheme(), self.name)?;
        if self.prefix.is_empty() {
            return Ok(());
        }
        write!(f, "/{}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for (text, expected) in [
            ("file:state", Ok("file:state")),
            ("file:/var/eca", Ok("file:/var/eca")),
            ("file:///var/eca", Ok("file:/var/eca")),
            ("s3://acme-state", Ok("s3://acme-state")),
            ("s3://acme-state//eca/prod/", Ok("s3://acme-state/eca/prod")),
            ("az://state/eca", Ok("az://state/eca")),
            ("gs://state", Ok("gs://state")),
            ("file:", Err(InvalidStateUrl::Folder)),
            ("s3:///eca", Err(InvalidStateUrl::Bucket("s3"))),
            ("s3://acme:443/eca", Err(InvalidStateUrl::Bucket("s3"))),
            (
                "s3://AKIA:secret@acme/eca",
                Err(InvalidStateUrl::Credentials),
            ),
            (
                "az://state/eca?sig=secret",
                Err(InvalidStateUrl::Credentials),
            ),
            ("s3://acme/eca#x", Err(InvalidStateUrl::Credentials)),
            (
                "https://acme.s3.amazonaws.com",
                Err(InvalidStateUrl::Scheme),
            ),
            ("state", Err(InvalidStateUrl::Scheme)),
            ("", Err(InvalidStateUrl::Scheme)),
        ] {
            let found = text.parse::<StateUrl>().map(|url| url.to_string());
            assert_eq!(found, expected.map(str::to_owned), "{text}");
        }
        let url: StateUrl = "file:state".parse().unwrap();
        let url = url.relative_to(Path::new("/repo"));
        assert_eq!(url.to_string(), "file:/repo/state");
    }
}
