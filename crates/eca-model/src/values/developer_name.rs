//! Names of components.

use std::fmt;
use std::str::FromStr;

/// The API name of a component: letters, digits and single underscores, a letter first, no
/// underscore at the end.
///
/// A name with a package's namespace (`acme__Shop`) is a namespace and a developer name. Source:
/// Salesforce Help, "Create or Edit an OAuth External Credential with the Client
/// Credentials Flow Managed by an External Identity Provider"; the length is documented for
/// NamedCredential.DeveloperName (Object Reference) and assumed for the rest.
///
/// ```
/// use eca_model::DeveloperName;
///
/// assert_eq!("Shop_oauth".parse::<DeveloperName>()?.as_str(), "Shop_oauth");
/// let error = "Shop__oauth".parse::<DeveloperName>().unwrap_err();
/// assert_eq!(error.to_string(), "API name `Shop__oauth` contains two consecutive underscores");
/// # Ok::<(), eca_model::InvalidDeveloperName>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeveloperName(String);

impl DeveloperName {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 80;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DeveloperName {
    type Err = InvalidDeveloperName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match flaw(name) {
            None => Ok(Self(name.to_owned())),
            Some(flaw) => Err(InvalidDeveloperName {
                name: name.to_owned(),
                flaw,
            }),
        }
    }
}

fn flaw(name: &str) -> Option<NameFlaw> {
    let is_allowed = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    if let Some(bad) = name.chars().find(|c| !is_allowed(c)) {
        Some(NameFlaw::Character(bad))
    } else if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        Some(NameFlaw::FirstCharacter)
    } else if name.ends_with('_') {
        Some(NameFlaw::LastCharacter)
    } else if name.contains("__") {
        Some(NameFlaw::DoubledUnderscore)
    } else if name.len() > DeveloperName::MAX_LENGTH {
        Some(NameFlaw::Length(name.len()))
    } else {
        None
    }
}

impl fmt::Display for DeveloperName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl AsRef<str> for DeveloperName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A text that is not a [`DeveloperName`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("API name `{name}` {flaw}")]
#[non_exhaustive]
pub struct InvalidDeveloperName {
    /// The text.
    pub name: String,
    /// What is wrong with it.
    pub flaw: NameFlaw,
}

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameFlaw {
    /// A character other than an ASCII letter, a digit or an underscore.
    #[error("contains '{0}'; only letters, digits and underscores are allowed")]
    Character(char),
    /// It is empty, or starts with a digit or an underscore.
    #[error("does not start with a letter")]
    FirstCharacter,
    /// It ends with an underscore.
    #[error("ends with an underscore")]
    LastCharacter,
    /// Two underscores in a row, which would read as a namespace.
    #[error("contains two consecutive underscores")]
    DoubledUnderscore,
    /// Too many characters.
    #[error("has {0} characters; at most 80 are allowed")]
    Length(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, flaw) in [
            ("A", None),
            ("Storefront_oauth2", None),
            ("", Some(NameFlaw::FirstCharacter)),
            ("2A", Some(NameFlaw::FirstCharacter)),
            ("_A", Some(NameFlaw::FirstCharacter)),
            ("A_", Some(NameFlaw::LastCharacter)),
            ("A__b", Some(NameFlaw::DoubledUnderscore)),
            ("A b", Some(NameFlaw::Character(' '))),
            ("Ä", Some(NameFlaw::Character('Ä'))),
        ] {
            let found = name.parse::<DeveloperName>();
            assert_eq!(found.as_ref().err().map(|error| error.flaw), flaw, "{name}");
            if let Ok(found) = found {
                assert_eq!(found.to_string(), name);
            }
        }
        assert!("a".repeat(80).parse::<DeveloperName>().is_ok());
        let long = "a".repeat(81).parse::<DeveloperName>().unwrap_err();
        assert_eq!(long.flaw, NameFlaw::Length(81));
    }
}
