//! Kinds of org.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The login hosts that orgs share (Salesforce Help, "OAuth Endpoints").
pub(crate) const LOGIN_HOSTS: [&str; 2] = ["login.salesforce.com", "test.salesforce.com"];

/// The kind of an org: which login host it uses, how it describes itself, and whether it can be
/// refreshed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum OrgKind {
    /// A production org, or a Developer Edition: `login.salesforce.com`.
    #[default]
    Production,
    /// A sandbox, with its name: `test.salesforce.com`. User names end in the name of the sandbox,
    /// and [`Org::refresh`](crate::org::Org::refresh) refreshes it.
    Sandbox(String),
    /// A scratch org: `test.salesforce.com`, and it expires after thirty days.
    Scratch,
}

impl OrgKind {
    /// The login host of the org, and the audience of assertions that log in to it.
    pub fn login_url(&self) -> &'static str {
        match self {
            Self::Production => "https://login.salesforce.com",
            Self::Sandbox(_) | Self::Scratch => "https://test.salesforce.com",
        }
    }

    /// `Organization.IsSandbox`, which is true for scratch orgs too.
    pub(crate) fn is_sandbox(&self) -> bool {
        !matches!(self, Self::Production)
    }

    /// The user name that a user of production has here (Salesforce Help, "Sandbox Setup
    /// Considerations": the sandbox's name is appended).
    pub(crate) fn username(&self, name: &str) -> String {
        match self {
            Self::Sandbox(sandbox) if !has_suffix(name, sandbox) => format!("{name}.{sandbox}"),
            _ => name.to_owned(),
        }
    }
}

fn has_suffix(name: &str, sandbox: &str) -> bool {
    name.strip_suffix(sandbox)
        .is_some_and(|rest| rest.ends_with('.'))
}

/// An unknown kind of org.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not a kind of org: production, sandbox, sandbox:NAME (letters and digits, at most ten) or scratch"
)]
pub struct UnknownOrgKind(String);

impl FromStr for OrgKind {
    type Err = UnknownOrgKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownOrgKind(text.to_owned());
        match text.split_once(':') {
            None if text == "production" => Ok(Self::Production),
            None if text == "scratch" => Ok(Self::Scratch),
            None if text == "sandbox" => Ok(Self::Sandbox("sandbox".to_owned())),
            // Salesforce Help, "Create a Sandbox": ten characters at most.
            Some(("sandbox", name))
                if (1..=10).contains(&name.len())
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
            {
                Ok(Self::Sandbox(name.to_owned()))
            }
            _ => Err(unknown()),
        }
    }
}

impl From<OrgKind> for String {
    fn from(kind: OrgKind) -> Self {
        kind.to_string()
    }
}

impl TryFrom<String> for OrgKind {
    type Error = UnknownOrgKind;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for OrgKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Production => f.write_str("production"),
            Self::Sandbox(name) => write!(f, "sandbox:{name}"),
            Self::Scratch => f.write_str("scratch"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_and_written() {
        for text in ["production", "scratch", "sandbox:uat2"] {
            assert_eq!(text.parse::<OrgKind>().unwrap().to_string(), text);
        }
        assert_eq!(
            "sandbox".parse(),
            Ok(OrgKind::Sandbox("sandbox".to_owned()))
        );
        for text in [
            "",
            "Sandbox",
            "sandbox:",
            "sandbox:a b",
            "sandbox:elevenchars",
            "dev",
        ] {
            let error = text.parse::<OrgKind>().unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("{text:?} is not a kind of org"))
            );
        }
    }

    #[test]
    fn user_names_get_the_name_of_the_sandbox_once() {
        let kind = OrgKind::Sandbox("uat".to_owned());
        assert_eq!(kind.username("ada@example.com"), "ada@example.com.uat");
        assert_eq!(kind.username("ada@example.com.uat"), "ada@example.com.uat");
        assert_eq!(kind.username("ada@example.squat"), "ada@example.squat.uat");
        assert_eq!(
            OrgKind::Scratch.username("ada@example.com"),
            "ada@example.com"
        );
    }
}
