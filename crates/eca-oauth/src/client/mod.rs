//! The client's identity and authentication.

pub(crate) mod authentication;
pub(crate) mod id;
pub(crate) mod invalid_name;
pub(crate) mod pkce;
pub(crate) mod proof;
pub(crate) mod scopes;
