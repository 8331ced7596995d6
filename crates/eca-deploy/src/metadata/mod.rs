//! Components without a package: lists of an org's components, and calls on single components.

pub(crate) mod inventory;
pub(crate) mod records;
