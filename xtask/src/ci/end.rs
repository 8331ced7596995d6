//! How a step can end.

use crate::ci::tool::Tool;

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It found no problem.
    Passed,
    /// It could not run, for this reason.
    Skipped(String),
    /// It needs a program that is not installed.
    Missing(Tool),
    /// It found this problem.
    Failed(String),
}

impl End {
    /// The end of a check that only succeeds or fails.
    pub(crate) fn new(well: bool, problem: &str) -> Self {
        if well {
            Self::Passed
        } else {
            Self::Failed(problem.to_owned())
        }
    }
}
