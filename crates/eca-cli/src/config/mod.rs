//! `eca.toml`: orgs, and lint options of the project.

#[cfg(test)]
mod documented;
mod error;
mod lint;
mod nest;
mod org_name;
mod orgs;
#[cfg(test)]
mod refusals;
mod search;
mod secret_source;
mod state;
pub(crate) mod trust;
mod values;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use eca_model::Position;
use eca_model::schema::nearest_name as nearest;
use eca_oauth::InstanceUrl;
use serde::Deserialize;
use toml::de::DeTable;

use crate::config::error::Source;
use crate::config::org_name::OrgName;
use crate::config::trust::{Members, TrustConfig};
use crate::config::values::{EnvironmentConfig, ValuesConfig};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::input;
#[cfg(unix)]
use crate::files::owner;
pub(crate) use lint::LintConfig;
pub(crate) use orgs::{
    AssertionConfig, Auth, ClientCredentialsConfig, CredentialsConfig, ExchangeConfig, GateConfig,
    JwtConfig, KeyConfig, LoginConfig, OrgConfig, OrgEntry,
};
pub(crate) use secret_source::{SecretMember, SecretSource};
pub(crate) use state::StateConfig;
pub(crate) use values::{GivenValue, Value};

const FILE: &str = "eca.toml";

