//! A deploy, from its start to its end.

pub(crate) mod changes;
pub(crate) mod deployment;
pub(crate) mod fingerprint;
pub(crate) mod follow;
pub(crate) mod outcome;
pub(crate) mod poll;
pub(crate) mod problem;
pub(crate) mod recover;
mod stall;
pub(crate) mod start;
mod status;
