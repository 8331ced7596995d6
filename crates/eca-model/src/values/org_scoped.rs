//! Texts that are true in one org only.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::types::{ExternalClientApplication, ExtlClntAppOauthSettings, ExtlClntAppPushSettings};
use crate::values::developer_name::DeveloperName;
use crate::values::record_id::{ConsumerId, InvalidRecordId, OrgId, RecordId};

/// `<org id>:<something in that org>`, which orgs write into the members that they make.
///
/// ```
/// use eca_model::OauthLink;
///
/// let link: OauthLink = "00Dxx0000001gPL:888xx0000004C92".parse()?;
/// assert_eq!(link.org.record_id().to_18(), "00Dxx0000001gPLEAY");
/// assert_eq!(link.to_string(), "00Dxx0000001gPL:888xx0000004C92");
/// # Ok::<(), eca_model::InvalidOrgScoped>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrgScoped<T> {
    /// The org.
    pub org: OrgId,
    /// What is meant in that org.
    pub target: T,
}

/// `orgScopedExternalApp`: an app in its org.
pub type OrgScopedApp = OrgScoped<DeveloperName>;

/// `oauthLink`: the consumer that holds an app's key and secret.
pub type OauthLink = OrgScoped<ConsumerId>;

/// `pushConfigLink`: a push configuration. The guide's sample has the prefix `1Dh`; no other is
/// known.
pub type PushConfigLink = OrgScoped<RecordId>;

impl<T> FromStr for OrgScoped<T>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    type Err = InvalidOrgScoped;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (org, target) = text
            .split_once(':')
            .ok_or_else(|| InvalidOrgScoped::NoColon(text.to_owned()))?;
        Ok(Self {
            org: org
                .parse()
                .map_err(|error| InvalidOrgScoped::Org(text.to_owned(), error))?,
            target: target
                .parse()
                .map_err(|error| InvalidOrgScoped::Target(text.to_owned(), Box::new(error)))?,
        })
    }
}

impl<T: fmt::Display> fmt::Display for OrgScoped<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.org, self.target)
    }
}

/// A text that is no [`OrgScoped`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOrgScoped {
    /// Without a colon.
    #[error("`{0}` is not an org id and a target with a colon in between")]
    NoColon(String),
    /// What stands before the colon is no org's id.
    #[error("`{0}` does not start with an org id")]
    Org(String, #[source] InvalidRecordId),
    /// What stands after the colon does not fit.
    #[error("`{0}` has no valid target after the colon")]
    Target(String, #[source] Box<dyn Error + Send + Sync>),
}

fn parsed<T: FromStr>(text: Option<&str>) -> Option<Result<T, T::Err>> {
    text.map(|text| text.trim().parse())
}

impl ExternalClientApplication {
    /// The member `orgScopedExternalApp`, read.
    pub fn org_scoped_external_app(&self) -> Option<Result<OrgScopedApp, InvalidOrgScoped>> {
        parsed(self.org_scoped_external_app.as_deref())
    }
}

impl ExtlClntAppOauthSettings {
    /// The member `oauthLink`, read.
    pub fn oauth_link(&self) -> Option<Result<OauthLink, InvalidOrgScoped>> {
        parsed(self.oauth_link.as_deref())
    }
}

impl ExtlClntAppPushSettings {
    /// The member `pushConfigLink`, read.
    pub fn push_config_link(&self) -> Option<Result<PushConfigLink, InvalidOrgScoped>> {
        parsed(self.push_config_link.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members() {
        let mut settings = ExtlClntAppOauthSettings::default();
        assert!(settings.oauth_link().is_none());
        for (text, error) in [
            ("00Dxx0000001gPL:888xx0000004C92", None),
            (" 00Dxx0000001gPLEAY:888xx0000004C92\n", None),
            ("00Dxx0000001gPL", Some("is not an org id and a target")),
            (
                "001xx0000001gPL:888xx0000004C92",
                Some("does not start with an org id"),
            ),
            ("00Dxx0000001gPL:Shop", Some("has no valid target")),
        ] {
            settings.oauth_link = Some(text.to_owned());
            match (settings.oauth_link().unwrap(), error) {
                (Ok(link), None) => {
                    assert_eq!(link.to_string(), "00Dxx0000001gPL:888xx0000004C92");
                }
                (Err(found), Some(error)) => {
                    assert!(found.to_string().contains(error), "{text}: {found}");
                }
                (found, _) => panic!("{text}: {found:?}"),
            }
            assert_eq!(settings.oauth_link.as_deref(), Some(text), "the text stays");
        }
        let app = ExternalClientApplication {
            org_scoped_external_app: Some("00Dxx0000001gPL:Shop".to_owned()),
            ..Default::default()
        };
        let app = app.org_scoped_external_app().unwrap().unwrap();
        assert_eq!(app.target.as_str(), "Shop");
    }
}
