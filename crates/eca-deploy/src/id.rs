//! Ids of deploys and retrieves.

use std::fmt;
use std::str::FromStr;

/// Why a text is not the id of a deploy or retrieve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// Not 15 or 18 ASCII letters and digits (WSDL 66.0, `ID`: 18 of `[a-zA-Z0-9]`; pages and older
    /// responses also show the 15-character form).
    #[error("{text:?} is not a Salesforce id: it must be 15 or 18 letters and digits")]
    Shape {
        /// The refused text, cut to 40 characters.
        text: String,
    },
    /// An id of another kind of job, by its key prefix.
    #[error("{text} is the id of a {found}, not of a {expected}")]
    OtherKind {
        /// The refused id.
        text: String,
        /// What the id belongs to.
        found: &'static str,
        /// What was expected.
        expected: &'static str,
    },
}

/// The key prefixes of the jobs' ids.
const DEPLOY_PREFIX: &str = "0Af";
const RETRIEVE_PREFIX: &str = "09S";

macro_rules! job_id {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $other_prefix:expr, $other_noun:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The id as Salesforce writes it; the 15-character form is case-sensitive.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                check(text, $other_prefix, $other_noun, $noun)?;
                Ok(Self(text.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

job_id! {
    /// The id of a deploy (`0Af…`).
    DeployId, "deploy", RETRIEVE_PREFIX, "retrieve"
}

job_id! {
    /// The id of a retrieve (`09S…`).
    RetrieveId, "retrieve", DEPLOY_PREFIX, "deploy"
}

fn check(
    text: &str,
    other_prefix: &str,
    found: &'static str,
    expected: &'static str,
) -> Result<(), IdError> {
    if !matches!(text.len(), 15 | 18) || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(IdError::Shape {
            text: text.chars().take(40).collect(),
        });
    }
    if text.starts_with(other_prefix) {
        return Err(IdError::OtherKind {
            text: text.to_owned(),
            found,
            expected,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked_by_shape_and_kind() {
        let id: DeployId = "0Af000000000018AAA".parse().unwrap();
        assert_eq!(id.to_string(), "0Af000000000018AAA");
        assert!("0Af00000000001".parse::<DeployId>().is_err());
        assert!("0Af00000000001/../".parse::<DeployId>().is_err());
        assert_eq!(
            "09S000000000104AAA"
                .parse::<DeployId>()
                .unwrap_err()
                .to_string(),
            "09S000000000104AAA is the id of a retrieve, not of a deploy"
        );
        assert!("0Af000000000018AAA".parse::<RetrieveId>().is_err());
    }
}
