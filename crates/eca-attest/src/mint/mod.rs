//! Makes attestations and assertions.

pub(crate) mod assertion;
pub(crate) mod assertion_minter;
pub(crate) mod async_minter;
pub(crate) mod attestation;
pub(crate) mod cache;
pub(crate) mod claims;
pub(crate) mod error;
pub(crate) mod minter;
pub(crate) mod validity;
