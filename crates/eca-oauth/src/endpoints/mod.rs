//! The endpoints beside the token endpoint.

pub(crate) mod discovery;
pub(crate) mod introspect;
pub(crate) mod openid;
pub(crate) mod revoke;
pub(crate) mod userinfo;
