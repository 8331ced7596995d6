//! What no file says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use eca_model::ComponentName;
use serde::{Deserialize, Serialize};

use crate::change::Unreadable;

/// What no file says, and the caller knows. What is missing from a map is not known, and a risk
/// that depends on it says so; it is never taken for harmless.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Facts {
    /// How many active users hold a permission set, by its name.
    pub permission_set_holders: BTreeMap<String, u64>,
    /// How many active users have a profile, by its name.
    pub profile_holders: BTreeMap<String, u64>,
    /// The users that flows run as, by user name.
    pub users: BTreeMap<String, UserState>,
    /// The live tokens of an app, by its developer name.
    pub tokens: BTreeMap<String, Tokens>,
    /// The org's switches that are on or off.
    pub switches: BTreeMap<Switch, bool>,
    /// The principals of an external credential whose credentials the org has, by the name of the
    /// external credential.
    pub stored_credentials: BTreeMap<String, BTreeSet<String>>,
    /// Errors that a linter found in the project.
    pub lint_errors: Vec<LintError>,
    /// The app that the session of the caller comes through.
    pub session_app: Option<String>,
    /// Components that the org has, or may have, and that could not be read.
    pub unreadable: BTreeMap<ComponentName, Unreadable>,
}

/// A user that a flow runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum UserState {
    /// The org has no such user.
    Missing,
    /// The user cannot log in.
    Inactive,
    /// The user is active.
    Active,
    /// The user is active and may use the API only.
    ActiveApiOnly,
}

/// The live tokens of an app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// How many there are.
    pub count: u64,
    /// How many users have one.
    pub users: u64,
    /// When one was last used, as the org writes it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_used: Option<String>,
}

/// A switch of the org that an app depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Switch {
    /// External client apps may be created. Newer API versions have no member for it.
    ExternalClientApps,
    /// Apps may use the Authorization Code and Credentials flow.
    CodeCredentialsFlow,
}

/// An error that a linter found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintError {
    /// The rule.
    pub rule: String,
    /// The component.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub component: Option<ComponentName>,
    /// The finding, with its place.
    pub message: String,
}

impl Facts {
    /// Nothing is known.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Tokens {
    /// Whether nobody holds or has used one.
    pub fn are_none(&self) -> bool {
        self.count == 0 && self.last_used.is_none()
    }
}

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        let (tokens, users) = (plural(self.count), plural(self.users));
        write!(
            f,
            "{} token{tokens} of {} user{users}",
            self.count, self.users
        )?;
        match &self.last_used {
            Some(time) => write!(f, ", last used {time}"),
            None => Ok(()),
        }
    }
}

/// In a sentence about Setup; in quotes where its label there is known.
impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ExternalClientApps => "external client apps",
            Self::CodeCredentialsFlow => "\"Allow Authorization Code and Credentials Flows\"",
        })
    }
}
