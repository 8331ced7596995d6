//! Attestations and assertions: what is signed, and when it is signed again.

pub(crate) mod assertion;
pub(crate) mod async_minter;
pub(crate) mod attestation;
pub(crate) mod cache;
pub(crate) mod error;
pub(crate) mod minter;
pub(crate) mod validity;
