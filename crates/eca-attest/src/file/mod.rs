//! Reads files with keys and certificates.

pub(crate) mod asn1;
pub(crate) mod ber;
pub(crate) mod bundle;
pub(crate) mod detect;
pub(crate) mod embedded;
pub(crate) mod jks;
pub(crate) mod parsed;
pub(crate) mod password;
pub(crate) mod pbe;
pub(crate) mod pbmac1;
pub(crate) mod pem;
pub(crate) mod pkcs12;

use crate::file::asn1::{Der, DerError};
use crate::file::detect::{Encoding, Format, MAX_INPUT_LEN};
use crate::file::parsed::ParsedKeyFile;
use crate::file::password::{Password, PasswordFor, PasswordSource};
use crate::file::pbe::{Budget, DecryptError, bmp_password, decrypt};
use crate::key::error::KeyError;
use crate::key::{PrivateKey, jwk};

impl PrivateKey {
    /// Reads a private key that is not encrypted, detecting the format by content: PKCS#8, PKCS#1
    /// or SEC1 (each as PEM or DER), or JSON Web Key. A PEM file may also contain other blocks
    /// (certificates, EC parameters) and text.
    ///
    /// # Errors
    /// [`KeyError::PasswordNeeded`] for encrypted files and key stores, [`KeyError::Unsupported`]
    /// for other known formats; see the variants of [`KeyError`] for the rest.
    pub fn read(bytes: &[u8]) -> Result<PrivateKey, KeyError> {
        PrivateKey::read_with(bytes, &mut |_| None)
    }

    /// Reads a private key that may be encrypted or in a key store: the formats of
    /// [`read`](PrivateKey::read), and encrypted PKCS#8, PKCS#12 and JKS. `passwords` is called
    /// only if something is encrypted. [`Bundle`](crate::file::bundle::Bundle) also reads the
    /// certificates, and stores with several keys.
    ///
    /// # Errors
    /// [`KeyError::WrongPassword`], and those of [`read`](PrivateKey::read).
    pub fn read_with(
        bytes: &[u8],
        passwords: &mut dyn FnMut(PasswordFor<'_>) -> Option<Password>,
    ) -> Result<PrivateKey, KeyError> {
        parse(bytes, passwords)?.into_key()
    }
}

/// Reads a file of any known format. `passwords` is called only if something is encrypted.
pub(crate) fn parse(
    bytes: &[u8],
    passwords: &mut PasswordSource<'_>,
) -> Result<ParsedKeyFile, KeyError> {
    if bytes.len() > MAX_INPUT_LEN {
        return Err(KeyError::TooLong { len: bytes.len() });
    }
    if bytes.trim_ascii().is_empty() {
        return Err(KeyError::Empty);
    }
    if pem::looks_like_pem(bytes) {
        return in_pem(bytes, passwords);
    }
    let Some((format, encoding)) = Format::detect(bytes) else {
        return in_bare_base64(bytes, passwords);
    };
    let mut parsed = ParsedKeyFile::new(format, encoding);
    match format {
        Format::Pkcs12 => return pkcs12::read(bytes, passwords),
        Format::Jks => return jks::read(bytes, passwords),
        Format::Certificate => parsed.add_certificate(bytes),
        Format::Jwk => {
            let (name, key) = jwk::private_key(bytes)?;
            parsed.add_key(name, key)?;
        }
        Format::JwkSet => {
            for (name, key) in jwk::private_keys(bytes)? {
                parsed.add_key(name, key)?;
            }
        }
        _ => parsed.add_key(None, key(format, encoding, bytes, passwords))?,
    }
    Ok(parsed)
}

fn in_pem(bytes: &[u8], passwords: &mut PasswordSource<'_>) -> Result<ParsedKeyFile, KeyError> {
    let blocks = pem::blocks(bytes).map_err(KeyError::Pem)?;
    let (format, encoding) = Format::detect(bytes).ok_or(KeyError::Unrecognised)?;
    let mut parsed = ParsedKeyFile::new(format, encoding);
    let private =
        |block: &&pem::Block<'_>| Format::from_block(block).is_some_and(Format::is_private_key);
    // Counted before decryption: each encrypted block costs a key derivation.
    let count = blocks.iter().filter(private).count();
    if count > 1 {
        let known = Vec::new();
        return Err(KeyError::Several { count, known });
    }
    for block in &blocks {
        match Format::from_block(block) {
            Some(Format::Certificate) => {
                let der = block.decode().map(|der| der.to_vec());
                parsed.certificates.push(der);
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
                // Some tools write the wrong label, so the structure decides.
                let format = Format::from_der(&der)
                    .filter(|real| real.is_private_key())
                    .unwrap_or(format);
                parsed.add_key(None, key(format, Encoding::Pem, &der, passwords))?;
            }
            _ => {}
        }
    }
    Ok(parsed)
}

/// Base64 without PEM lines, as in metadata files and in variables of pipelines: a certificate, a
/// key store, a key, or a whole PEM file.
fn in_bare_base64(
    bytes: &[u8],
    passwords: &mut PasswordSource<'_>,
) -> Result<ParsedKeyFile, KeyError> {
    let der = pem::decode_base64(bytes).ok_or(KeyError::Unrecognised)?;
    if pem::looks_like_pem(&der) {
        return in_pem(&der, passwords);
    }
    match Format::detect(&der) {
        Some((
            format @ (Format::Pkcs8 | Format::Pkcs1 | Format::Sec1 | Format::EncryptedPkcs8),
            Encoding::Binary,
        )) => {
            let mut parsed = ParsedKeyFile::new(format, Encoding::Text);
            parsed.add_key(None, key(format, Encoding::Text, &der, passwords))?;
            Ok(parsed)
        }
        Some((Format::Certificate, Encoding::Binary)) => {
            let mut parsed = ParsedKeyFile::new(Format::Certificate, Encoding::Text);
            parsed.add_certificate(&der);
            Ok(parsed)
        }
        Some((Format::Pkcs12, Encoding::Binary)) => pkcs12::read(&der, passwords),
        Some((Format::Jks, Encoding::Binary)) => jks::read(&der, passwords),
        _ => Err(KeyError::Unrecognised),
    }
}

/// Reads one private key that is not in a key store.
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
    let utf16 = bmp_password(&password);
    let mut budget = Budget::new(format);
    let plain = match decrypt(algorithm, data, &password, &utf16, &mut budget) {
        Ok(plain) => plain,
        Err(DecryptError::Padding) => return Err(KeyError::WrongPassword { format }),
        Err(DecryptError::Key(error)) => return Err(error),
    };
    // With one wrong password in 256 the padding is valid.
    match PrivateKey::from_pkcs8(&plain) {
        Err(KeyError::Malformed { .. }) => Err(KeyError::WrongPassword { format }),
        other => other,
    }
}
