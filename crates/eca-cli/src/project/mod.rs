//! The selection and merging of projects.

pub(crate) mod inventory;
pub(crate) mod package_args;
pub(crate) mod replacements;
pub(crate) mod retrieve_merge;
pub(crate) mod values;
