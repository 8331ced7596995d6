//! Minting.

pub(crate) mod assertion;
pub(crate) mod async_minter;
pub(crate) mod attestation;
pub(crate) mod identity;
pub(crate) mod minter;
