//! A difference in meaning between two projects.
//!
//! The source is what would be deployed, usually a folder. The target is where it would be deployed
//! to, usually the result of a retrieve from an org. An org adds members and policies, so there are
//! several kinds of differences for what only the target has.

pub(crate) mod compare;
pub(crate) mod merge;
pub(crate) mod retrieved;

use std::fmt;

use serde::Serialize;

use crate::field::{FieldPath, FieldValue};
use crate::project::component_name::ComponentName;
use crate::values::visible::visible;

/// One component that differs between the sides, or an equal one if the options ask for those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComponentDiff {
    /// The component.
    pub component: ComponentName,
    /// What a deploy of the source would do to the target.
    #[serde(flatten)]
    pub change: ComponentChange,
}

/// What a deploy of the source would do to a component of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", content = "fields", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ComponentChange {
    /// Nothing. Only with [`DiffOptions::with_same`].
    Same(Vec<FieldDiff>),
    /// Create it: only the source has it.
    Create,
    /// Change these members.
    Update(Vec<FieldDiff>),
    /// Nothing: only the target has it, and a deploy leaves it.
    OnlyInTarget,
    /// Nothing: only the target has it, and it is a policy of an app that the source has. An org
    /// makes a policy of each kind itself when an app is deployed (Salesforce Help, "Configure
    /// External Client App Policies").
    OrgMade,
    /// The file of one side cannot be read.
    Unknowable,
}

/// One member that differs between the sides, or an equal one if the options ask for those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldDiff {
    /// The path below the root; `content file` for the other file of a pair.
    pub path: FieldPath,
    /// What a deploy of the source would do to it.
    pub change: FieldChange,
    /// The source's value.
    pub source: Option<FieldValue>,
    /// The target's value.
    pub target: Option<FieldValue>,
    /// What an org takes when the member is left out, where that is documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<FieldValue>,
}

/// What a deploy of the source would do to a member of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FieldChange {
    /// Nothing. Only with [`DiffOptions::with_same`].
    Same,
    /// Create it: only the source has it.
    Create,
    /// Change its value.
    Update,
    /// Remove it from its list: the source has the list without it.
    Delete,
    /// Not documented: only the target has it, and no default stands for it in the source.
    OnlyInTarget,
    /// Nothing: only the target has it, and it is a member that the org makes.
    OrgMade,
    /// Only the source has it, and it is a secret: an org takes it and does not show it.
    WriteOnly,
    /// The values cannot be compared: one is filled in on deploy (`${NAME}`), is a secret that the
    /// source does not show, or belongs to a side whose API version has no such member.
    Unknowable,
    /// Reset it: the source leaves it out, and the target has another value than the one that an
    /// org takes then.
    WouldReset,
}

impl FieldChange {
    /// Whether a deploy of the source would change something on the target, as far as the files
    /// show.
    pub fn is_drift(self) -> bool {
        matches!(
            self,
            Self::Create | Self::Update | Self::Delete | Self::OnlyInTarget | Self::WouldReset
        )
    }
}

impl ComponentDiff {
    /// The members of the record.
    pub fn fields(&self) -> &[FieldDiff] {
        match &self.change {
            ComponentChange::Same(fields) | ComponentChange::Update(fields) => fields,
            _ => &[],
        }
    }

    /// Without what the org makes itself; `None` when nothing is left of it that the options list.
    #[must_use]
    pub fn without_org_made(mut self, options: DiffOptions) -> Option<Self> {
        self.change = match self.change {
            ComponentChange::OrgMade => return None,
            ComponentChange::Update(mut fields) => {
                fields.retain(|field| field.change != FieldChange::OrgMade);
                if fields.iter().any(|field| field.change != FieldChange::Same) {
                    ComponentChange::Update(fields)
                } else if options.same {
                    ComponentChange::Same(fields)
                } else {
                    return None;
                }
            }
            other => other,
        };
        Some(self)
    }

    /// Whether the sides certainly differ in something that the source controls.
    pub fn is_drift(&self) -> bool {
        match &self.change {
            ComponentChange::OnlyInTarget | ComponentChange::Create => true,
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
            ComponentChange::Create => ('+', ""),
            ComponentChange::Update(_) => ('~', ""),
            ComponentChange::OnlyInTarget => ('-', " (only in the target; a deploy leaves it)"),
            ComponentChange::OrgMade => ('*', " (made by the org)"),
            ComponentChange::Unknowable => ('?', " (the file of one side cannot be read)"),
        };
        let component = self.component.to_string();
        write!(formatter, "{sign} {}{remark}", visible(&component))?;
        for field in self.fields() {
            write!(formatter, "\n    {field}")?;
        }
        Ok(())
    }
}

/// The target's value first: it is what a deploy changes.
impl fmt::Display for FieldDiff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        let (source, target) = (shown(self.source.as_ref()), shown(self.target.as_ref()));
        match self.change {
            FieldChange::Same => {
                let value = if self.target.is_some() {
                    target
                } else {
                    source
                };
                write!(formatter, "= {path}: {value}")
            }
            FieldChange::Create => write!(formatter, "+ {path}: {source}"),
            FieldChange::Update => write!(formatter, "~ {path}: {target} -> {source}"),
            FieldChange::Delete => write!(formatter, "- {path}: {target}"),
            FieldChange::OnlyInTarget => {
                write!(formatter, "- {path}: {target} (only in the target)")
            }
            FieldChange::OrgMade => {
                write!(formatter, "* {path}: {target} (made by the org)")
            }
            FieldChange::WriteOnly => {
                write!(formatter, "? {path}: {source} (an org does not show it)")
            }
            FieldChange::Unknowable => {
                write!(
                    formatter,
                    "? {path}: {target} -> {source} (cannot be compared)"
                )
            }
            FieldChange::WouldReset => {
                let default = shown(self.default.as_ref());
                write!(
                    formatter,
                    "! {path}: {target} (left out; a deploy resets it to {default})"
                )
            }
        }
    }
}

fn shown(value: Option<&FieldValue>) -> String {
    value.map_or_else(|| "-".to_owned(), ToString::to_string)
}
