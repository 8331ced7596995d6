//! Enumerations. All are open: a value that is not listed keeps its text.
//!
//! Some values are not in the public schema from API 67 on. They may only be hidden, so they stay
//! listed.

mod app;
mod canvas;
mod credential;
mod mobile;
mod oauth;
mod policy;
mod saml;

pub use app::{APIAccessLevel, ExtlClntAppDistState, ExtlClntAppManagedType, ExtlClntAppStartPage};
pub use canvas::{AccessMethod, CanvasLocationOptions, CanvasOptions, SamlInitiationMethod};
pub use credential::{
    AuthenticationProtocol, CalloutStatus, ExternalCredentialParamType, ExternalPrincipalType,
    ExtlIdentityProviderParmType, IdentityProviderAuthFlow, IdentityProviderAuthProtocol,
    NamedCredentialParamType, NamedCredentialType,
};
pub use mobile::{
    ApplePushEnvironmentType, AttestEnforceLevel, AttestServiceType, DevicePlatformType,
    DeviceType, PushServiceType, ScreenLockTimeout,
};
pub use oauth::{ConnectedAppOauthAccessScope, TlsClientAuthCertParamType};
pub use policy::{
    JWTSessionTimeoutType, PermittedUsersPolicyType, PolicyAction, RefreshTokenPolicyType,
    SessionSecurityLevel,
};
pub use saml::{
    ExtlClntAppNameIdFormatType, ExtlClntAppSamlBindingType, ExtlClntAppSamlEncryptType,
    ExtlClntAppSamlSignAlgoType, ExtlClntAppSamlSubjectType,
};
