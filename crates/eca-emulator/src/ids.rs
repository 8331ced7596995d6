//! Salesforce record ids.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::random::Random;

/// A record id: 15 case-sensitive characters, whose first three identify the kind of record, or the
/// same with three more that make it safe where case is lost.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordId(String);

impl RecordId {
    /// The 18-character form, as the Metadata API writes ids.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 15-character form, as it appears in `oauthLink` and `orgScopedExternalApp`.
    pub fn short(&self) -> &str {
        &self.0[..15]
    }

    /// Whether `text` is this id in either form.
    pub(crate) fn matches(&self, text: &str) -> bool {
        text == self.as_str() || text == self.short()
    }

    fn from_short(short: &str) -> Self {
        Self(format!("{short}{}", suffix(short)))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The three characters that the 18-character form adds: for each block of five, five bits that
/// mark the upper-case characters, lowest first (Salesforce Help, "Unique Identifiers").
fn suffix(short: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    short
        .as_bytes()
        .chunks(5)
        .map(|block| {
            let bits = block
                .iter()
                .enumerate()
                .filter(|(_, byte)| byte.is_ascii_uppercase())
                .fold(0_usize, |bits, (place, _)| bits | 1 << place);
            char::from(ALPHABET[bits & 31])
        })
        .collect()
}

/// The kinds of record that get ids here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordKind {
    /// The org itself.
    Organization,
    /// A user.
    User,
    /// An asynchronous deploy.
    Deploy,
    /// An asynchronous retrieve.
    Retrieve,
    /// An OAuth consumer.
    Consumer,
    /// An Experience Cloud site (a `Network` record).
    Site,
    /// A permission set.
    PermissionSet,
    /// A metadata component. Key prefixes of the external client app setup entities are not
    /// published, so all other components share one.
    Component,
}

impl RecordKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Organization => "00D",
            Self::User => "005",
            Self::Deploy => "0Af",
            Self::Retrieve => "09S",
            Self::Consumer => "888",
            Self::Site => "0DB",
            Self::PermissionSet => "0PS",
            Self::Component => "0xI",
        }
    }
}

/// Generates ids: prefix, the org's pod, and a number that only grows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ids {
    pod: String,
    next: u64,
}

impl Ids {
    pub(crate) fn new(random: &mut Random) -> Self {
        let pod = random.base62(2);
        let [a, b] = random.bytes::<2>();
        Self {
            pod,
            next: 0x10_0000 + u64::from(u16::from_be_bytes([a, b])),
        }
    }

    pub(crate) fn next(&mut self, kind: RecordKind) -> RecordId {
        self.next += 1;
        RecordId::from_short(&format!(
            "{}{}0{}",
            kind.prefix(),
            self.pod,
            base62(self.next)
        ))
    }
}

fn base62(mut number: u64) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut digits = [b'0'; 9];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[usize::try_from(number % 62).unwrap_or_default()];
        number /= 62;
    }
    digits.map(char::from).iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_of_published_ids() {
        // Pairs from public pages: an account, a user and an org.
        for (short, long) in [
            ("001D000000IRFma", "001D000000IRFmaIAH"),
            ("00D000000000001", "00D000000000001EAA"),
            ("005000000000001", "005000000000001AAA"),
        ] {
            let id = RecordId::from_short(short);
            assert_eq!(id.as_str(), long);
            assert_eq!(id.short(), short);
            assert!(id.matches(short) && id.matches(long));
        }
    }

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut ids = Ids::new(&mut Random::from_seed([3; 32]));
        let one = ids.next(RecordKind::Deploy);
        let two = ids.next(RecordKind::Deploy);
        assert_ne!(one, two);
        for id in [&one, &two] {
            assert_eq!(id.as_str().len(), 18);
            assert!(id.as_str().starts_with("0Af"));
            assert!(id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }
}
