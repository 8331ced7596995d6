//! Password-based decryption of key files, with a limit on the work for one file.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, KeyInit, KeyIvInit as _};
use hmac::digest::block_api::BlockSizeUser;
use pkcs5::pbes2::{self, EncryptionScheme, Kdf, Salt};
use pkcs8::ObjectIdentifier;
use pkcs8::der::asn1::{AnyRef, OctetStringRef};
use pkcs8::der::{Decode as _, SliceReader};
use pkcs8::spki::AlgorithmIdentifierRef;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use zeroize::{Zeroize as _, Zeroizing};

use crate::file::detect::Format;
use crate::file::password::Password;
use crate::key::error::KeyError;

/// Rounds of key derivation for one file, about a second of work. Common tools write 2,048 to
/// 10,000 rounds, password managers up to 650,000.
const MAX_ROUNDS: u64 = 2_000_000;

/// Memory for one scrypt derivation, in bytes. OpenSSL's default needs 16 MiB.
const MAX_SCRYPT_MEMORY: u64 = 65 << 20;

/// The purposes of key derivation in PKCS#12 (RFC 7292, appendix B.3).
pub(crate) const FOR_KEY: u8 = 1;
const FOR_IV: u8 = 2;
pub(crate) const FOR_MAC: u8 = 3;

/// The work that is left for one file.
#[derive(Debug)]
pub(crate) struct Budget {
    format: Format,
    rounds: u64,
}

/// Decryption failed.
#[derive(Debug)]
pub(crate) enum DecryptError {
    /// The parameters are damaged, not supported or too costly.
    Key(KeyError),
    /// The plaintext has no valid padding: nearly always a wrong password.
    Padding,
}

impl From<KeyError> for DecryptError {
    fn from(error: KeyError) -> Self {
        DecryptError::Key(error)
    }
}

impl Budget {
    pub(crate) fn new(format: Format) -> Budget {
        let rounds = MAX_ROUNDS;
        Budget { format, rounds }
    }

    pub(crate) fn spend(&mut self, rounds: u64) -> Result<(), KeyError> {
        let format = self.format;
        let rest = self.rounds.checked_sub(rounds);
        self.rounds = rest.ok_or(KeyError::TooCostly { format })?;
        Ok(())
    }

    /// Counts a PBES2 derivation (RFC 8018 and RFC 7914).
    fn spend_kdf(&mut self, kdf: &Kdf) -> Result<(), KeyError> {
        let format = self.format;
        match kdf {
            // A key may need two digests: AES-256 with SHA-1.
            Kdf::Pbkdf2(params) => self.spend(u64::from(params.iteration_count) * 2),
            Kdf::Scrypt(params) => {
                let (r, p) = (
                    u64::from(params.block_size),
                    u64::from(params.parallelization),
                );
                let lanes = params.cost_parameter.checked_mul(r);
                let lanes = lanes.ok_or(KeyError::TooCostly { format })?;
                // Blocks of 128 bytes: the table `V` and the blocks `B` (RFC 7914, section 6).
                let blocks = lanes.saturating_add(r.saturating_mul(p));
                if blocks > MAX_SCRYPT_MEMORY / 128 {
                    return Err(KeyError::TooCostly { format });
                }
                self.spend(lanes.saturating_mul(p))
            }
            _ => Err(self.unsupported(&kdf.oid().to_string())),
        }
    }

    /// Reads the key derivation of PBES2 or PBMAC1. `pkcs5` supports salts of at most 32 bytes.
    pub(crate) fn kdf(&self, kdf: AlgorithmIdentifierRef<'_>) -> Result<Kdf, KeyError> {
        Kdf::try_from(kdf).map_err(|error| match salt_len(kdf) {
            Some(len) if len > Salt::MAX_LEN => KeyError::SaltTooLong {
                format: self.format,
                len,
            },
            _ => unsupported_scheme(error, self),
        })
    }

    /// The error for a scheme that is not supported.
    pub(crate) fn unsupported(&self, oid: &str) -> KeyError {
        KeyError::Encryption {
            format: self.format,
            algorithm: scheme_name(oid).to_owned(),
        }
    }

