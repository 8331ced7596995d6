//! Why a value cannot be put over a project.

use std::fmt;

use crate::field::FieldError;
use crate::project::component_name::ComponentName;
use crate::values::origin::Origin;

/// A value that cannot be put over a project, with its place. The value itself is never shown: it
/// may be a secret that stands at the wrong place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}: {problem}", .origin.file, .origin.position)]
#[non_exhaustive]
pub struct OverlayError {
    /// Where the value is written.
    pub origin: Origin,
    /// What is wrong with it.
    pub problem: OverlayProblem,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OverlayProblem {
    /// The project has no such app.
    UnknownApp {
        /// The name.
        app: String,
        /// The app that was probably meant.
        meant: Option<String>,
    },
    /// The project has no such component.
    UnknownComponent {
        /// The name.
        component: ComponentName,
        /// The component that was probably meant.
        meant: Option<ComponentName>,
    },
    /// No component of the app has such a member.
    UnknownMember {
        /// The app.
        app: String,
        /// The member.
        member: String,
        /// The member that was probably meant.
        meant: Option<&'static str>,
        /// A type that has the member and of which the app has no component.
        missing: Option<&'static str>,
    },
    /// Several components of the app have the member.
    SeveralComponents {
        /// The member.
        member: String,
        /// The components.
        components: Vec<ComponentName>,
    },
    /// The member takes no such value.
    Field(FieldError),
    /// The member is a secret.
    Secret {
        /// The member.
        member: String,
    },
    /// The org makes the value.
    MadeByTheOrg {
        /// The member.
        member: String,
    },
    /// The member names the app that the component belongs to.
    Owner {
        /// The member.
        member: String,
    },
    /// The member holds no certificate.
    NoCertificate {
        /// The member.
        member: String,
    },
    /// Another value of the same member counts as much.
    Disagreement {
        /// The member.
        member: String,
        /// Where the other value is written.
        other: Origin,
    },
}

impl fmt::Display for OverlayProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownApp { app, meant } => {
                write!(f, "the project has no app `{app}`")?;
                suggest(f, meant.as_ref())
            }
            Self::UnknownComponent { component, meant } => {
                write!(f, "the project has no component `{component}`")?;
                suggest(f, meant.as_ref())
            }
            Self::UnknownMember {
                app,
                member,
                meant,
                missing,
            } => {
                write!(f, "no component of {app} has a member `{member}`")?;
                if let Some(kind) = missing {
                    return write!(f, "; {kind} has one, and the app has no file of it");
                }
                suggest(f, meant.as_ref())
            }
            Self::SeveralComponents { member, components } => {
                let names: Vec<_> = components.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "`{member}` is a member of {}: give the value to one of them by its name",
                    names.join(" and ")
                )
            }
            Self::Field(FieldError::Value { path, expected, .. }) => {
                write!(f, "`{path}` takes {expected}")
            }
            Self::Field(error) => write!(f, "{error}"),
            Self::Secret { member } => {
                write!(f, "`{member}` is a secret and must not be in a file")
            }
            Self::MadeByTheOrg { member } => {
                write!(f, "`{member}` is made by the org and cannot be given to it")
            }
            Self::Owner { member } => {
                write!(
                    f,
                    "`{member}` names the app of the component and is the same in every org"
                )
            }
            Self::NoCertificate { member } => {
                write!(
                    f,
                    "`{member}` holds no certificate, and only certificates come from files"
                )
            }
            Self::Disagreement { member, other } => write!(
                f,
                "`{member}` has another value at {other}, which counts as much: remove one of them, or give the org its own"
            ),
        }
    }
}

fn suggest(f: &mut fmt::Formatter<'_>, meant: Option<impl fmt::Display>) -> fmt::Result {
    match meant {
        Some(meant) => write!(f, "; did you mean `{meant}`?"),
        None => Ok(()),
    }
}
