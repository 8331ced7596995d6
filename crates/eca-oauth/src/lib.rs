#![doc = include_str!("../README.md")]
//!
//! # The map
//!
//! - Grants: [`ClientCredentialsGrant`], [`JwtBearerGrant`], [`AuthorizationCodeGrant`] with
//!   [PKCE](PkceVerifier), [`RefreshGrant`], [`DeviceGrant`], [`TokenExchangeGrant`]; their answer
//!   is a [`TokenResponse`]. [`ClientProof`] is how the client proves itself. [`UserInfo`] says
//!   whose token it is, [`Introspection`] what it is good for, [`Revocation`] ends it.
//! - Headless login: [`Challenge`] is OAuth 2.0 for First-Party Applications as a machine without
//!   I/O; [`UsernamePasswordLogin`], [`PasswordlessLogin`] and [`Registration`] are the flows on
//!   top, [`ServerMetadata`] finds the endpoint.
//! - [`TokenSource`] hands tokens to API callers: [`StaticToken`], [`ClientCredentials`],
//!   [`JwtBearer`], [`ExchangedTokens`] over a [`SubjectTokenSource`], [`RefreshTokens`] over a
//!   [`RefreshStore`].
//! - [`SfdxAuthUrl`] reads what the Salesforce CLI writes.
//! - [`explain`] says what a refusal probably means.
//! - Errors name step and host; an [`OAuthError`] keeps the server's words.
//! - Secrets are types of their own: not `Clone`, not comparable, not serializable, wiped on drop,
//!   and shown as a constant.
//!
//! Names that are easily confused: Salesforce's older Headless Identity APIs
//! (`services/auth/headless/…`) use no attestation; they are [`IdentityClient`]. Mobile App
//! Attestation (Play Integrity, App Attest) is no JWT by a certificate, and is not here.

mod answer;
mod attestation;
mod bearing;
mod challenge;
mod client;
mod device;
mod discovery;
mod error;
mod exchanging;
pub mod explain;
mod extras;
mod form;
mod grant;
mod headless;
mod identity;
mod introspect;
mod jwt_bearer;
mod login;
mod members;
mod oauth_error;
mod observe;
mod openid;
mod passwordless;
mod pkce;
mod proof;
mod refresh;
mod refresh_store;
mod refreshing;
mod registration;
mod revoke;
mod secret;
mod sfdx_auth_url;
mod step;
mod subject_token;
mod token;
mod token_cache;
mod token_exchange;
mod token_source;
mod unreadable_answer;
mod urls;
mod userinfo;
mod verification;
mod web;

pub use attestation::{AttestationError, AttestationSource};
pub use bearing::JwtBearer;
pub use challenge::{
    AttestationCarrier, AttestationHeader, Authorized, Challenge, ChallengeOutcome,
    ChallengeProfile, EndpointSource, Fields, InvalidProfile, LoginField, LoginParameters,
    MethodParameter, ParameterName, PasswordlessField, PasswordlessParameters, RegistrationField,
    RegistrationParameters, UnknownMethod, UserDataParameters, VerificationMethod,
};
pub use client::{ClientAuthentication, ClientId, InvalidName, Scopes};
pub use device::{DeviceAnswer, DeviceCode, DeviceGrant};
pub use discovery::ServerMetadata;
pub use error::Error;
pub use exchanging::ExchangedTokens;
pub use extras::Extras;
pub use grant::{AuthorizationCodeGrant, ClientCredentialsGrant};
pub use identity::{
    ForgotPassword, Identifier, IdentityClient, IdentityCode, IdentityGate, IdentityPending,
    IdentityRequest, IdentityScheme, PasswordlessInit, Recaptcha, RegistrationInit, ResetStatus,
};
pub use introspect::Introspection;
pub use jwt_bearer::JwtBearerGrant;
pub use login::{Credentials, UsernamePasswordLogin};
pub use oauth_error::{OAuthError, OAuthErrorKind};
pub use observe::{Observer, StepOutcome, StepReport};
pub use openid::OpenIdConfiguration;
pub use passwordless::PasswordlessLogin;
pub use pkce::{CodeChallenge, NoRandomness, PkceVerifier};
pub use proof::{AssertionSource, ClientCredential, ClientProof};
pub use refresh::RefreshGrant;
pub use refresh_store::{HeldRefreshToken, MemoryRefreshStore, RefreshStore, StoreError};
pub use refreshing::RefreshTokens;
pub use registration::{Registration, UserData};
pub use revoke::Revocation;
pub use secret::{
    AccessToken, AccessTokenFormat, AssertionJwt, AuthSession, AuthorizationCode,
    ClientAttestationJwt, ClientSecret, DeviceSecret, IdToken, InvalidSecret, OneTimePassword,
    Password, RefreshToken, SubjectToken,
};
pub use sfdx_auth_url::{InvalidSfdxAuthUrl, SfdxAuthUrl};
pub use step::{Step, StepKind};
pub use subject_token::{SubjectTokenError, SubjectTokenSource};
pub use token::{IssuedAt, TokenResponse};
pub use token_exchange::{SubjectTokenType, TokenExchangeGrant};
pub use token_source::{ClientCredentials, StaticToken, TokenSource};
pub use unreadable_answer::UnreadableAnswer;
pub use urls::{
    AuthorizeEndpoint, ChallengeEndpoint, HostKind, InstanceUrl, IntrospectionEndpoint, InvalidUrl,
    LoginUrl, RevocationEndpoint, SiteUrl, TokenEndpoint, UrlProblem, UserinfoEndpoint,
};
pub use userinfo::UserInfo;
pub use verification::{PendingVerification, Started, Verification};
pub use web::{AuthorizationRequest, Callback, State};
