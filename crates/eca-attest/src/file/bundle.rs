//! Files with keys and certificates.

use crate::file;
use crate::file::detect::{Encoding, Format};
use crate::file::parsed;
use crate::file::parsed::Entry;
use crate::file::password::{Password, PasswordFor};
use crate::key::PrivateKey;
use crate::key::error::KeyError;
use crate::x509::certificate::Certificate;
use crate::x509::error::CertificateError;

/// The private keys and certificates of one file: PEM with several blocks in any order, PKCS#12,
/// JKS, a JSON Web Key Set, or a single key or certificate in any form that [`PrivateKey::read`] or
/// [`Certificate::read`] accepts.
///
/// ```
/// use eca_attest::Bundle;
///
/// # let key = include_str!("../../tests/data/test-only-rsa-2048.pem");
/// # let certificate = include_str!("../../tests/data/test-only-rsa-2048.cert.pem");
/// let file = [certificate, key].concat();
/// let identity = Bundle::read(file.as_bytes(), &mut |_| None)?.into_identity(None)?;
/// assert!(identity.certificate().is_some_and(|leaf| leaf.matches(identity.key().public_key())));
/// # Ok::<(), eca_attest::KeyError>(())
/// ```
#[derive(Debug)]
pub struct Bundle {
    format: Format,
    encoding: Encoding,
    keys: Vec<Entry>,
    certificates: Vec<Certificate>,
}

/// A private key and its certificate chain.
#[derive(Debug)]
pub struct Identity {
    alias: Option<String>,
    key: PrivateKey,
    chain: Vec<Certificate>,
}

impl Bundle {
    /// Reads all keys and certificates of a file, detecting the format by content. `passwords` is
    /// called only if something is encrypted: once for the file, and once for each entry that the
    /// file's password does not open.
    ///
    /// # Errors
    /// If the file or one of its keys or certificates cannot be read; see [`KeyError`].
    pub fn read(
        bytes: &[u8],
        passwords: &mut dyn FnMut(PasswordFor<'_>) -> Option<Password>,
    ) -> Result<Bundle, KeyError> {
        let parsed = file::parse(bytes, passwords)?;
        let mut certificates: Vec<Certificate> = Vec::new();
        for certificate in parsed.certificates {
            let read = certificate
                .map_err(CertificateError::Pem)
                .and_then(|der| Certificate::from_der(&der));
            let certificate = read.map_err(KeyError::Certificate)?;
            // Key stores repeat the chain for each key.
            if !certificates.contains(&certificate) {
                certificates.push(certificate);
            }
        }
        Ok(Bundle {
            format: parsed.format,
            encoding: parsed.encoding,
            keys: parsed.keys,
            certificates,
        })
    }

    /// The names of the private keys that have one: the alias in a key store, the `kid` of a JSON
    /// Web Key.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|entry| entry.alias.as_deref())
    }

    /// The number of private keys, including those of unsupported types.
    pub fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// All certificates, in the order of the file.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The only private key, or the one named `alias`, with its certificates.
    ///
    /// # Errors
    /// [`KeyError::Several`] if there are several and `alias` is `None`, [`KeyError::NoSuchKey`] if
    /// none has that name, [`KeyError::NoKey`] or [`KeyError::Unsupported`] if there is none,
    /// [`KeyError::Algorithm`] if its type is not supported.
    pub fn into_identity(self, alias: Option<&str>) -> Result<Identity, KeyError> {
        let Bundle {
            format,
            encoding,
            keys,
            certificates,
        } = self;
        let Entry { alias, key } = parsed::choose(keys, format, encoding, alias)?;
        let key = key?;
        let chain = chain(&key, certificates);
        Ok(Identity { alias, key, chain })
    }
}

impl Identity {
    /// The name of the entry in a key store, or the `kid` of a JSON Web Key.
    pub fn alias(&self) -> Option<&str> {
        self.alias.as_deref()
    }

    /// The private key.
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The certificate for the key, if the file has one.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.chain.first()
    }

    /// The certificate for the key, then its issuers, as far as the file has them.
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// The private key and its certificate chain.
    pub fn into_parts(self) -> (PrivateKey, Vec<Certificate>) {
        (self.key, self.chain)
    }
}

/// The certificate for the key, then its issuers, found by name.
fn chain(key: &PrivateKey, mut certificates: Vec<Certificate>) -> Vec<Certificate> {
    let mut chain: Vec<Certificate> = Vec::new();
    let mut next = certificates
        .iter()
        .position(|certificate| certificate.matches(key.public_key()));
    while let Some(at) = next {
        let certificate = certificates.remove(at);
        next = if certificate.is_self_issued() {
            None
        } else {
            let issuer = certificate.issuer();
            certificates
                .iter()
                .position(|other| other.subject() == issuer)
        };
        chain.push(certificate);
    }
    chain
}
