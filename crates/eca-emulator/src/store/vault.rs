//! The key of a state folder, and what it seals.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use crate::random::Random;
use crate::store::StoreError;

/// Bytes of a key, and of its file.
const KEY: usize = 32;
/// Bytes of a nonce, which stands before what it sealed.
const NONCE: usize = 12;

/// Seals rows with AES-256-GCM (NIST SP 800-38D) under the key in a file of the state folder. A
/// row is bound to its name, so that none can be put in another's place.
pub(crate) struct Vault(RandomizedNonceKey);

impl Vault {
    /// Reads the key, or makes one when there is no file yet and `is_new` allows it.
    pub(crate) fn open(path: &Path, is_new: bool, random: &mut Random) -> Result<Self, StoreError> {
        let failed = |source| StoreError::File {
            path: path.to_owned(),
            source,
        };
        let key = match File::open(path) {
            Ok(file) => {
                let mut bytes = Zeroizing::new(Vec::with_capacity(KEY + 1));
                file.take(KEY as u64 + 1)
                    .read_to_end(&mut bytes)
                    .map_err(failed)?;
                bytes
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_new => {
                let bytes = Zeroizing::new(random.bytes::<KEY>().to_vec());
                write_new(path, &bytes).map_err(failed)?;
                bytes
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::NoKey {
                    path: path.to_owned(),
                });
            }
            Err(error) => return Err(failed(error)),
        };
        RandomizedNonceKey::new(&AES_256_GCM, &key)
            .map(Self)
            .map_err(|_| StoreError::NotAKey {
                path: path.to_owned(),
            })
    }

    /// The sealed row; `None` when the operating system has no randomness.
    pub(crate) fn seal(&self, name: &str, plain: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = Vec::with_capacity(NONCE + plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&[0; NONCE]);
        sealed.extend_from_slice(plain);
        let (nonce, tag) = self
            .0
            .seal_in_place_separate_tag(Aad::from(name.as_bytes()), &mut sealed[NONCE..])
            .ok()?;
        sealed[..NONCE].copy_from_slice(nonce.as_ref());
        sealed.extend_from_slice(tag.as_ref());
        Some(sealed)
    }

    /// What was sealed; `None` when it was not sealed under this key and name.
    pub(crate) fn open_row(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed.split_at_checked(NONCE)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut plain = Zeroizing::new(body.to_vec());
        let length = self
            .0
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut plain)
            .ok()?
            .len();
        plain.truncate(length);
        Some(plain)
    }
}

/// Writes a file that only its owner can read, whole or not at all: a crash must not leave half a
/// key behind.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let half = path.with_extension("new");
    let mut file =
        private(OpenOptions::new().write(true).create(true).truncate(true)).open(&half)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&half, path)
}

/// Options that let nobody but the owner read a file that they create.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_opens_under_its_key_and_name_only() {
        let folder = tempfile::tempdir().unwrap();
        let mut random = Random::from_seed([5; 32]);
        let path = folder.path().join("key");
        let vault = Vault::open(&path, true, &mut random).unwrap();
        let sealed = vault.seal("users", b"plain words").unwrap();
        assert!(!sealed.windows(5).any(|window| window == b"words"));
        assert_ne!(sealed, vault.seal("users", b"plain words").unwrap());
        let again = Vault::open(&path, false, &mut random).unwrap();
        assert_eq!(**again.open_row("users", &sealed).unwrap(), *b"plain words");
        assert!(again.open_row("grants", &sealed).is_none());
        let mut broken = sealed.clone();
        broken[NONCE] ^= 1;
        assert!(again.open_row("users", &broken).is_none());
        assert!(again.open_row("users", &sealed[..NONCE + 3]).is_none());
        let other = Vault::open(&folder.path().join("other"), true, &mut random).unwrap();
        assert!(other.open_row("users", &sealed).is_none());
    }

    #[test]
    fn a_key_file_is_private_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut random = Random::from_seed([6; 32]);
        let path = folder.path().join("key");
        assert!(matches!(
            Vault::open(&path, false, &mut random),
            Err(StoreError::NoKey { .. })
        ));
        Vault::open(&path, true, &mut random).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        for bytes in [&b"short"[..], &[0; KEY + 1]] {
            fs::write(&path, bytes).unwrap();
            assert!(matches!(
                Vault::open(&path, true, &mut random),
                Err(StoreError::NotAKey { .. })
            ));
        }
    }
}
