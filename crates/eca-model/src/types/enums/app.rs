//! Enumerations of apps.

use crate::values::text::UnknownValue;
use eca_model_derive::Enumeration;

/// Where an app may live.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ExtlClntAppDistState {
    /// This org only.
    Local,
    /// `Global`.
    #[value(until = 57)]
    Global,
    /// Goes into a package.
    Packaged,
    /// `Managed`.
    #[value(gap = 58..=59)]
    Managed,
    /// `AutoInstalled`.
    #[value(since = 62)]
    AutoInstalled,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Internal to Salesforce.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ExtlClntAppManagedType {
    /// This org only.
    Local,
    /// `Global`.
    Global,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// What a user sees first when opening an app.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum ExtlClntAppStartPage {
    /// `None`.
    None,
    /// `Custom`.
    Custom,
    /// `OAuth`.
    OAuth,
    /// `SAML`.
    #[value(name = "SAML", since = 63)]
    Saml,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Which objects an installed package may access over the API.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum APIAccessLevel {
    /// All objects that its users may access.
    Unrestricted,
    /// Only the objects that the package lists.
    Restricted,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}
