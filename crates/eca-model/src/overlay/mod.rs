//! Values that differ from org to org, put over a project.

mod apply;
mod error;
mod resolved;

use std::fmt;

pub use error::{OverlayError, OverlayProblem};
pub use resolved::Overlaid;

use crate::field::{FieldPath, FieldValue};
use crate::project::component_name::ComponentName;
use crate::values::origin::Origin;

/// Values that a project takes for one org. See [`Project::with_overlay`].
///
/// [`Project::with_overlay`]: crate::project::Project::with_overlay
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overlay {
    /// The values of the environments that the org is in, in any order. Two that disagree are an
    /// error, unless the org has a value of its own.
    pub environments: Vec<Assignment>,
    /// The values of the org itself, which count more.
    pub org: Vec<Assignment>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// What it is a value of.
    pub subject: Subject,
    /// The member.
    pub path: FieldPath,
    /// The value.
    pub value: AssignedValue,
    /// Where it is written.
    pub origin: Origin,
}

/// What a value is one of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The one component of this app that has the member.
    App(String),
    /// A component.
    Component(ComponentName),
}

/// What a member becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssignedValue {
    /// This value.
    Value(FieldValue),
    /// A certificate: the base64 of its DER. Members that hold none refuse it.
    Certificate(String),
    /// It is left out.
    Absent,
}

impl Overlay {
    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.environments.is_empty() && self.org.is_empty()
    }
}

/// `Billing`, or `NamedCredential:Ledger`.
impl From<&str> for Subject {
    fn from(text: &str) -> Self {
        match text.parse() {
            Ok(component) => Self::Component(component),
            Err(_) => Self::App(text.to_owned()),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App(app) => f.write_str(app),
            Self::Component(component) => write!(f, "{component}"),
        }
    }
}
