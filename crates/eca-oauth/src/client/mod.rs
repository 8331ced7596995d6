//! The client's identity and authentication.

pub(crate) mod authentication;
pub(crate) mod pkce;
pub(crate) mod proof;
pub(crate) mod scopes;
