//! The grants of OAuth 2.0, and the response of the token endpoint.

pub(crate) mod authorization_code;
pub(crate) mod authorization_request;
pub(crate) mod client_credentials;
pub(crate) mod device;
pub(crate) mod jwt_bearer;
pub(crate) mod refresh;
pub(crate) mod response;
pub(crate) mod token_exchange;
