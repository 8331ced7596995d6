//! Salesforce's own Headless Identity APIs, the older siblings of the first-party flows (Headless
//! Identity Implementation Guide; Salesforce Help, "Headless Login", "Headless Passwordless Login",
//! "Headless Registration" and "Headless Forgot Password" flows).
//!
//! | | first-party flows | here |
//! |---|---|---|
//! | what proves the app | client attestation | reCAPTCHA, or an integration user's token |
//! | credentials go | in form parameters | in `Authorization: Basic` with `Auth-…` headers |
//! | the code comes | as `authorization_code` in JSON | in a redirect, which nothing here follows |
//! | wire | IETF draft, details from one's own org | documented by Salesforce |

pub(crate) mod authorize;
pub(crate) mod client;
pub(crate) mod forgot_password;
pub(crate) mod gate;
pub(crate) mod init;
