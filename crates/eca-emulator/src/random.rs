//! Randomness for ids, tokens and keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, ZeroizeOnDrop};

use crate::secret::Secret;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CONSUMER_KEY: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";

/// A generator that is seeded once from the operating system: SHA-256 over seed and counter.
///
/// It cannot fail after the start, and golden tests can start it with a fixed seed.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Random {
    seed: [u8; 32],
    counter: u64,
    block: [u8; 32],
    used: usize,
}

impl Random {
    pub(crate) fn from_system() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        let random = Self::from_seed(seed);
        seed.zeroize();
        Ok(random)
    }

    pub(crate) fn from_seed(seed: [u8; 32]) -> Self {
        Self {
            seed,
            counter: 0,
            block: [0; 32],
            used: 32,
        }
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte();
        }
        bytes
    }

    /// A token with 256 bits of entropy, base64url without padding (43 characters).
    pub(crate) fn token(&mut self) -> Secret {
        let mut bytes = self.bytes::<32>();
        let token = Secret::new(URL_SAFE_NO_PAD.encode(bytes));
        bytes.zeroize();
        token
    }

    /// `length` characters of `0-9A-Za-z`.
    pub(crate) fn base62(&mut self, length: usize) -> String {
        (0..length).map(|_| self.pick(BASE62)).collect()
    }

    /// `length` decimal digits.
    pub(crate) fn digits(&mut self, length: usize) -> String {
        (0..length).map(|_| self.pick(&BASE62[..10])).collect()
    }

    /// A consumer key: `3MVG9` and 80 characters, as in retrieved files.
    pub(crate) fn consumer_key(&mut self) -> String {
        let mut key = String::from("3MVG9");
        key.extend((0..80).map(|_| self.pick(CONSUMER_KEY)));
        key
    }

    /// A consumer secret: 64 upper case hexadecimal digits.
    pub(crate) fn consumer_secret(&mut self) -> Secret {
        let mut text = String::with_capacity(64);
        for _ in 0..64 {
            text.push(self.pick(&BASE62[..16]));
        }
        Secret::new(text)
    }

    fn pick(&mut self, alphabet: &[u8]) -> char {
        // Bytes beyond the last whole multiple of the alphabet would favour its first characters.
        let limit = 256 - 256 % alphabet.len();
        loop {
            let byte = usize::from(self.byte());
            if byte < limit {
                return char::from(alphabet[byte % alphabet.len()]);
            }
        }
    }

    fn byte(&mut self) -> u8 {
        if self.used == self.block.len() {
            let mut hash = Sha256::new();
            hash.update(self.seed);
            hash.update(self.counter.to_le_bytes());
            self.block = hash.finalize().into();
            self.counter += 1;
            self.used = 0;
        }
        let byte = self.block[self.used];
        self.used += 1;
        byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let mut random = Random::from_seed([7; 32]);
        let key = random.consumer_key();
        assert_eq!(key.len(), 85);
        assert!(key.starts_with("3MVG9"));
        let secret = random.consumer_secret();
        assert_eq!(secret.expose_secret().len(), 64);
        assert!(
            secret
                .expose_secret()
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
        );
        assert_eq!(random.token().expose_secret().len(), 43);
    }

    #[test]
    fn a_seed_repeats_itself_and_the_system_does_not() {
        let mut one = Random::from_seed([1; 32]);
        let mut two = Random::from_seed([1; 32]);
        assert_eq!(one.bytes::<100>(), two.bytes::<100>());
        let mut one = Random::from_system().unwrap();
        let mut two = Random::from_system().unwrap();
        assert_ne!(one.bytes::<32>(), two.bytes::<32>());
    }
}
