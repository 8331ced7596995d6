//! The status of a deploy: an open enum.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// The status of a deploy (WSDL 66.0, `DeployStatus`). Whether it has ended is only in
/// [`DeployResult::done`](crate::DeployResult::done).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeployStatus {
    /// Queued.
    Pending,
    /// Running.
    InProgress,
    /// Committing; cannot be cancelled any more (API 65.0 and later). The Apex guide spells it
    /// `FinalizingDeploy`.
    Finalizing,
    /// The commit failed. The Apex guide spells it `FinalizingDeployFailed`.
    FinalizingFailed,
    /// Everything was deployed, or is valid if the deploy was check-only.
    Succeeded,
    /// Some components were deployed; only without `rollbackOnError`.
    SucceededPartial,
    /// Nothing was deployed.
    Failed,
    /// Cancellation was requested and is not complete.
    Canceling,
    /// Cancelled.
    Canceled,
    /// Any other, in the org's spelling.
    Unknown(UnknownStatus),
}

/// A status that this version does not know. Its text can be read but not matched on, so that a
/// later version can add a variant for it without silently breaking callers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnknownStatus(Box<str>);

impl DeployStatus {
    /// The WSDL's spelling, or the org's for an unknown one.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Finalizing => "Finalizing",
            Self::FinalizingFailed => "FinalizingFailed",
            Self::Succeeded => "Succeeded",
            Self::SucceededPartial => "SucceededPartial",
            Self::Failed => "Failed",
            Self::Canceling => "Canceling",
            Self::Canceled => "Canceled",
            Self::Unknown(text) => &text.0,
        }
    }

    /// Whether no status follows this one. A fallback for responses without `done`.
    pub(crate) fn looks_final(&self) -> bool {
        matches!(
            self,
            Self::Succeeded
                | Self::SucceededPartial
                | Self::Failed
                | Self::Canceled
                | Self::FinalizingFailed
        )
    }
}

impl FromStr for DeployStatus {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "Pending" => Self::Pending,
            "InProgress" => Self::InProgress,
            "Finalizing" | "FinalizingDeploy" => Self::Finalizing,
            "FinalizingFailed" | "FinalizingDeployFailed" => Self::FinalizingFailed,
            "Succeeded" => Self::Succeeded,
            "SucceededPartial" => Self::SucceededPartial,
            "Failed" => Self::Failed,
            "Canceling" => Self::Canceling,
            "Canceled" => Self::Canceled,
            _ => Self::Unknown(UnknownStatus(text.into())),
        })
    }
}

impl fmt::Display for DeployStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl serde::Serialize for DeployStatus {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_open_and_take_both_spellings() {
        for (text, expected) in [
            ("Pending", "Pending"),
            ("FinalizingDeploy", "Finalizing"),
            ("FinalizingDeployFailed", "FinalizingFailed"),
            ("Postponed", "Postponed"),
            ("", ""),
        ] {
            let Ok(status) = text.parse::<DeployStatus>();
            assert_eq!(status.to_string(), expected);
        }
    }
}
