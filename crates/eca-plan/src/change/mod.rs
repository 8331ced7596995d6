//! What differs between the project, the org, and what was applied last.

mod verdict;

use eca_model::{ComponentName, FieldPath, FieldValue};
use serde::{Deserialize, Serialize};

pub use verdict::{Action, Verdict};

/// A component that a plan has something to say about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ComponentChange {
    /// The component.
    pub component: ComponentName,
    /// The app that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub app: Option<String>,
    /// What the plan does to it.
    pub action: Action,
    /// The verdict, where it is about the component as a whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verdict: Option<Verdict>,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unreadable: Option<Unreadable>,
    /// Its members, sorted by path. Members that are the same everywhere are left out.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub members: Vec<MemberChange>,
}

/// A member that a plan has something to say about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MemberChange {
    /// The path below the root; [`CONTENT`] for the file beside a component.
    pub path: FieldPath,
    /// What was found.
    pub verdict: Verdict,
    /// The value that was applied last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last: Option<FieldValue>,
    /// The project's value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub desired: Option<FieldValue>,
    /// The org's value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actual: Option<FieldValue>,
    /// What an org takes when the member is left out, where that is documented.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub default: Option<FieldValue>,
    /// Where the project's value is written, such as `eca.toml:14`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
}

/// The name that stands for the path of the file beside a component, such as the `.crt` of a
/// certificate. Its value is the size and the start of the SHA-256.
pub const CONTENT: &str = "content-file";

/// A member, or a whole component, that the project and the org changed in different ways since it
/// was applied. While there is one, a plan has no steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Conflict {
    /// The component.
    pub component: ComponentName,
    /// The app that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub app: Option<String>,
    /// The member; `None` where the component as a whole is contested.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<FieldPath>,
    /// The value that was applied last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last: Option<FieldValue>,
    /// The project's value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub desired: Option<FieldValue>,
    /// The org's value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actual: Option<FieldValue>,
    /// What is contested, in a sentence.
    pub reason: String,
    /// Where the project's value is written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
}

/// Why something could not be read, and what helps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// The reason.
    pub reason: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remedy: Option<String>,
}

impl ComponentChange {
    /// Whether the component goes to the org or is deleted there.
    pub fn is_sent(&self) -> bool {
        self.action != Action::Keep
    }

    /// Whether the org does not have it, and gets it.
    pub fn is_new(&self) -> bool {
        self.action == Action::Create
    }

    /// Whether somebody changed it in the org, and the plan leaves that.
    pub fn is_drift(&self) -> bool {
        let mut members = self.members.iter().map(|member| member.verdict);
        self.verdict == Some(Verdict::Drift) || members.any(|verdict| verdict == Verdict::Drift)
    }

    /// Whether it, or one of its members, could not be compared.
    pub fn is_unreadable(&self) -> bool {
        let mut members = self.members.iter().map(|member| member.verdict);
        self.unreadable.is_some() || members.any(|verdict| verdict == Verdict::Unreadable)
    }
}

impl MemberChange {
    /// Whether the project's value, or its absence, is sent.
    pub fn is_sent(&self) -> bool {
        match self.verdict {
            Verdict::Create
            | Verdict::Update
            | Verdict::Adopt
            | Verdict::Restore
            | Verdict::Rotate
            | Verdict::Remove => true,
            Verdict::Unreadable => self.last != self.desired,
            _ => false,
        }
    }

    /// Whether the org's value is sent in the place of the project's, so that a deploy keeps it.
    pub fn is_kept(&self) -> bool {
        matches!(self.verdict, Verdict::Drift | Verdict::Unmanaged)
    }

    /// The value after the plan was applied, where the files tell.
    pub fn after(&self) -> Option<&FieldValue> {
        match self.verdict {
            Verdict::Remove | Verdict::WouldReset => self.default.as_ref(),
            Verdict::Drift | Verdict::Unmanaged | Verdict::AlreadyThere => self.actual.as_ref(),
            // A rotation is a request; the org does not keep it.
            Verdict::Rotate => None,
            _ => self.desired.as_ref(),
        }
    }
}
