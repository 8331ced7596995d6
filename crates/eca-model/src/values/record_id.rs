//! Ids of records.

use std::fmt;
use std::str::FromStr;

/// The alphabet of the characters that make an id case-safe.
const CHECK: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The id of a record in an org. Read with 15 characters, or with 18 of which the last three guard
/// the case of the others; kept and shown with 15.
///
/// ```
/// use eca_model::RecordId;
///
/// let id: RecordId = "00Dxx0000001gPLEAY".parse()?;
/// assert_eq!((id.to_string(), id.to_18()), ("00Dxx0000001gPL".into(), "00Dxx0000001gPLEAY".into()));
/// assert_eq!(id.key_prefix().as_str(), "00D");
/// # Ok::<(), eca_model::InvalidRecordId>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId([u8; 15]);

impl RecordId {
    /// The first three characters, which say what kind of record it is.
    pub fn key_prefix(&self) -> KeyPrefix {
        let [a, b, c, ..] = self.0;
        KeyPrefix([a, b, c])
    }

    /// The id with its three check characters.
    pub fn to_18(&self) -> String {
        let mut text = self.to_string();
        text.extend(self.check().map(char::from));
        text
    }

    /// One character for each five of the id: which of them are capital letters, the first in the
    /// lowest bit.
    fn check(&self) -> [u8; 3] {
        let mut check = [0; 3];
        for (chunk, character) in self.0.chunks(5).zip(&mut check) {
            let bits = chunk.iter().rev().fold(0_usize, |bits, byte| {
                bits << 1 | usize::from(byte.is_ascii_uppercase())
            });
            *character = CHECK[bits];
        }
        check
    }
}

impl FromStr for RecordId {
    type Err = InvalidRecordId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = |flaw| InvalidRecordId {
            id: text.to_owned(),
            flaw,
        };
        let bytes = text.as_bytes();
        let (id, check) = bytes
            .split_first_chunk::<15>()
            .filter(|(_, check)| matches!(check.len(), 0 | 3))
            .ok_or_else(|| invalid(IdFlaw::Length(text.chars().count())))?;
        if !bytes.iter().all(u8::is_ascii_alphanumeric) {
            return Err(invalid(IdFlaw::Character));
        }
        let id = Self(*id);
        if !check.is_empty() && check != id.check() {
            return Err(invalid(IdFlaw::Check));
        }
        Ok(id)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only letters and digits get in.
        self.0
            .iter()
            .try_for_each(|byte| fmt::Write::write_char(formatter, char::from(*byte)))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The first three characters of an id: the kind of record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPrefix([u8; 3]);

impl KeyPrefix {
    /// Orgs.
    pub const ORGANIZATION: Self = Self(*b"00D");
    /// The consumers (key and secret) of apps. Seen in every `oauthLink`; the Object Reference does
    /// not list it.
    pub const CONSUMER: Self = Self(*b"888");

    /// The three characters.
    pub fn as_str(&self) -> &str {
        // Only ASCII gets in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for KeyPrefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Debug for KeyPrefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// Ids of one kind of record.
macro_rules! ids {
    ($($(#[doc = $doc:literal])* $name:ident: $prefix:ident;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(RecordId);

        impl $name {
            /// The id as that of any record.
            pub fn record_id(self) -> RecordId {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidRecordId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let id: RecordId = text.parse()?;
                if id.key_prefix() == KeyPrefix::$prefix {
                    Ok(Self(id))
                } else {
                    Err(InvalidRecordId {
                        id: text.to_owned(),
                        flaw: IdFlaw::KeyPrefix(KeyPrefix::$prefix),
                    })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    )*};
}

ids! {
    /// The id of an org (`00D…`).
    OrgId: ORGANIZATION;
    /// The id of an app's OAuth consumer (`888…`): the record that holds key and secret.
    ConsumerId: CONSUMER;
}

/// A text that is no [`RecordId`], or not one of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record id `{id}` {flaw}")]
#[non_exhaustive]
pub struct InvalidRecordId {
    /// The text.
    pub id: String,
    /// What is wrong with it.
    pub flaw: IdFlaw,
}

/// What is wrong with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdFlaw {
    /// Neither 15 nor 18 characters.
    #[error("has {0} characters; an id has 15 or 18")]
    Length(usize),
    /// Something else than letters and digits.
    #[error("has a character that is no letter or digit")]
    Character,
    /// The last three of 18 characters do not fit the others: a capital letter became a small one,
    /// or the reverse.
    #[error("has check characters that do not fit the others")]
    Check,
    /// The record is of another kind.
    #[error("does not start with {0}")]
    KeyPrefix(KeyPrefix),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        // From Salesforce's documentation of ids: 15 characters and the same with check characters.
        for (short, long) in [
            ("001A0000006Vm9r", "001A0000006Vm9rIAC"),
            ("00Dxx0000001gPL", "00Dxx0000001gPLEAY"),
        ] {
            let id: RecordId = short.parse().unwrap();
            assert_eq!(id.to_18(), long);
            assert_eq!(long.parse(), Ok(id));
            assert_eq!(id.to_string(), short);
        }
        for (text, flaw) in [
            ("", IdFlaw::Length(0)),
            ("00Dxx0000001gPLE", IdFlaw::Length(16)),
            ("00Dxx0000001gP-", IdFlaw::Character),
            ("00Dxx0000001gpLEAY", IdFlaw::Check),
            ("äääääääääääääää", IdFlaw::Length(15)),
        ] {
            let error = text.parse::<RecordId>().unwrap_err();
            assert_eq!(error.flaw, flaw, "{text}: {error}");
        }
        let error = "001A0000006Vm9r".parse::<OrgId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "record id `001A0000006Vm9r` does not start with 00D"
        );
    }
}
