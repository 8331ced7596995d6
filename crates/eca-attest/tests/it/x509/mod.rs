//! Certificates.

pub(crate) mod certificates;
pub(crate) mod self_signed;
pub(crate) mod validate;
