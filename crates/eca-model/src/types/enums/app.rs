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

/// What an app opens with.
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

/// What an installed package may reach over the API.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum APIAccessLevel {
    /// What its users may reach.
    Unrestricted,
    /// Only the objects that the package lists.
    Restricted,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}
