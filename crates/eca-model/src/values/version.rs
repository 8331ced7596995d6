//! API versions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A Salesforce API version, such as 66.0 (Spring '26). Minor versions do not exist: the part after
/// the dot is always zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion(u16);

impl ApiVersion {
    /// The newest version whose full metadata WSDL this crate was checked against.
    pub const NEWEST_CHECKED: Self = Self(66);

    /// The version with this major number.
    pub const fn new(major: u16) -> Self {
        Self(major)
    }

    /// The number before the dot.
    pub const fn major(self) -> u16 {
        self.0
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.0", self.0)
    }
}

impl fmt::Debug for ApiVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// As it is written in files: `66.0`.
impl Serialize for ApiVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ApiVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is no API version; [`ApiVersion`] is written `66.0` or `66`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an API version such as 66.0")]
pub struct InvalidApiVersion(String);

impl FromStr for ApiVersion {
    type Err = InvalidApiVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidApiVersion(text.to_owned());
        let trimmed = text.trim();
        let major = trimmed.strip_suffix(".0").unwrap_or(trimmed);
        if major.is_empty() || !major.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        match major.parse() {
            Ok(major @ 1..=999) => Ok(Self(major)),
            _ => Err(invalid()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_and_writing() {
        for (text, version) in [("66.0", 66), ("59", 59), (" 100.0 ", 100)] {
            assert_eq!(text.parse(), Ok(ApiVersion::new(version)), "{text}");
        }
        for text in ["", "v66.0", "66.1", "-1", "+6", "0", "66.0.0", "99999"] {
            assert!(text.parse::<ApiVersion>().is_err(), "{text}");
        }
        assert_eq!(ApiVersion::new(66).to_string(), "66.0");
    }
}
