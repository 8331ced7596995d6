//! Components without a package: what an org has, and calls on single components.

pub(crate) mod inventory;
pub(crate) mod records;
