//! Projects as commands take them.

pub(crate) mod package_args;
pub(crate) mod retrieve_merge;
