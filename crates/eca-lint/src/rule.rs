//! A rule: its name, severity and reason.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::options::Options;
use crate::example::Example;
use crate::level::Level;
use crate::profile::Profile;
use crate::rule_id::RuleId;
use crate::severity::Severity;

/// One check: its name, severity and reason.
pub struct Rule {
    pub(crate) id: RuleId,
    pub(crate) name: &'static str,
    pub(crate) severity: Severity,
    pub(crate) profiles: &'static [Profile],
    pub(crate) summary: &'static str,
    pub(crate) explanation: &'static str,
    pub(crate) source: &'static str,
    /// The two projects of its test; see [`Example`].
    pub(crate) pair: &'static str,
    pub(crate) check: fn(&Context<'_>, &mut Findings<'_>),
}

impl Rule {
    /// The permanent id.
    pub const fn id(&self) -> RuleId {
        self.id
    }

    /// The kebab-case name, such as `scopes-known`. Unique, like the id.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The severity. A single finding may have a lower one, never a higher one.
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// The profiles that include this rule.
    pub const fn profiles(&self) -> &'static [Profile] {
        self.profiles
    }

    /// What must hold, in one line.
    pub const fn summary(&self) -> &'static str {
        self.summary
    }

    /// Why it matters in practice, in one paragraph of plain text.
    pub const fn explanation(&self) -> &'static str {
        self.explanation
    }

    /// The source of the fact: the title of a Salesforce Help page, a type of the Metadata API
    /// Developer Guide, or the WSDL.
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// Whether it runs with these options.
    pub(crate) fn runs(&self, options: &Options) -> bool {
        options.levels.get(&self.id) != Some(&Level::Off)
            && self
                .profiles
                .iter()
                .any(|profile| *profile == Profile::Default || options.profiles.contains(profile))
    }

    /// An incorrect and a correct file.
    pub fn example(&self) -> Example {
        Example::from_pair(self.pair)
    }
}

/// Id and name, as in `ECA1203 scopes-known`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.name)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut fields = serializer.serialize_struct("Rule", 8)?;
        fields.serialize_field("id", &self.id)?;
        fields.serialize_field("name", self.name)?;
        fields.serialize_field("severity", &self.severity)?;
        fields.serialize_field("profiles", self.profiles)?;
        fields.serialize_field("summary", self.summary)?;
        fields.serialize_field("explanation", self.explanation)?;
        fields.serialize_field("source", self.source)?;
        fields.serialize_field("example", &self.example())?;
        fields.end()
    }
}
