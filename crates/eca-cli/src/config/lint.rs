//! The section `[lint]` of `eca.toml`.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use eca_lint::{Exclude, Level, Profile, RuleId, Severity};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The lint options of the project. The command line overrides them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct LintConfig {
    /// Profiles besides the default one.
    #[serde(default, deserialize_with = "profiles")]
    pub(crate) profiles: Vec<Profile>,
    /// The lowest severity that fails the run.
    #[serde(default, deserialize_with = "crate::config::orgs::some_from_text")]
    pub(crate) deny: Option<Severity>,
    /// The time before the end of a certificate in which it is reported.
    #[serde(default, deserialize_with = "duration")]
    pub(crate) within: Option<Duration>,
    /// The severity of single rules.
    #[serde(default)]
    rules: BTreeMap<Rule, LevelName>,
    /// Files that rules ignore.
    #[serde(default)]
    exclude: Vec<ExcludeConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExcludeConfig {
    path: String,
    #[serde(default)]
    rules: Vec<Rule>,
    reason: Reason,
}

impl LintConfig {
    pub(crate) fn levels(&self) -> BTreeMap<RuleId, Level> {
        self.rules
            .iter()
            .map(|(rule, level)| (rule.0, level.0))
            .collect()
    }

    pub(crate) fn excludes(&self) -> Vec<Exclude> {
        let excludes = self.exclude.iter().map(|exclude| Exclude {
            path: exclude.path.clone(),
            rules: exclude.rules.iter().map(|rule| rule.0).collect(),
            reason: exclude.reason.0.clone(),
        });
        excludes.collect()
    }
}

/// A rule, by id or name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rule(RuleId);

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if let Some(rule) = eca_lint::explain(&name) {
            return Ok(Self(rule.id()));
        }
        let meant = match eca_lint::nearest_rule(&name) {
            Some(rule) => format!("did you mean {}?", rule.name()),
            None => "eca explain lists the rules".to_owned(),
        };
        let message = format!("no rule is called `{name}`; {meant}");
        Err(D::Error::custom(message))
    }
}

#[derive(Debug)]
struct LevelName(Level);

impl<'de> Deserialize<'de> for LevelName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Level::from_str(&name).map(Self).map_err(D::Error::custom)
    }
}

/// A reason that is not blank.
#[derive(Debug)]
struct Reason(String);

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.trim().is_empty() {
            return Err(D::Error::custom("an exclude needs a reason"));
        }
        Ok(Self(text))
    }
}

fn profiles<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Profile>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let profiles = names
        .iter()
        .map(|name| name.parse().map_err(D::Error::custom));
    profiles.collect()
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    humantime::parse_duration(&text)
        .map(Some)
        .map_err(D::Error::custom)
}
