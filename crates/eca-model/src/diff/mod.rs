//! A difference in meaning between two projects.
//!
//! The source is what would be deployed, usually a folder. The target is where it would be deployed
//! to, usually the result of a retrieve from an org. An org adds members and policies, so there are
//! several kinds of differences for what only the target has.

pub(crate) mod compare;
pub(crate) mod merge;

use std::fmt;

use serde::Serialize;

use crate::project::component_id::ComponentId;

/// One component that differs between the sides, or an equal one if the options ask for those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComponentDiff {
    /// The component.
    #[serde(flatten)]
    pub id: ComponentId,
    /// How it differs.
    #[serde(flatten)]
    pub change: ComponentChange,
}

/// How a component differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", content = "fields", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ComponentChange {
    /// Both sides are the same. Only with [`DiffOptions::with_same`].
    Same(Vec<FieldDiff>),
    /// Only the target has it.
    OnlyInTarget,
    /// Only the source has it.
    OnlyInSource,
    /// Both sides have it, and these members differ.
    Changed(Vec<FieldDiff>),
    /// Only the target has it, and it is a policy of an app that the source has: an org creates a
    /// policy of each kind when an app is deployed (Salesforce Help, "Configure External Client App
    /// Policies").
    OrgGenerated,
    /// The file of one side cannot be read.
    Unknowable,
}

/// One member that differs between the sides, or an equal one if the options ask for those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldDiff {
    /// The element path below the root; `content file` for the content file of a pair.
    pub path: String,
    /// How it differs.
    pub change: FieldChange,
    /// The source's text; `***` for a secret.
    pub source: Option<String>,
    /// The target's text; `***` for a secret.
    pub target: Option<String>,
    /// The value that an org uses when the member is left out, where that is documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<&'static str>,
}

/// How a member differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FieldChange {
    /// Both sides are the same. Only with [`DiffOptions::with_same`].
    Same,
    /// Only the target has it.
    OnlyInTarget,
    /// Only the source has it.
    OnlyInSource,
    /// The values differ.
    Changed,
    /// Only the target has it, and it is a member that the org makes.
    OrgGenerated,
    /// Only the source has it, and it is a secret: an org accepts it and never shows it.
    WriteOnly,
    /// The values cannot be compared: one is filled in on deploy (`${NAME}`), is a secret that the
    /// source does not show, or belongs to a side whose API version has no such member.
    Unknowable,
    /// The source leaves it out, and the target has a value other than the default: a deploy would
    /// reset it.
    WouldReset,
}

impl FieldChange {
    /// Whether a deploy of the source would change something on the target, as far as the files
    /// show.
    pub fn is_drift(self) -> bool {
        matches!(
            self,
            Self::OnlyInTarget | Self::OnlyInSource | Self::Changed | Self::WouldReset
        )
    }
}

impl ComponentDiff {
    /// The members of the record.
    pub fn fields(&self) -> &[FieldDiff] {
        match &self.change {
            ComponentChange::Same(fields) | ComponentChange::Changed(fields) => fields,
            _ => &[],
        }
    }

    /// Whether the sides certainly differ in something that the source controls.
    pub fn is_drift(&self) -> bool {
        match &self.change {
            ComponentChange::OnlyInTarget | ComponentChange::OnlyInSource => true,
            _ => self.fields().iter().any(|field| field.change.is_drift()),
        }
    }
}

/// What a comparison lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiffOptions {
    /// Whether equal components and members are listed too.
    pub same: bool,
}

impl DiffOptions {
    /// Lists equal components and members too.
    #[must_use]
    pub fn with_same(mut self) -> Self {
        self.same = true;
        self
    }
}

/// One line for the component, and one for each member in it.
impl fmt::Display for ComponentDiff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, remark) = match &self.change {
            ComponentChange::Same(_) => ('=', ""),
            ComponentChange::OnlyInTarget => ('+', ""),
            ComponentChange::OnlyInSource => ('-', ""),
            ComponentChange::Changed(_) => ('~', ""),
            ComponentChange::OrgGenerated => ('*', " (made by the org)"),
            ComponentChange::Unknowable => ('?', " (the file of one side cannot be read)"),
        };
        write!(formatter, "{sign} {}{remark}", self.id)?;
        for field in self.fields() {
            write!(formatter, "\n    {field}")?;
        }
        Ok(())
    }
}

impl fmt::Display for FieldDiff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        let (source, target) = (shown(self.source.as_deref()), shown(self.target.as_deref()));
        match self.change {
            FieldChange::Same => {
                let value = if self.target.is_some() {
                    target
                } else {
                    source
                };
                write!(formatter, "= {path}: {value}")
            }
            FieldChange::OnlyInTarget => write!(formatter, "+ {path}: {target}"),
            FieldChange::OnlyInSource => write!(formatter, "- {path}: {source}"),
            FieldChange::Changed => write!(formatter, "~ {path}: {source} -> {target}"),
            FieldChange::OrgGenerated => {
                write!(formatter, "* {path}: {target} (made by the org)")
            }
            FieldChange::WriteOnly => {
                write!(formatter, "? {path}: {source} (an org does not show it)")
            }
            FieldChange::Unknowable => {
                write!(
                    formatter,
                    "? {path}: {source} -> {target} (cannot be compared)"
                )
            }
            FieldChange::WouldReset => {
                let default = shown(self.default);
                write!(
                    formatter,
                    "! {path}: {target} (left out; a deploy resets it to {default})"
                )
            }
        }
    }
}

/// A value on one line.
fn shown(text: Option<&str>) -> String {
    match text {
        None => "-".to_owned(),
        Some(text) if text.is_empty() || text.chars().any(char::is_control) => format!("{text:?}"),
        Some(text) => text.to_owned(),
    }
}
