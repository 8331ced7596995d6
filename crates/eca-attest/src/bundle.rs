//! Files that hold keys together with certificates, and plain key files as the simplest of them.

use std::fmt;

use crate::asn1::{Der, DerError};
use crate::certificate::{Certificate, CertificateError};
use crate::decrypt::{Budget, DecryptError, decrypt, with_end};
use crate::format::{Encoding, Format};
use crate::key::{MAX_INPUT_LEN, PrivateKey};
use crate::key_error::KeyError;
use crate::password::{Password, PasswordFor};
use crate::pem::{self, PemError};
use crate::{jks, jwk, pkcs12};

/// Answers for passwords; `None` is "there is none".
pub(crate) type PasswordSource<'a> = dyn FnMut(PasswordFor<'_>) -> Option<Password> + 'a;

/// The private keys and certificates of one file: PEM with several blocks in any order, PKCS#12,
/// JKS, a JSON Web Key Set, or a single key or certificate in any form that [`PrivateKey::read`] or
/// [`Certificate::read`] takes.
///
/// ```
/// use eca_attest::Bundle;
///
/// # let key = include_str!("../tests/data/test-only-rsa-2048.pem");
/// # let certificate = include_str!("../tests/data/test-only-rsa-2048.cert.pem");
/// let file = [certificate, key].concat();
/// let identity = Bundle::read(file.as_bytes(), &mut |_| None)?.into_identity(None)?;
/// assert!(identity.certificate().is_some_and(|leaf| leaf.matches(identity.key().public_key())));
/// # Ok::<(), eca_attest::KeyError>(())
/// ```
#[derive(Debug)]
pub struct Bundle {
    source: (Format, Encoding),
    keys: Vec<Entry>,
    certificates: Vec<Certificate>,
}

/// A private key, and the certificates that speak for it.
#[derive(Debug)]
pub struct Identity {
    alias: Option<String>,
    key: PrivateKey,
    chain: Vec<Certificate>,
}

#[derive(Debug)]
struct Entry {
    alias: Option<String>,
    /// A key of a type that cannot be used does not spoil those beside it.
    key: Result<PrivateKey, KeyError>,
}

impl Bundle {
    /// Reads everything in a file, by content. `passwords` is asked only if something is
    /// encrypted: once for the file, and for an entry that the file's password does not open.
    ///
    /// # Errors
    /// [`KeyError`], whose [`hint`](KeyError::hint) has the command for what cannot be read.
    pub fn read(
        bytes: &[u8],
        passwords: &mut dyn FnMut(PasswordFor<'_>) -> Option<Password>,
    ) -> Result<Bundle, KeyError> {
        let found = Found::find(bytes, passwords)?;
        let mut certificates: Vec<Certificate> = Vec::new();
        for certificate in found.certificates {
            let read = certificate
                .map_err(CertificateError::Pem)
                .and_then(|der| Certificate::from_der(&der));
            let certificate = read.map_err(KeyError::Certificate)?;
            // Stores repeat the chain for each key.
            if !certificates.contains(&certificate) {
                certificates.push(certificate);
            }
        }
        Ok(Bundle {
            source: found.source,
            keys: found.keys,
            certificates,
        })
    }

    /// The names of the private keys, as far as they have one: aliases of stores, `kid` of JSON Web
    /// Keys.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|entry| entry.alias.as_deref())
    }

    /// How many private keys it has, those of types that cannot be used among them.
    pub fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// All certificates, in the order of the file.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Takes out the only private key, or the one named `alias`, with its certificates.
    ///
    /// # Errors
    /// [`KeyError::Several`] if there are more and `alias` is `None`, [`KeyError::NoSuchKey`] if
    /// none is called so; [`KeyError::NoKey`] or [`KeyError::Unsupported`] if there is none at all;
    /// [`KeyError::Algorithm`] if it is of a type that cannot be used.
    pub fn into_identity(self, alias: Option<&str>) -> Result<Identity, KeyError> {
        let Bundle {
            source,
            keys,
            certificates,
        } = self;
        let Entry { alias, key } = choose(keys, source, alias)?;
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

    /// The key's certificate and its issuers as far as the file has them, the leaf first.
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// Key and chain.
    pub fn into_parts(self) -> (PrivateKey, Vec<Certificate>) {
        (self.key, self.chain)
    }
}

/// What was found in a file, certificates still undecoded.
pub(crate) struct Found {
    source: (Format, Encoding),
    keys: Vec<Entry>,
    certificates: Vec<Result<Vec<u8>, PemError>>,
}

impl Found {
    /// Nothing yet, in a binary key store.
    pub(crate) fn new(format: Format) -> Found {
        Found {
            source: (format, Encoding::Binary),
            keys: Vec::new(),
            certificates: Vec::new(),
        }
    }

