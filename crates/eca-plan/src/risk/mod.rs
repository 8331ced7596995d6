//! What may go wrong when a plan is applied, by name.

mod access;
mod app;
mod detect;
mod loss;

use std::fmt;
use std::str::FromStr;

use eca_model::{ComponentName, FieldPath};
use serde::{Deserialize, Serialize};

pub(crate) use app::After;
pub(crate) use detect::detect;

use crate::change::ComponentChange;
use crate::facts::Tokens;

/// Something that cannot be taken back easily, and that has to be allowed by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Risk {
    /// Its name.
    pub kind: RiskKind,
    /// The app.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub app: Option<String>,
    /// The component.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub component: Option<ComponentName>,
    /// The member.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<FieldPath>,
    /// What happens, in a sentence.
    pub message: String,
    /// Whom it touches.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub affects: Option<Affected>,
}

/// The name of a risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RiskKind {
    /// Users or integrations can no longer log in.
    Lockout,
    /// A value that somebody set in the org is lost, and no default is documented for it.
    Wipe,
    /// A value that somebody set in the org becomes the default.
    Reset,
    /// A consumer key or secret is deleted or replaced.
    Consumer,
    /// What is deleted cannot come back as it was.
    Irreversible,
    /// A linter found an error in what is sent.
    Lint,
}

/// The people or tokens that a risk touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Affected {
    /// This many users.
    Users(u64),
    /// Live tokens.
    Tokens(Tokens),
    /// Nobody could say.
    Unknown,
}

/// A name that is not one of a risk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a risk: lockout, wipe, reset, consumer, irreversible or lint")]
pub struct UnknownRisk(String);

impl Risk {
    /// A risk of a component.
    fn of(change: &ComponentChange, kind: RiskKind, message: &str) -> Self {
        Self {
            kind,
            app: change.app.clone(),
            component: Some(change.component.clone()),
            path: None,
            message: message.to_owned(),
            affects: None,
        }
    }
}

impl RiskKind {
    /// Every risk.
    pub const ALL: [Self; 6] = [
        Self::Lockout,
        Self::Wipe,
        Self::Reset,
        Self::Consumer,
        Self::Irreversible,
        Self::Lint,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lockout => "lockout",
            Self::Wipe => "wipe",
            Self::Reset => "reset",
            Self::Consumer => "consumer",
            Self::Irreversible => "irreversible",
            Self::Lint => "lint",
        }
    }
}

impl fmt::Display for RiskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for RiskKind {
    type Err = UnknownRisk;

    fn from_str(text: &str) -> Result<Self, UnknownRisk> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| UnknownRisk(text.to_owned()))
    }
}

impl Affected {
    /// Of the tokens of an app, where they are known.
    fn tokens(tokens: Option<&Tokens>) -> Self {
        tokens.map_or(Self::Unknown, |tokens| Self::Tokens(tokens.clone()))
    }

    /// Of a number of users, where it is known.
    fn users(users: Option<u64>) -> Self {
        users.map_or(Self::Unknown, Self::Users)
    }
}

impl fmt::Display for Affected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Users(1) => f.write_str("1 user"),
            Self::Users(users) => write!(f, "{users} users"),
            Self::Tokens(tokens) => write!(f, "{tokens}"),
            Self::Unknown => f.write_str("whom it touches could not be read"),
        }
    }
}
