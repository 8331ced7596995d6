//! What a component is called.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::types::MetadataType;

/// Type and full name of a component: what a manifest lists.
///
/// The type may be one that this crate does not know. Written, it is `Type:Name` with the type as
/// manifests call it.
///
/// ```
/// use eca_model::{ComponentName, MetadataType};
///
/// let name: ComponentName = "Settings:OauthOidc".parse()?;
/// assert_eq!(name.kind, MetadataType::OauthOidcSettings);
/// assert_eq!(name, "OauthOidcSettings:OauthOidc".parse()?);
/// assert_eq!(name.to_string(), "Settings:OauthOidc");
///
/// let foreign = ComponentName::new("ApexClass", "Billing");
/// assert_eq!(foreign.kind.known(), None);
/// assert_eq!(foreign.to_string(), "ApexClass:Billing");
/// # Ok::<(), eca_model::InvalidComponentName>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentName {
    /// The metadata type.
    pub kind: TypeName,
    /// The full name, which is the file's base name.
    pub name: String,
}

/// The name of a metadata type, or of another Salesforce object that components refer to, such as
/// `User`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TypeName(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Known(MetadataType),
    Other(Arc<str>),
}

/// A text that is not `Type:Name`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not TYPE:NAME, such as ExternalClientApplication:Shop")]
pub struct InvalidComponentName(String);

impl ComponentName {
    /// The component of this type with this name. `Settings`, which manifests write for several
    /// types, becomes the type that the name belongs to.
    pub fn new(kind: impl Into<TypeName>, name: impl Into<String>) -> Self {
        let (kind, name) = (kind.into(), name.into());
        let listed = match &kind.0 {
            Repr::Known(_) => None,
            Repr::Other(other) => MetadataType::by_manifest_name(other, &name).next(),
        };
        let kind = listed.map_or(kind, TypeName::from);
        Self { kind, name }
    }
}

impl TypeName {
    /// The type, where this crate knows it.
    pub fn known(&self) -> Option<MetadataType> {
        match self.0 {
            Repr::Known(kind) => Some(kind),
            Repr::Other(_) => None,
        }
    }

    /// The type's own name, which no other type has.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Known(kind) => kind.schema().name,
            Repr::Other(name) => name,
        }
    }

    /// The name in manifests: `Settings` for each type of settings, else the type's own.
    pub fn manifest_name(&self) -> &str {
        match &self.0 {
            Repr::Known(kind) => kind.schema().manifest_name,
            Repr::Other(name) => name,
        }
    }
}

impl From<MetadataType> for TypeName {
    fn from(kind: MetadataType) -> Self {
        Self(Repr::Known(kind))
    }
}

impl From<&str> for TypeName {
    fn from(name: &str) -> Self {
        let mut all = MetadataType::ALL.iter();
        match all.find(|kind| kind.schema().name == name) {
            Some(kind) => Self::from(*kind),
            None => Self(Repr::Other(name.into())),
        }
    }
}

impl From<&String> for TypeName {
    fn from(name: &String) -> Self {
        Self::from(name.as_str())
    }
}

impl From<String> for TypeName {
    fn from(name: String) -> Self {
        Self::from(name.as_str())
    }
}

impl PartialEq<MetadataType> for TypeName {
    fn eq(&self, kind: &MetadataType) -> bool {
        self.known() == Some(*kind)
    }
}

impl Ord for TypeName {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            // The types are sorted by name.
            (Repr::Known(a), Repr::Known(b)) => a.cmp(b),
            _ => self.as_str().cmp(other.as_str()),
        }
    }
}

impl PartialOrd for TypeName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for ComponentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.manifest_name(), self.name)
    }
}

impl fmt::Debug for ComponentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ComponentName {
    type Err = InvalidComponentName;

    fn from_str(text: &str) -> Result<Self, InvalidComponentName> {
        match text.split_once(':') {
            Some((kind, name)) if !kind.is_empty() && !name.is_empty() => Ok(Self::new(kind, name)),
            _ => Err(InvalidComponentName(text.to_owned())),
        }
    }
}

impl Serialize for ComponentName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ComponentName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for TypeName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
