//! Enumerations. All are open: a value that is not listed keeps its text.
//!
//! Some values vanished from the public schema at API 67; that may be visibility only, so they stay listed.

mod app;
mod credential;
mod policy;

pub use app::{ExtlClntAppDistState, ExtlClntAppManagedType, ExtlClntAppStartPage};
pub use credential::{
    AuthenticationProtocol, CalloutStatus, ExternalCredentialParamType, ExternalPrincipalType,
    ExtlIdentityProviderParmType, IdentityProviderAuthFlow, IdentityProviderAuthProtocol,
    NamedCredentialParamType, NamedCredentialType,
};
pub use policy::{
    JWTSessionTimeoutType, PermittedUsersPolicyType, PolicyAction, RefreshTokenPolicyType,
    SessionSecurityLevel,
};