    /// Takes one key of several. Only if it is damaged is that the end of it.
    pub(crate) fn key(
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

    pub(crate) fn certificate(&mut self, der: &[u8]) {
        self.certificates.push(Ok(der.to_vec()));
    }

    /// The only key; see [`Bundle::into_identity`].
    pub(crate) fn into_key(self) -> Result<PrivateKey, KeyError> {
        choose(self.keys, self.source, None)?.key
    }

    pub(crate) fn find(
        bytes: &[u8],
        passwords: &mut PasswordSource<'_>,
    ) -> Result<Found, KeyError> {
        if bytes.len() > MAX_INPUT_LEN {
            return Err(KeyError::TooLong { len: bytes.len() });
        }
        if bytes.trim_ascii().is_empty() {
            return Err(KeyError::Empty);
        }
        if pem::looks_like_pem(bytes) {
            return Found::in_pem(bytes, passwords);
        }
        let Some((format, encoding)) = Format::detect(bytes) else {
            return Found::in_bare_base64(bytes, passwords);
        };
        let mut found = Found::new(format);
        found.source.1 = encoding;
        match format {
            Format::Pkcs12 => return pkcs12::read(bytes, passwords),
            Format::Jks => return jks::read(bytes, passwords),
            Format::Certificate => found.certificate(bytes),
            Format::Jwk => {
                let (name, key) = jwk::private_key(bytes)?;
                found.key(name, key)?;
            }
            Format::JwkSet => {
                for (name, key) in jwk::private_keys(bytes)? {
                    found.key(name, key)?;
                }
            }
            _ => found.key(None, key(format, encoding, bytes, passwords))?,
        }
        Ok(found)
    }

    fn in_pem(bytes: &[u8], passwords: &mut PasswordSource<'_>) -> Result<Found, KeyError> {
        let blocks = pem::blocks(bytes).map_err(KeyError::Pem)?;
        let source = Format::detect(bytes).ok_or(KeyError::Unrecognised)?;
        let mut found = Found::new(source.0);
        found.source = source;
        let private =
            |block: &&pem::Block<'_>| Format::of_block(block).is_some_and(Format::is_private_key);
        // Counted before any password is asked for: many blocks would be as much work.
        let count = blocks.iter().filter(private).count();
        if count > 1 {
            let known = Vec::new();
            return Err(KeyError::Several { count, known });
        }
        for block in &blocks {
            match Format::of_block(block) {
                Some(Format::Certificate) => {
                    let der = block.decode().map(|der| der.to_vec());
                    found.certificates.push(der);
                }
                Some(format) if format.is_private_key() => {
                    if matches!(
                        format,
                        Format::EncryptedLegacyPem | Format::OpenSsh | Format::Putty
                    ) {
                        let encoding = Encoding::Pem;
                        return Err(KeyError::Unsupported { format, encoding });
                    }
                    let der = block.decode().map_err(KeyError::Pem)?;
                    // Tools write the wrong label often enough: the structure decides.
                    let format = Format::of_der(&der)
                        .filter(|real| real.is_private_key())
                        .unwrap_or(format);
                    found.key(None, key(format, Encoding::Pem, &der, passwords))?;
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// What metadata files hold: a certificate, or a key store with its key. Anything else is unknown.
    fn in_bare_base64(bytes: &[u8], passwords: &mut PasswordSource<'_>) -> Result<Found, KeyError> {
        let der = pem::decode_base64(bytes).ok_or(KeyError::Unrecognised)?;
        match Format::detect(&der) {
            Some((Format::Certificate, Encoding::Binary)) => {
                let mut found = Found::new(Format::Certificate);
                found.source.1 = Encoding::Text;
                found.certificate(&der);
                Ok(found)
            }
            Some((Format::Pkcs12, Encoding::Binary)) => pkcs12::read(&der, passwords),
            Some((Format::Jks, Encoding::Binary)) => jks::read(&der, passwords),
            _ => Err(KeyError::Unrecognised),
        }
    }
}

/// Reads one private key in a form of its own.
fn key(
    format: Format,
    encoding: Encoding,
    bytes: &[u8],
    passwords: &mut PasswordSource<'_>,
) -> Result<PrivateKey, KeyError> {
    match format {
        Format::Pkcs8 => PrivateKey::from_pkcs8(bytes),
        Format::Pkcs1 => PrivateKey::from_pkcs1(bytes),
        Format::Sec1 => PrivateKey::from_sec1(bytes, None),
        Format::EncryptedPkcs8 => encrypted_pkcs8(bytes, passwords),
        _ => Err(KeyError::Unsupported { format, encoding }),
    }
}

/// `EncryptedPrivateKeyInfo` (RFC 5208, section 6).
fn encrypted_pkcs8(der: &[u8], passwords: &mut PasswordSource<'_>) -> Result<PrivateKey, KeyError> {
    let format = Format::EncryptedPkcs8;
    let malformed = |error: DerError| KeyError::Malformed {
        format,
        source: error.into(),
    };
    let ([algorithm, data], _) = Der::new(der).and_then(Der::members).map_err(malformed)?;
    let algorithm = algorithm.algorithm().map_err(malformed)?;
    let data = data.octets().map_err(malformed)?;
    let password = passwords(PasswordFor::File(format));
    let password = password.ok_or(KeyError::PasswordNeeded { format })?;
    let utf16 = with_end(&password);
    let mut budget = Budget::new(format);
    let plain = match decrypt(algorithm, data, &password, &utf16, &mut budget) {
        Ok(plain) => plain,
        Err(DecryptError::Padding) => return Err(KeyError::WrongPassword { format }),
        Err(DecryptError::Key(error)) => return Err(error),
    };
    // One wrong password in 256 leaves something that looks padded.
    match PrivateKey::from_pkcs8(&plain) {
        Err(KeyError::Malformed { .. }) => Err(KeyError::WrongPassword { format }),
        other => other,
    }
}

fn choose(
    keys: Vec<Entry>,
    (format, encoding): (Format, Encoding),
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
    // keytool writes names in lower case and compares them without case.
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

/// The certificate for the key, then each one's issuer by name, as far as there are any.
fn chain(key: &PrivateKey, mut certificates: Vec<Certificate>) -> Vec<Certificate> {
    let mut chain: Vec<Certificate> = Vec::new();
    let own = certificates
        .iter()
        .position(|certificate| certificate.matches(key.public_key()));
    let mut next = own;
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

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Found([secret])")
    }
}
