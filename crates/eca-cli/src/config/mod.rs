//! `eca.toml`: orgs, and how the project is linted.

#[cfg(test)]
mod documented;
mod lint;
mod orgs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::exit::Exit;
use crate::failure::Failure;
pub(crate) use lint::LintConfig;
pub(crate) use orgs::{
    AssertionConfig, Auth, ExchangeConfig, GateConfig, JwtConfig, KeyFile, OrgConfig,
};

const FILE: &str = "eca.toml";

/// What a user without a file needs to see.
pub(crate) const EXAMPLE: &str = "write eca.toml beside sfdx-project.json:
      [orgs.staging]
      instance-url = \"https://acme--staging.sandbox.my.salesforce.com\"
      auth = { method = \"client-credentials\", client-id = \"3MVG9…\", client-secret = \"env:STAGING_SECRET\" }";

/// The whole file.
#[derive(Debug)]
pub(crate) struct Config {
    path: PathBuf,
    file: FileContent,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FileContent {
    default_org: Option<String>,
    #[serde(default)]
    orgs: BTreeMap<String, OrgConfig>,
    #[serde(default)]
    lint: LintConfig,
}

impl Config {
    /// The nearest `eca.toml` in a folder or above it.
    pub(crate) fn find(folder: &Path) -> Result<Option<Self>, Failure> {
        let Ok(folder) = std::path::absolute(folder) else {
            return Ok(None);
        };
        for folder in folder.ancestors() {
            let path = folder.join(FILE);
            match std::fs::read_to_string(&path) {
                Ok(text) => return Self::parse(path, &text).map(Some),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    let message = format!("cannot read {}", path.display());
                    return Err(Failure::caused_by(Exit::Usage, message, &error));
                }
            }
        }
        Ok(None)
    }

    fn parse(path: PathBuf, text: &str) -> Result<Self, Failure> {
        let file = toml::from_str(text).map_err(|error| {
            // The library's own rendering quotes the line, which may hold a secret that somebody
            // typed in.
            let place = error
                .span()
                .map(|span| eca_model::Position::from_offset(text, span.start));
            let place = place.map_or_else(String::new, |place| format!(":{place}"));
            Failure::new(
                Exit::Usage,
                format!("{}{place}: {}", path.display(), error.message()),
            )
        })?;
        Ok(Self { path, file })
    }

    /// A path of the file, which is relative to it.
    pub(crate) fn beside(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new(".")).join(path)
    }

    pub(crate) fn lint(&self) -> &LintConfig {
        &self.file.lint
    }

    pub(crate) fn default_org(&self) -> Option<&str> {
        self.file.default_org.as_deref()
    }

    pub(crate) fn org(&self, name: &str) -> Result<&OrgConfig, Failure> {
        self.file.orgs.get(name).ok_or_else(|| {
            let known: Vec<_> = self.file.orgs.keys().map(String::as_str).collect();
            let known = if known.is_empty() {
                "it names no org".to_owned()
            } else {
                format!("it names {}", known.join(", "))
            };
            Failure::new(
                Exit::Usage,
                format!("org `{name}` is not in {}", self.path.display()),
            )
            .hint(known)
        })
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
        assert_eq!(
            config.org("staging").unwrap().api_version,
            Some(ApiVersion::new(65))
        );
        let unknown = config.org("prod").unwrap_err().to_string();
        assert!(unknown.contains("it names ci, staging"), "{unknown}");
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
    fn refusals_name_the_place_and_keep_secrets() {
        for (text, message) in [
            ("orgs = 1", "eca.toml:1:8"),
            (
                "[lint]\nprofiles = ['nonsense']",
                "no profile is called \"nonsense\"",
            ),
            (
                "[lint.rules]\nECA9999 = 'off'",
                "no rule is called `ECA9999`; eca explain lists the rules",
            ),
            (
                "[lint.rules]\ncallback-schema = 'off'",
                "no rule is called `callback-schema`; did you mean callback-scheme?",
            ),
            (
                "[lint.rules]\nECA1203 = 'no'",
                "no severity is called \"no\"",
            ),
            ("[[lint.exclude]]\npath = 'a'", "missing field `reason`"),
            ("[[lint.exclude]]\npath = 'a'\nreason = ' '", "why"),
            (
                "[orgs.a]\ninstance_url = 'x'",
                "unknown field `instance_url`",
            ),
            (
                "[orgs.a]\ninstance-url = 'x'\nauth = { method = 'access-token', access-token = 'hunter2' }",
                "env:NAME, file:PATH or cmd:COMMAND",
            ),
            (
                "[orgs.a]\ninstance-url = 'x'\naudience = 'nowhere'",
                "nowhere",
            ),
            (
                "[orgs.a]\ninstance-url = 'x'\ndeploy-api = 'bulk'",
                "expected `rest` or `soap`",
            ),
        ] {
            let error = check(text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
