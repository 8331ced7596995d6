#![doc = include_str!("../README.md")]
//!
//! # Overview
//!
//! - Grants: [`ClientCredentialsGrant`], [`JwtBearerGrant`], [`AuthorizationCodeGrant`] with
//!   [PKCE](PkceVerifier), [`RefreshGrant`], [`DeviceGrant`], [`TokenExchangeGrant`]; their
//!   response is a [`TokenResponse`]. [`ClientProof`] authenticates the client. [`UserInfo`] reads
//!   a token's user, [`Introspection`] its state, and [`Revocation`] revokes it.
//! - Headless login: [`Challenge`] is OAuth 2.0 for First-Party Applications as a state machine
//!   without I/O; [`HeadlessClient`] runs its flows: user name and password, one-time password,
//!   registration; [`ServerMetadata`] names its endpoint.
//! - [`TokenSource`] gives tokens to API callers: [`StaticToken`], [`ClientCredentials`],
//!   [`JwtBearer`], [`ExchangedTokens`] over a [`SubjectTokenSource`], [`RefreshTokens`] over a
//!   [`RefreshStore`].
//! - [`SfdxAuthUrl`] reads the auth URLs of the Salesforce CLI.
//! - [`explain`] lists the likely causes of a refusal.
//! - Errors name step and host; an [`OAuthError`] is the server's error, verbatim.
//! - Each kind of secret has its own type, which is not `Clone`, comparable or serializable, is
//!   wiped on drop, and prints a constant.
//!
//! [`IdentityClient`] calls Salesforce's older Headless Identity APIs
//! (`services/auth/headless/…`), which use no client attestation. Mobile app attestation (Play
//! Integrity, App Attest) is something else and not supported.

mod audience;
mod challenge;
mod client;
mod domains;
mod endpoints;
mod error;
pub mod explain;
mod grants;
mod headless;
mod identity;
mod instances;
mod oauth_error;
mod observe;
mod secret;
mod sent_secrets;
mod sfdx_auth_url;
mod sources;
mod step;
mod urls;
mod wire;

pub use eca_attest::{ClientId, ClientIdError};

pub use audience::{ForeignAudience, check_audience};
pub use challenge::invalid_profile::InvalidProfile;
pub use challenge::parameter_name::ParameterName;
pub use challenge::passwordless::{PasswordlessField, PasswordlessParameters};
pub use challenge::profile::{
    AttestationCarrier, AttestationHeader, ChallengeProfile, EndpointSource, LoginField,
    LoginParameters,
};
pub use challenge::registration::{RegistrationField, RegistrationParameters, UserDataParameters};
pub use challenge::state_machine::{Authorized, Challenge, ChallengeOutcome, Fields};
pub use challenge::verification_method::{MethodParameter, UnknownMethod, VerificationMethod};
pub use client::authentication::ClientAuthentication;
pub use client::pkce::{CodeChallenge, NoRandomness, PkceVerifier};
pub use client::proof::{AssertionSource, ClientCredential, ClientProof};
pub use client::scopes::{InvalidScope, Scopes};
pub use endpoints::discovery::ServerMetadata;
pub use endpoints::introspect::Introspection;
pub use endpoints::openid::OpenIdConfiguration;
pub use endpoints::revoke::Revocation;
pub use endpoints::userinfo::UserInfo;
pub use error::Error;
pub use grants::authorization_code::AuthorizationCodeGrant;
pub use grants::authorization_request::{AuthorizationRequest, Callback, State};
pub use grants::client_credentials::ClientCredentialsGrant;
pub use grants::device::{DeviceCode, DeviceGrant, DeviceTokenResponse};
pub use grants::jwt_bearer::JwtBearerGrant;
pub use grants::refresh::RefreshGrant;
pub use grants::response::{IssuedAt, TokenResponse};
pub use grants::token_exchange::{SubjectTokenType, TokenExchangeGrant};
pub use headless::HeadlessClient;
pub use headless::pending::PendingVerification;
pub use headless::registration::UserData;
pub use headless::verification::{Started, Verification};
pub use identity::authorize::{CredentialPlace, IdentityCode, IdentityRequest, IdentityScheme};
pub use identity::client::{IdentityClient, IdentityPending};
pub use identity::forgot_password::{ForgotPassword, ResetStatus};
pub use identity::gate::{IdentityGate, Recaptcha};
pub use identity::init::{Identifier, PasswordlessInit, RegistrationInit};
pub use instances::{Instances, OtherInstance};
pub use oauth_error::{OAuthError, OAuthErrorKind};
pub use observe::{Observer, StepOutcome, StepReport};
pub use secret::{
    AccessToken, AccessTokenFormat, AssertionJwt, AuthSession, AuthorizationCode,
    ClientAttestationJwt, ClientSecret, DeviceSecret, IdToken, InvalidSecret, OneTimePassword,
    Password, RefreshToken, SubjectToken,
};
pub use sent_secrets::SentSecrets;
pub use sfdx_auth_url::{InvalidSfdxAuthUrl, SfdxAuthUrl};
pub use sources::attestation::{AttestationError, AttestationSource};
pub use sources::client_credentials::ClientCredentials;
pub use sources::jwt_bearer::JwtBearer;
pub use sources::refresh::RefreshTokens;
pub use sources::refresh_store::{
    MemoryRefreshStore, RefreshStore, RefreshStoreError, RefreshTokenGuard,
};
pub use sources::static_token::StaticToken;
pub use sources::subject_token::{SubjectTokenError, SubjectTokenSource};
pub use sources::token_exchange::ExchangedTokens;
pub use sources::{IntoTokenSource, TokenSource};
pub use step::{Step, StepKind};
pub use urls::{
    AuthorizeEndpoint, BearerAudience, ChallengeEndpoint, HostKind, InstanceUrl,
    IntrospectionEndpoint, InvalidUrl, LoginUrl, RevocationEndpoint, SiteUrl, TokenEndpoint,
    UrlProblem, UserinfoEndpoint,
};
pub use wire::extras::Extras;
pub use wire::stored::InvalidPending;
pub use wire::unreadable_response::UnreadableResponse;
