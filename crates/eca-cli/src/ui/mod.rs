//! Results, progress and problems for users.

pub(crate) mod deploy_result;
pub(crate) mod follow;
pub(crate) mod github_report;
pub(crate) mod interrupt;
pub(crate) mod junit;
pub(crate) mod mask;
pub(crate) mod output;
pub(crate) mod paint;
pub(crate) mod problems;
pub(crate) mod progress;
pub(crate) mod question;
pub(crate) mod suggestions;
pub(crate) mod terminal;
pub(crate) mod wrap;
