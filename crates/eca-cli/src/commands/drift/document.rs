//! Drift as a document.

use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::drift::entry::{ChangedBy, Counts, Entry, Kind};
use crate::commands::drift::report::Report;
use crate::planning::views::{OrgView, UnknownView};
use crate::shapes;

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    org: OrgView,
    compared_with: Side,
    counts: Counts,
    entries: Vec<EntryView<'a>>,
    /// What could not be read beside components.
    unknown: Vec<UnknownView>,
}

/// What the org was compared with.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Side {
    /// What was applied last.
    Applied,
    /// The project: nothing is recorded as applied to the org.
    Project,
}

/// One difference.
#[derive(Serialize, JsonSchema)]
struct EntryView<'a> {
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<&'a str>,
    component: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    /// The value that was applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::FieldValue>")]
    applied: Option<&'a eca_model::FieldValue>,
    /// The org's value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shapes::FieldValue>")]
    actual: Option<&'a eca_model::FieldValue>,
    /// The difference in words.
    message: String,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'a str>,
    /// Who changed the component last, where the setup audit trail says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_by: Option<&'a ChangedBy>,
    /// Where the project writes it, or its component, or its app.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

impl<'a> Document<'a> {
    pub(super) fn new(report: &Report<'a>) -> Self {
        let unknown = report.planning.reading.unknown.iter();
        Self {
            org: report.planning.into(),
            compared_with: match &report.planning.last {
                Some(_) => Side::Applied,
                None => Side::Project,
            },
            counts: Counts::of(report.entries),
            entries: report.entries.iter().map(EntryView::from).collect(),
            unknown: unknown.map(UnknownView::from).collect(),
        }
    }
}

impl<'a> From<&'a Entry> for EntryView<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self {
            kind: entry.kind,
            app: entry.app.as_deref(),
            component: entry.component.to_string(),
            member: entry.path.as_ref().map(ToString::to_string),
            applied: entry.applied.as_ref(),
            actual: entry.actual.as_ref(),
            message: entry.difference(),
            remedy: entry.remedy.as_deref(),
            changed_by: entry.changed_by.as_ref(),
            place: entry.place.as_ref().map(ToString::to_string),
        }
    }
}
