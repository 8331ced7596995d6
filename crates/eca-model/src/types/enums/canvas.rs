//! Enumerations of canvas apps.

use crate::values::text::UnknownValue;
use eca_model_derive::Enumeration;

/// How a canvas receives its first request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum AccessMethod {
    /// A GET request; the app asks for authorization itself.
    Get,
    /// A POST with a signed request.
    Post,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Places where a canvas may appear. The guide lists seven, the schema all of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum CanvasLocationOptions {
    /// `None`.
    None,
    /// `Chatter`.
    Chatter,
    /// `UserProfile`.
    UserProfile,
    /// `Visualforce`.
    Visualforce,
    /// `Aura`.
    Aura,
    /// `Publisher`.
    Publisher,
    /// `ChatterFeed`.
    ChatterFeed,
    /// `ServiceDesk`.
    ServiceDesk,
    /// `OpenCTI`.
    #[value(name = "OpenCTI")]
    OpenCti,
    /// `AppLauncher`.
    AppLauncher,
    /// `MobileNav`.
    MobileNav,
    /// `PageLayout`.
    PageLayout,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Display options of a canvas.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum CanvasOptions {
    /// Without the share button.
    HideShare,
    /// Without the header.
    HideHeader,
    /// Users may install the app for themselves.
    PersonalEnabled,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}

/// Who starts a SAML login.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Enumeration)]
#[non_exhaustive]
pub enum SamlInitiationMethod {
    /// No SAML login.
    None,
    /// The org, as identity provider.
    IdpInitiated,
    /// The app, as service provider.
    SpInitiated,
    /// A value that this crate does not know.
    Unknown(UnknownValue),
}