/// An example for users without the file.
pub(crate) const EXAMPLE: &str = "write eca.toml beside sfdx-project.json:
    [orgs.staging]
    instance-url = \"https://acme--staging.sandbox.my.salesforce.com\"
    auth = { method = \"client-credentials\", client-id = \"3MVG9…\", client-secret = \"env:STAGING_SECRET\" }";

/// The whole file. What can send or run something comes out of it only with the user's trust.
#[derive(Debug)]
pub(crate) struct Config {
    path: PathBuf,
    text: String,
    file: FileContent,
    members: Members,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FileContent {
    default_org: Option<String>,
    #[serde(default)]
    orgs: BTreeMap<OrgName, OrgConfig>,
    #[serde(default)]
    environments: BTreeMap<String, EnvironmentConfig>,
    #[serde(default)]
    lint: LintConfig,
    #[serde(default)]
    state: StateConfig,
}

/// The values of an org.
#[derive(Debug)]
pub(crate) struct OrgValues {
    /// Of the environments that it is in.
    pub(crate) environments: Vec<GivenValue>,
    /// Its own.
    pub(crate) org: Vec<GivenValue>,
}

impl Config {
    /// The nearest `eca.toml` in a folder or above it, up to the root of the repository. The file
    /// of another user is refused.
    pub(crate) fn find(context: &Context, folder: &Path) -> Result<Option<Self>, Failure> {
        Self::find_with(trust::given(context)?.as_ref(), folder)
    }

    fn find_with(given: Option<&TrustConfig>, folder: &Path) -> Result<Option<Self>, Failure> {
        for folder in search::folders(folder) {
            if let Some(config) = Self::read(folder.join(FILE), given)? {
                return Ok(Some(config));
            }
        }
        Ok(None)
    }

    fn read(path: PathBuf, given: Option<&TrustConfig>) -> Result<Option<Self>, Failure> {
        let Some((text, metadata)) = input::existing_text_with_metadata(&path, input::SMALL)?
        else {
            return Ok(None);
        };
        #[cfg(unix)]
        let problem = std::fs::symlink_metadata(&path)
            .ok()
            .and_then(|link| owner::check(&metadata, &link));
        #[cfg(not(unix))]
        let problem = {
            let _ = metadata;
            None
        };
        let config = Self::parse(path, &text)?;
        trust::require_owner(given, &config.path, problem, &config.members)?;
        Ok(Some(config))
    }

    fn parse(path: PathBuf, text: &str) -> Result<Self, Failure> {
        let source = Source::new(&path, text);
        let document =
            DeTable::parse(text).map_err(|error| source.failure(error.span(), error.message()))?;
        let members = Members::of(text, document.get_ref());
        let source = source.with_tables(document.get_ref());
        let mut nested = document.clone();
        nest::nest(nested.get_mut())
            .map_err(|(span, error)| source.failure(Some(span), error.message()))?;
        let file = FileContent::deserialize(toml::de::Deserializer::from(nested))
            .map_err(|error| source.failure(error.span(), error.message()))?;
        file.check_values(&source)?;
        Ok(Self {
            path,
            text: text.to_owned(),
            file,
            members,
        })
    }

    /// Whether some org has values of its own, or of an environment.
    pub(crate) fn has_values(&self) -> bool {
        let environments = self.file.environments.values();
        let orgs = self.file.orgs.values();
        let mut all = environments
            .map(|of| &of.values)
            .chain(orgs.map(|of| &of.values));
        all.any(|values| !values.is_empty())
    }

    /// The values of an org. They can neither send nor run anything, so that nobody needs to trust
    /// the file for them.
    pub(crate) fn values_of(&self, org: &str) -> Result<OrgValues, Failure> {
        let Some(own) = self.file.orgs.get(org) else {
            return Err(self.unknown_org(org));
        };
        let source = Source::new(&self.path, &self.text);
        let given = |values: &ValuesConfig| {
            let given = values.given();
            given.map_err(|(span, message)| source.failure(Some(span), &message))
        };
        let mut environments = Vec::new();
        for environment in self.file.environments.values() {
            if environment
                .orgs
                .iter()
                .any(|name| name.get_ref().as_str() == org)
            {
                environments.extend(given(&environment.values)?);
            }
        }
        let org = given(&own.values)?;
        Ok(OrgValues { environments, org })
    }

    /// The orgs whose `instance-url` is this one.
    pub(crate) fn orgs_at(&self, instance: &InstanceUrl) -> Vec<&str> {
        let orgs = self.file.orgs.iter();
        let found = orgs.filter(|(_, org)| org.instance_url.as_str() == instance.as_str());
        found.map(|(name, _)| name.as_str()).collect()
    }

    /// The place of an offset in the file.
    pub(crate) fn position(&self, offset: usize) -> Position {
        Position::from_offset(&self.text, offset)
    }

    /// The names of its orgs.
    pub(crate) fn org_names(&self) -> impl Iterator<Item = &str> {
        self.file.orgs.keys().map(OrgName::as_str)
    }

    pub(crate) fn lint(&self) -> &LintConfig {
        &self.file.lint
    }

    /// Where what was applied is remembered, when the user trusts the file: credentials of the
    /// environment go there.
    pub(crate) fn state(&self, context: &Context) -> Result<StateConfig, Failure> {
        if self.file.state.url.is_some() {
            trust::require(context, &self.path, &self.members)?;
        }
        Ok(self.file.state.clone())
    }

    /// The `instance-url` of an org.
    pub(crate) fn instance_of(&self, org: &str) -> Option<&InstanceUrl> {
        Some(&self.file.orgs.get(org)?.instance_url)
    }

    pub(crate) fn default_org(&self) -> Option<&str> {
        self.file.default_org.as_deref()
    }

    /// The whole path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What the file can send or run.
    pub(crate) fn members(&self) -> &Members {
        &self.members
    }

    /// The entry of an org, when the user trusts the file.
    pub(crate) fn into_org(self, context: &Context, name: &str) -> Result<OrgEntry, Failure> {
        if self.file.orgs.contains_key(name) {
            trust::require(context, &self.path, &self.members)?;
        }
        self.take_org(name)
    }

    fn take_org(mut self, name: &str) -> Result<OrgEntry, Failure> {
        if let Some(config) = self.file.orgs.remove(name) {
            return Ok(OrgEntry {
                name: name.to_owned(),
                config,
                path: self.path,
                text: self.text,
            });
        }
        Err(self.unknown_org(name))
    }

    fn unknown_org(&self, name: &str) -> Failure {
        let known: Vec<_> = self.org_names().collect();
        let known = if known.is_empty() {
            "it has no orgs".to_owned()
        } else {
            match nearest(name, known.iter().copied()) {
                Some(meant) => format!("did you mean {meant}? it has {}", known.join(", ")),
                None => format!("it has {}", known.join(", ")),
            }
        };
        let message = format!("org `{name}` is not in {}", self.path.display());
        Failure::new(Exit::Usage, message).hint(known)
    }
}

impl FileContent {
    /// Refuses names of orgs and paths of members that cannot be right.
    fn check_values(&self, source: &Source<'_>) -> Result<(), Failure> {
        let failure =
            |(span, message): (Range<usize>, String)| source.failure(Some(span), &message);
        for environment in self.environments.values() {
            for name in &environment.orgs {
                let org = name.get_ref().as_str();
                if self.orgs.contains_key(org) {
                    continue;
                }
                let meant = match nearest(org, self.orgs.keys().map(OrgName::as_str)) {
                    Some(meant) => format!("; did you mean `{meant}`?"),
                    None => String::new(),
                };
                return Err(failure((
                    name.span(),
                    format!("no org is called `{org}`{meant}"),
                )));
            }
        }
        let environments = self.environments.values().map(|of| &of.values);
        for values in environments.chain(self.orgs.values().map(|of| &of.values)) {
            values.given().map_err(failure)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use eca_model::ApiVersion;

    use super::*;

    fn check(text: &str) -> Result<Config, String> {
        Config::parse("eca.toml".into(), text).map_err(|failure| failure.to_string())
    }

    #[test]
    fn orgs() {
        let config = check(
            r#"
            default-org = "staging"
            [orgs.staging]
            instance-url = "https://acme.my.salesforce.com"
            audience = "https://test.salesforce.com"
            api-version = "65.0"
            auth = { method = "client-credentials", client-id = "3MVG9", client-secret = "env:S" }
            [orgs.ci]
            instance-url = "https://acme.my.salesforce.com"
            host = "https://acme.my.salesforce.com"
            auth = { method = "access-token", access-token = "cmd:pass show sf" }
            "#,
        )
        .unwrap();
        assert_eq!(config.default_org(), Some("staging"));
        let staging = config.take_org("staging").unwrap();
        assert_eq!(staging.config.api_version, Some(ApiVersion::new(65)));
        assert_eq!(staging.name, "staging");
        let unknown =
            check("[orgs.ci]\nauth = { method = 'sf' }\ninstance-url = 'https://a.example'");
        let unknown = unknown.unwrap().take_org("prod").unwrap_err().to_string();
        assert!(unknown.contains("it has ci"), "{unknown}");
    }

    #[test]
    fn lint() {
        let config = check(
            r#"
            [lint]
            profiles = ["first-party", "hardening"]
            deny = "warning"
            within = "45d"
            [lint.rules]
            ECA1203 = "error"
            element-order = "off"
            [[lint.exclude]]
            path = "force-app/legacy"
            rules = ["ECA1503"]
            reason = "goes away with the old org"
            "#,
        )
        .unwrap();
        let lint = config.lint();
        assert_eq!(lint.profiles.len(), 2);
        assert_eq!(lint.deny, Some(eca_lint::Severity::Warning));
        assert_eq!(lint.levels().len(), 2);
        assert_eq!(lint.excludes().len(), 1);
    }

    #[test]
    fn a_file_over_the_limit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(folder.path().join("eca.toml")).unwrap();
        file.set_len((1 << 20) + 1).unwrap();
        let failure = Config::find_with(None, folder.path())
            .unwrap_err()
            .to_string();
        assert!(failure.contains("it is larger than 1 MiB"), "{failure}");
    }
}
