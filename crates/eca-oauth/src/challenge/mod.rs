//! OAuth 2.0 for First-Party Applications (draft-ietf-oauth-first-party-apps): an authorization
//! code through the app's own screens, without a browser.
//!
//! [`Challenge`] is the protocol as a machine without I/O: it makes requests and reads answers. It
//! goes by the JSON `error` only; drafts and servers differ on statuses (400 up to draft 03, 403
//! since, 401 in examples). [`ChallengeProfile`] holds what the draft leaves to the server.

mod invalid_profile;
mod machine;
mod parameter_name;
mod profile;
mod verified;

pub use invalid_profile::InvalidProfile;
pub use machine::{Authorized, Challenge, ChallengeOutcome, Fields};
pub use parameter_name::ParameterName;
pub use profile::{
    AttestationCarrier, AttestationHeader, ChallengeProfile, EndpointSource, LoginField,
    LoginParameters,
};
pub use verified::{
    MethodParameter, PasswordlessField, PasswordlessParameters, RegistrationField,
    RegistrationParameters, UnknownMethod, UserDataParameters, VerificationMethod,
};
