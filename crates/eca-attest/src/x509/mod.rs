//! Certificates: reading, making, and checking them against Salesforce's limits.

pub(crate) mod certificate;
pub(crate) mod error;
pub(crate) mod self_signed;
pub(crate) mod validate;
