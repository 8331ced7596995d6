//! Salesforce's Headless Identity APIs, which are older than the first-party flows (Headless
//! Identity Implementation Guide; Salesforce Help, "Headless Login", "Headless Passwordless Login",
//! "Headless Registration" and "Headless Forgot Password" flows).
//!
//! | | first-party flows | here |
//! |---|---|---|
//! | proof of the app | client attestation | reCAPTCHA, or an integration user's token |
//! | credentials | in form parameters | in `Authorization: Basic` with `Auth-…` headers |
//! | code | as `authorization_code` in JSON | in a redirect, which is not followed |
//! | specification | IETF draft, details from your org | documented by Salesforce |

pub(crate) mod authorize;
pub(crate) mod client;
pub(crate) mod forgot_password;
pub(crate) mod gate;
pub(crate) mod init;
