//! Statuses of deploys and retrieves: open enums.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A status this version does not know. Its text can be read, not matched on, so that naming it in
/// a later version breaks nobody silently.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnknownStatus(Box<str>);

macro_rules! status {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal $(| $alias:literal)*,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// Anything else, kept as the org spelled it.
            Unknown(UnknownStatus),
        }

        impl $name {
            /// The WSDL's spelling, or the org's for an unknown one.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => &text.0,
                }
            }
        }

        impl FromStr for $name {
            type Err = Infallible;

            fn from_str(text: &str) -> Result<Self, Infallible> {
                Ok(match text {
                    $($text $(| $alias)* => Self::$variant,)*
                    _ => Self::Unknown(UnknownStatus(text.into())),
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

status! {
    /// Where a deploy is (WSDL 66.0, `DeployStatus`). Whether it has ended is said by
    /// [`crate::wire::DeployResult::done`], never by a match on this.
    DeployStatus {
        /// Queued in the org.
        Pending = "Pending",
        /// At work.
        InProgress = "InProgress",
        /// Committing; cannot be cancelled any more (API 65.0 and later). The Apex guide spells it
        /// `FinalizingDeploy`.
        Finalizing = "Finalizing" | "FinalizingDeploy",
        /// The commit failed. The Apex guide spells it `FinalizingDeployFailed`.
        FinalizingFailed = "FinalizingFailed" | "FinalizingDeployFailed",
        /// Everything was deployed, or is valid if the deploy was check-only.
        Succeeded = "Succeeded",
        /// Some components were deployed; only without `rollbackOnError`.
        SucceededPartial = "SucceededPartial",
        /// Nothing was deployed.
        Failed = "Failed",
        /// A cancel was asked for and is not over.
        Canceling = "Canceling",
        /// Cancelled.
        Canceled = "Canceled",
    }
}

status! {
    /// Where a retrieve is (WSDL 66.0, `RetrieveStatus`).
    RetrieveStatus {
        /// Queued in the org.
        Pending = "Pending",
        /// At work.
        InProgress = "InProgress",
        /// The zip is ready, though members may be missing.
        Succeeded = "Succeeded",
        /// No zip.
        Failed = "Failed",
    }
}

impl DeployStatus {
    /// Whether the status is known to be a last one. Only a fallback for answers that leave `done`
    /// out.
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

impl RetrieveStatus {
    /// As [`DeployStatus::looks_final`].
    pub(crate) fn looks_final(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_open_and_take_both_spellings() {
        for (text, shown) in [
            ("Pending", "Pending"),
            ("FinalizingDeploy", "Finalizing"),
            ("FinalizingDeployFailed", "FinalizingFailed"),
            ("Postponed", "Postponed"),
            ("", ""),
        ] {
            let Ok(status) = text.parse::<DeployStatus>();
            assert_eq!(status.to_string(), shown);
        }
    }
}
