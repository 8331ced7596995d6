//! Components without a package: what an org has, and the calls on single records.

pub(crate) mod inventory;
pub(crate) mod records;
