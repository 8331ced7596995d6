//! Profiles: sets of rules.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

/// A named set of rules.
/// Profiles add up: the rules of [`Profile::Default`] always run, and every further profile of
/// [`Options`](crate::engine::options::Options) adds its own. No profile disables a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Profile {
    /// Problems that make a deploy fail, leak a secret, lock a team out or tie a project to one
    /// org.
    #[default]
    Default,
    /// What an app needs for the headless flows of OAuth 2.0 for First-Party Applications, which
    /// use the authorization challenge endpoint.
    ///
    /// Source: Salesforce Help, "OAuth 2.0 for First-Party Applications: Configure an External
    /// Client App for Headless Identity Flows".
    FirstParty,
    /// What Salesforce and careful customers require of the apps of vendors: PKCE, rotated refresh
    /// tokens that expire, no scope `Full`, no relaxed IP restrictions.
    #[serde(rename = "isv-2026")]
    Isv2026,
    /// Least privilege: fewer scopes, fewer flows, required secrets, high-assurance sessions.
    Hardening,
    /// What a second-generation package must not contain, and what a packaged app needs.
    Packaging,
    /// External credentials whose OAuth flow an external identity provider manages.
    ///
    /// Source: Salesforce Help, "Create or Edit an OAuth External Credential with the Client
    /// Credentials Flow Managed by an External Identity Provider".
    ExternalCredential,
}

impl Profile {
    /// Every profile, [`Profile::Default`] first.
    pub const ALL: &[Self] = &[
        Self::Default,
        Self::FirstParty,
        Self::Isv2026,
        Self::Hardening,
        Self::Packaging,
        Self::ExternalCredential,
    ];

    /// [`Profile::FirstParty`].
    pub const fn first_party() -> Self {
        Self::FirstParty
    }

    /// The name that [`FromStr`] takes, such as `first-party`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::FirstParty => "first-party",
            Self::Isv2026 => "isv-2026",
            Self::Hardening => "hardening",
            Self::Packaging => "packaging",
            Self::ExternalCredential => "external-credential",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|profile| profile.as_str() == text)
            .ok_or_else(|| UnknownProfile {
                name: text.to_owned(),
            })
    }
}

/// A name that is not a [`Profile`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no profile is called \"{name}\"; there are {}", known())]
pub struct UnknownProfile {
    name: String,
}

impl UnknownProfile {
    /// The unknown name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn known() -> String {
    Profile::ALL
        .iter()
        .map(|profile| profile.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::Profile;

    #[test]
    fn names() {
        for profile in Profile::ALL {
            assert_eq!(profile.to_string().parse(), Ok(*profile));
        }
        let error = "firstparty".parse::<Profile>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "no profile is called \"firstparty\"; there are default, first-party, isv-2026, \
             hardening, packaging, external-credential"
        );
    }
}
