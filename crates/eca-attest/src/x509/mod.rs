//! Reads, makes and checks certificates.

pub(crate) mod certificate;
pub(crate) mod error;
pub(crate) mod self_signed;
pub(crate) mod validate;
