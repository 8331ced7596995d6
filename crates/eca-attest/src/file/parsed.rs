//! The content of a key file.

use std::fmt;

use crate::file::detect::{Encoding, Format};
use crate::file::pem::PemError;
use crate::key::PrivateKey;
use crate::key::error::KeyError;

/// The private keys and certificates of a file; the certificates are not decoded yet.
pub(crate) struct ParsedKeyFile {
    pub(crate) format: Format,
    pub(crate) encoding: Encoding,
    pub(crate) keys: Vec<Entry>,
    pub(crate) certificates: Vec<Result<Vec<u8>, PemError>>,
}

impl ParsedKeyFile {
    /// A file without keys and certificates.
    pub(crate) fn new(format: Format, encoding: Encoding) -> ParsedKeyFile {
        ParsedKeyFile {
            format,
            encoding,
            keys: Vec::new(),
            certificates: Vec::new(),
        }
    }

    /// Adds a key. A damaged key is an error of the file; a key of an unsupported type is not.
    pub(crate) fn add_key(
        &mut self,
        alias: Option<String>,
        key: Result<PrivateKey, KeyError>,
    ) -> Result<(), KeyError> {
        let key = match key {
            Ok(_) | Err(KeyError::Algorithm { .. }) => key,
            Err(error) => return Err(error),
        };
        self.keys.push(Entry { alias, key });
        Ok(())
    }

    pub(crate) fn add_certificate(&mut self, der: &[u8]) {
        self.certificates.push(Ok(der.to_vec()));
    }

    /// The only key; see [`choose`].
    pub(crate) fn into_key(self) -> Result<PrivateKey, KeyError> {
        choose(self.keys, self.format, self.encoding, None)?.key
    }
}

impl fmt::Debug for ParsedKeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ParsedKeyFile([secret])")
    }
}

/// One private key of a file.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) alias: Option<String>,
    /// [`KeyError::Algorithm`] for a key of an unsupported type.
    pub(crate) key: Result<PrivateKey, KeyError>,
}

/// The only key, or the one named `alias`; see
/// [`Bundle::into_identity`](crate::file::bundle::Bundle::into_identity).
pub(crate) fn choose(
    keys: Vec<Entry>,
    format: Format,
    encoding: Encoding,
    alias: Option<&str>,
) -> Result<Entry, KeyError> {
    if keys.is_empty() {
        return Err(match format {
            Format::Pkcs12 | Format::Jks | Format::JwkSet => KeyError::NoKey { format },
            _ => KeyError::Unsupported { format, encoding },
        });
    }
    let known: Vec<String> = keys
        .iter()
        .filter_map(|entry| entry.alias.clone())
        .collect();
    let count = keys.len();
    // keytool writes names in lower case and ignores case in comparisons.
    let fits = |entry: &Entry| match (&entry.alias, alias) {
        (_, None) => true,
        (Some(has), Some(wanted)) => has.eq_ignore_ascii_case(wanted),
        (None, Some(_)) => false,
    };
    let mut fitting = keys.into_iter().filter(fits);
    match (fitting.next(), fitting.next(), alias) {
        (Some(entry), None, _) => Ok(entry),
        (None, _, Some(alias)) => Err(KeyError::NoSuchKey {
            alias: alias.to_owned(),
            known,
        }),
        _ => Err(KeyError::Several { count, known }),
    }
}
