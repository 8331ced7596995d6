//! Java key stores (JKS), as `keytool -storetype JKS` and Setup's "Export to Keystore" write them.
//!
//! The format is that of `sun.security.provider.JavaKeyStore` in OpenJDK: big-endian records, then
//! a SHA-1 digest over password and content. Each key is an `EncryptedPrivateKeyInfo` with the
//! scheme of `KeyProtector`.

use pkcs8::ObjectIdentifier;
use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::file::asn1::Der;
use crate::file::detect::{Encoding, Format};
use crate::file::parsed::ParsedKeyFile;
use crate::file::password::{Password, PasswordFor, PasswordSource};
use crate::key::PrivateKey;
use crate::key::error::KeyError;

const FORMAT: Format = Format::Jks;
const DIGEST_LEN: usize = 20;
/// Hashed between the password and the content.
const WHITENER: &[u8] = b"Mighty Aphrodite";
/// The scheme of `KeyProtector`.
const OID_PROTECTOR: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.42.2.17.1.1");

/// Reads all private keys and certificates.
pub(crate) fn read(
    bytes: &[u8],
    passwords: &mut PasswordSource<'_>,
) -> Result<ParsedKeyFile, KeyError> {
    let cut = bytes.len().checked_sub(DIGEST_LEN);
    let (content, digest) = bytes.split_at(cut.ok_or_else(too_short)?);
    let mut reader = Reader(content);
    reader.take(4)?;
    let version = reader.u32()?;
    if !(1..=2).contains(&version) {
        return Err(malformed("its version is unknown"));
    }
    let mut parsed = ParsedKeyFile::new(FORMAT, Encoding::Binary);
    let mut protected = Vec::new();
    for _ in 0..reader.u32()? {
        let tag = reader.u32()?;
        let alias = reader.text()?;
        reader.take(8)?;
        match tag {
            1 => {
                let key = reader.blob()?;
                for _ in 0..reader.u32()? {
                    parsed.add_certificate(reader.certificate(version)?);
                }
                protected.push((alias, key));
            }
            2 => parsed.add_certificate(reader.certificate(version)?),
            _ => return Err(malformed("the type of an entry is unknown")),
        }
    }
    if !reader.0.is_empty() {
        return Err(malformed("bytes follow after the last entry"));
    }
    if protected.is_empty() {
        // Certificates are not encrypted; without a password their integrity is not checked.
        return Ok(parsed);
    }
    let password = passwords(PasswordFor::File(FORMAT));
    let password = password.ok_or(KeyError::PasswordNeeded { format: FORMAT })?;
    let expected = Sha1::new()
        .chain_update(&*password.to_utf16())
        .chain_update(WHITENER)
        .chain_update(content)
        .finalize();
    if !bool::from(expected.as_slice().ct_eq(digest)) {
        return Err(KeyError::WrongPassword { format: FORMAT });
    }
    for (alias, key) in protected {
        let opened = match unprotect(key, &password)? {
            Some(opened) => opened,
            None => unprotect_entry(alias, key, passwords)?,
        };
        parsed.add_key(Some(alias.to_owned()), PrivateKey::from_pkcs8(&opened))?;
    }
    Ok(parsed)
}

/// Decrypts a key with the password of its entry, which may differ from that of the store.
fn unprotect_entry(
    alias: &str,
    key: &[u8],
    passwords: &mut PasswordSource<'_>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let format = FORMAT;
    let password = passwords(PasswordFor::Entry { format, alias });
    let password = password.ok_or(KeyError::PasswordNeeded { format })?;
    unprotect(key, &password)?.ok_or(KeyError::WrongPassword { format })
}

/// `KeyProtector.recover`: XOR with a chain of SHA-1 digests, then a digest over the result.
/// `None` for a wrong password.
fn unprotect(key: &[u8], password: &Password) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
    let ([algorithm, data], _) = Der::new(key).and_then(Der::members).map_err(malformed)?;
    let oid = algorithm.algorithm().map_err(malformed)?.oid;
    if oid != OID_PROTECTOR {
        let (format, algorithm) = (FORMAT, oid.to_string());
        return Err(KeyError::Encryption { format, algorithm });
    }
    let data = data.octets().map_err(malformed)?;
    let len = data
        .len()
        .checked_sub(2 * DIGEST_LEN)
        .ok_or_else(too_short)?;
    let (salt, rest) = data.split_at(DIGEST_LEN);
    let (encrypted, digest) = rest.split_at(len);
    let password = password.to_utf16();
    let mut plain = Zeroizing::new(encrypted.to_vec());
    let mut previous: Zeroizing<[u8; DIGEST_LEN]> = Zeroizing::new([0; DIGEST_LEN]);
    previous.copy_from_slice(salt);
    for block in plain.chunks_mut(DIGEST_LEN) {
        let hash = Sha1::new().chain_update(&*password).chain_update(*previous);
        *previous = hash.finalize().into();
        for (byte, mask) in block.iter_mut().zip(&*previous) {
            *byte ^= mask;
        }
    }
    let expected = Sha1::new()
        .chain_update(&*password)
        .chain_update(&*plain)
        .finalize();
    Ok(bool::from(expected.as_slice().ct_eq(digest)).then_some(plain))
}

/// Big-endian records, as Java's `DataInputStream` reads them.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], KeyError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or_else(too_short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, KeyError> {
        let bytes = self.take(4)?.try_into().map_err(|_| too_short())?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn blob(&mut self) -> Result<&'a [u8], KeyError> {
        let len = usize::try_from(self.u32()?).map_err(|_| too_short())?;
        self.take(len)
    }

    /// Modified UTF-8 with its length in two bytes. A name that is not UTF-8 is refused.
    fn text(&mut self) -> Result<&'a str, KeyError> {
        let len = self.take(2)?.try_into().map_err(|_| too_short())?;
        let text = self.take(usize::from(u16::from_be_bytes(len)))?;
        std::str::from_utf8(text).map_err(malformed)
    }

    fn certificate(&mut self, version: u32) -> Result<&'a [u8], KeyError> {
        if version == 2 && self.text()? != "X.509" {
            return Err(malformed("a certificate is not X.509"));
        }
        self.blob()
    }
}

fn too_short() -> KeyError {
    malformed("the input ends too early")
}

fn malformed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> KeyError {
    KeyError::Malformed {
        format: FORMAT,
        source: source.into(),
    }
}