    pub(crate) fn malformed(
        &self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> KeyError {
        KeyError::Malformed {
            format: self.format,
            source: source.into(),
        }
    }
}

/// Decrypts with any scheme that key files have used in the last twenty years. `utf16` is the
/// password as the schemes of PKCS#12 hash it (see [`bmp_password`]).
pub(crate) fn decrypt(
    algorithm: AlgorithmIdentifierRef<'_>,
    ciphertext: &[u8],
    password: &Password,
    utf16: &[u8],
    budget: &mut Budget,
) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    let parameters = algorithm
        .parameters
        .ok_or_else(|| budget.malformed("the encryption algorithm has no parameters"))?;
    if algorithm.oid == pbes2::PBES2_OID {
        return pbes2_decrypt(parameters, ciphertext, password, budget);
    }
    let key_len = match algorithm.oid.to_string().as_str() {
        "1.2.840.113549.1.12.1.3" => 24,
        "1.2.840.113549.1.12.1.4" | "1.2.840.113549.1.12.1.5" => 16,
        "1.2.840.113549.1.12.1.6" => 5,
        oid => return Err(budget.unsupported(oid).into()),
    };
    // `pkcs-12PbeParams` (RFC 7292, appendix C).
    let (salt, rounds) = pbe_parameters(parameters).map_err(|error| budget.malformed(error))?;
    let derive = |budget: &mut Budget, purpose, len| {
        pkcs12_kdf::<Sha1>(utf16, salt, rounds, purpose, len, budget)
    };
    let mut key = derive(budget, FOR_KEY, key_len)?;
    let iv = derive(budget, FOR_IV, 8)?;
    match algorithm.oid.to_string().as_str() {
        "1.2.840.113549.1.12.1.3" => cbc_decrypt::<des::TdesEde3>(&key, &iv, ciphertext),
        "1.2.840.113549.1.12.1.4" => {
            // Two keys: the first one is also the third.
            let first = Zeroizing::new(key[..8].to_vec());
            key.extend_from_slice(&first);
            cbc_decrypt::<des::TdesEde3>(&key, &iv, ciphertext)
        }
        _ => cbc_decrypt::<rc2::Rc2>(&key, &iv, ciphertext),
    }
}

/// The HMAC of PKCS#12 over `data` with the digest of this OID (RFC 7292, section 5.1).
pub(crate) fn pkcs12_mac(
    digest: ObjectIdentifier,
    password: &[u8],
    salt: &[u8],
    rounds: u32,
    data: &[u8],
    budget: &mut Budget,
) -> Result<Vec<u8>, KeyError> {
    macro_rules! mac {
        ($digest:ty) => {{
            use hmac::{KeyInit as _, Mac as _};
            let len = <$digest>::output_size();
            let key = pkcs12_kdf::<$digest>(password, salt, rounds, FOR_MAC, len, budget)?;
            let mac = hmac::Hmac::<$digest>::new_from_slice(&key);
            let mut mac = mac.map_err(|error| budget.malformed(error.to_string()))?;
            mac.update(data);
            Ok(mac.finalize().into_bytes().to_vec())
        }};
    }
    match digest.to_string().as_str() {
        "1.3.14.3.2.26" => mac!(Sha1),
        "2.16.840.1.101.3.4.2.4" => mac!(Sha224),
        "2.16.840.1.101.3.4.2.1" => mac!(Sha256),
        "2.16.840.1.101.3.4.2.2" => mac!(Sha384),
        "2.16.840.1.101.3.4.2.3" => mac!(Sha512),
        oid => Err(budget.unsupported(oid)),
    }
}

/// A password as PKCS#12 hashes it: a BMPString with a terminating NUL (RFC 7292, appendix B.1).
pub(crate) fn bmp_password(password: &Password) -> Zeroizing<Vec<u8>> {
    let mut bytes = password.to_utf16();
    bytes.extend_from_slice(&[0, 0]);
    bytes
}

fn pbe_parameters(parameters: AnyRef<'_>) -> pkcs8::der::Result<(&[u8], u32)> {
    parameters.sequence(|reader| {
        let salt = <&OctetStringRef>::decode(reader)?;
        Ok((salt.as_bytes(), u32::decode(reader)?))
    })
}

/// PBES2 (RFC 8018, section 6.2).
fn pbes2_decrypt(
    parameters: AnyRef<'_>,
    ciphertext: &[u8],
    password: &Password,
    budget: &mut Budget,
) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    let (kdf, cipher) = algorithm_pair(parameters).map_err(|error| budget.malformed(error))?;
    let parameters = pbes2::Parameters {
        kdf: budget.kdf(kdf)?,
        encryption: EncryptionScheme::try_from(cipher)
            .map_err(|error| unsupported_scheme(error, budget))?,
    };
    budget.spend_kdf(&parameters.kdf)?;
    let plain = parameters.decrypt(password.expose_password(), ciphertext);
    wipe_dead_stack();
    match plain {
        Ok(plain) => Ok(Zeroizing::new(plain)),
        Err(pkcs5::Error::EncryptFailed | pkcs5::Error::DecryptFailed) => {
            Err(DecryptError::Padding)
        }
        Err(error) => Err(budget.malformed(error.to_string()).into()),
    }
}

/// Overwrites the stack below the caller, where AES in CBC mode leaves decrypted blocks. The
/// writes are volatile, so the optimiser keeps them, but Rust does not guarantee that they reach
/// every old frame. `tests/traces.rs` fails if a part of a key stays there.
#[inline(never)]
fn wipe_dead_stack() {
    let mut dead = [0_u8; 16 * 1024];
    dead.zeroize();
    std::hint::black_box(&dead);
}

