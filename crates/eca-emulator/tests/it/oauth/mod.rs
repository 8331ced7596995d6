//! OAuth.

pub(crate) mod challenge;
pub(crate) mod client_credentials;
pub(crate) mod codes;
pub(crate) mod exchange;
pub(crate) mod flows;
pub(crate) mod headless;
pub(crate) mod id_token;
pub(crate) mod jwt_bearer;
pub(crate) mod lockout;
pub(crate) mod login;
pub(crate) mod one_time;
pub(crate) mod policies;
