//! The commands, one file or folder for each.

pub(crate) mod attest;
pub(crate) mod cert;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod deploy;
pub(crate) mod deploys;
pub(crate) mod describe;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod emulate;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod key;
pub(crate) mod lint;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod manual;
pub(crate) mod package;
pub(crate) mod retrieve;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod state;
pub(crate) mod token;
pub(crate) mod trust;
