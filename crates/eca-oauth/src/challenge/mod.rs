//! OAuth 2.0 for First-Party Applications (draft-ietf-oauth-first-party-apps): an authorization
//! code through the app's own screens, without a browser.
//!
//! [`Challenge`](state_machine::Challenge) is the protocol as a state machine without I/O: it
//! builds requests and reads responses. It depends on the JSON `error` only; drafts and servers
//! differ on statuses (400 up to draft 03, 403 since, 401 in examples).
//! [`ChallengeProfile`](profile::ChallengeProfile) has what the draft leaves to the server.

pub(crate) mod invalid_profile;
pub(crate) mod parameter_name;
pub(crate) mod passwordless;
pub(crate) mod profile;
pub(crate) mod registration;
pub(crate) mod state_machine;
pub(crate) mod verification_method;
