//! Paths, inputs, outputs, git.

pub(crate) mod certificates;
pub(crate) mod git;
pub(crate) mod input;
pub(crate) mod key_passwords;
pub(crate) mod owner;
pub(crate) mod paths;
pub(crate) mod report_paths;
pub(crate) mod secret_file;
pub(crate) mod shell;
pub(crate) mod transaction;
pub(crate) mod write;
