//! What a comparison of three sides found.

use serde::{Deserialize, Serialize};

/// What a plan does to a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// Nothing is sent.
    Keep,
    /// It is deployed, and the org does not have it.
    Create,
    /// It is deployed over the org's.
    Update,
    /// It is deleted from the org.
    Delete,
}

/// What a comparison of the project, the org and what was applied last found.
///
/// `a`, `b` and `c` are different values and `–` is none. "Last" is what was applied last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// A component that the org does not have.
    Create,
    /// Last a, project b, org a: the project's value is sent.
    Update,
    /// Last –, project b, org a: the project takes over what somebody set in the org, and its value
    /// is sent.
    Adopt,
    /// Drift that the project's value is put back for, as the options ask.
    Restore,
    /// The project asks the org for a new key or secret. The org does it with every deploy.
    Rotate,
    /// Last a, project –, org a: left out, and the org takes its default. Of a component: it is
    /// deleted.
    Remove,
    /// Last a, project b, org b.
    AlreadyThere,
    /// Last a, project a, org b: somebody changed it in the org. The org's value is sent along.
    Drift,
    /// Last –, project –, org a: nobody here ever set it. The org's value is sent along.
    Unmanaged,
    /// As drift or unmanaged, where the org's value cannot be sent along: a deploy loses it.
    WouldReset,
    /// It could not be read, or it is filled in on deploy.
    Unreadable,
    /// A secret: an org takes it and does not show it.
    WriteOnly,
}