/// The parameters of PBES2 and PBMAC1: two algorithms in a sequence.
pub(crate) fn algorithm_pair(
    parameters: AnyRef<'_>,
) -> pkcs8::der::Result<(AlgorithmIdentifierRef<'_>, AlgorithmIdentifierRef<'_>)> {
    parameters.sequence(|reader| {
        let first = AlgorithmIdentifierRef::decode(reader)?;
        Ok((first, AlgorithmIdentifierRef::decode(reader)?))
    })
}

/// The length of the salt, with which the parameters of PBKDF2 and scrypt begin.
fn salt_len(kdf: AlgorithmIdentifierRef<'_>) -> Option<usize> {
    let mut reader = SliceReader::new(kdf.parameters?.value()).ok()?;
    Some(
        <&OctetStringRef>::decode(&mut reader)
            .ok()?
            .as_bytes()
            .len(),
    )
}

/// The error for PKCS#5 parameters that are damaged, or whose scheme is unknown.
fn unsupported_scheme(error: pkcs8::der::Error, budget: &Budget) -> KeyError {
    match error.kind() {
        pkcs8::der::ErrorKind::OidUnknown { oid } => budget.unsupported(&oid.to_string()),
        _ => budget.malformed(error),
    }
}

fn cbc_decrypt<C>(
    key: &[u8],
    iv: &[u8],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, DecryptError>
where
    C: BlockCipherDecrypt + KeyInit,
{
    let cipher =
        cbc::Decryptor::<C>::new_from_slices(key, iv).map_err(|_| DecryptError::Padding)?;
    let plain = cipher.decrypt_padded_vec::<Pkcs7>(ciphertext);
    plain.map(Zeroizing::new).map_err(|_| DecryptError::Padding)
}

/// The key derivation of PKCS#12 (RFC 7292, appendix B.2).
fn pkcs12_kdf<D: Digest + BlockSizeUser>(
    password: &[u8],
    salt: &[u8],
    rounds: u32,
    purpose: u8,
    len: usize,
    budget: &mut Budget,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let block = <D as BlockSizeUser>::block_size();
    let blocks = len.div_ceil(<D as Digest>::output_size());
    let rounds = rounds.max(1);
    budget.spend(u64::from(rounds) * u64::try_from(blocks).unwrap_or(u64::MAX).max(1))?;
    let fill = |bytes: &[u8]| {
        let len = bytes.len().div_ceil(block) * block;
        bytes.iter().copied().cycle().take(len).collect::<Vec<u8>>()
    };
    let diversifier = vec![purpose; block];
    let mut input = Zeroizing::new([fill(salt), fill(password)].concat());
    let mut out = Zeroizing::new(Vec::with_capacity(len + <D as Digest>::output_size()));
    while out.len() < len {
        let mut hash = D::new()
            .chain_update(&diversifier)
            .chain_update(&*input)
            .finalize();
        for _ in 1..rounds {
            hash = D::digest(&hash);
        }
        out.extend_from_slice(&hash);
        // To each block of the input the hash, repeated to a block, and one are added.
        let addend = fill(&hash);
        for part in input.chunks_mut(block) {
            let mut carry = 1u16;
            for (byte, add) in part.iter_mut().zip(&addend).rev() {
                carry += u16::from(*byte) + u16::from(*add);
                *byte = carry.to_le_bytes()[0];
                carry >>= 8;
            }
        }
    }
    out.truncate(len);
    Ok(out)
}

/// Names for messages (RFC 8018, appendix C; RFC 7292, appendix C; RFC 9579).
fn scheme_name(oid: &str) -> &str {
    match oid {
        "1.2.840.113549.1.5.1" => "pbeWithMD2AndDES-CBC",
        "1.2.840.113549.1.5.3" => "pbeWithMD5AndDES-CBC",
        "1.2.840.113549.1.5.4" => "pbeWithMD2AndRC2-CBC",
        "1.2.840.113549.1.5.6" => "pbeWithMD5AndRC2-CBC",
        "1.2.840.113549.1.5.10" => "pbeWithSHA1AndDES-CBC",
        "1.2.840.113549.1.5.11" => "pbeWithSHA1AndRC2-CBC",
        "1.2.840.113549.1.12.1.1" => "pbeWithSHAAnd128BitRC4",
        "1.2.840.113549.1.12.1.2" => "pbeWithSHAAnd40BitRC4",
        "1.3.6.1.4.1.11591.4.11" => "scrypt",
        "1.2.840.113549.2.5" => "MD5",
        "1.3.14.3.2.7" => "DES-CBC",
        "1.2.840.113549.3.2" => "RC2-CBC",
        other => other,
    }
}
