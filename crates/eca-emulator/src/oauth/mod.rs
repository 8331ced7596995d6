//! OAuth 2.0: tokens, headless login, and what clients discover about them.

pub(crate) mod approval;
pub(crate) mod attestation;
pub(crate) mod authorize;
pub(crate) mod challenge;
pub(crate) mod client;
pub(crate) mod client_assertion;
pub(crate) mod device;
pub(crate) mod discovery;
pub(crate) mod error;
pub(crate) mod exchange;
pub(crate) mod form;
pub(crate) mod headless;
pub(crate) mod issue;
pub(crate) mod jwt_bearer;
pub(crate) mod login_host;
pub(crate) mod login_page;
pub(crate) mod one_time;
pub(crate) mod page;
pub(crate) mod policies;
pub(crate) mod refresh;
pub(crate) mod replays;
pub(crate) mod revoke;
pub(crate) mod session;
pub(crate) mod signing;
pub(crate) mod token;
pub(crate) mod userinfo;
