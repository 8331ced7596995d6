//! OAuth 2.0: tokens, headless login, discovery.

pub(crate) mod browser;
pub(crate) mod challenge;
pub(crate) mod client;
pub(crate) mod discovery;
pub(crate) mod error;
pub(crate) mod form;
pub(crate) mod headless;
pub(crate) mod issue;
pub(crate) mod one_time;
pub(crate) mod pkce;
pub(crate) mod revoke;
pub(crate) mod session;
pub(crate) mod soap_login;
pub(crate) mod token;
pub(crate) mod userinfo;
