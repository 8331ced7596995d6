//! What differs between an org and what was applied to it.

use eca_model::{ComponentName, FieldPath, FieldValue, MetadataType, Overlaid, Selector};
use eca_plan::{ComponentChange, EffectivePolicy, MemberChange, Plan, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

use crate::planning::places;
use crate::planning::places::Place;

/// The most characters of a value.
const LONGEST_VALUE: usize = 200;

/// The kind of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// A member has another value in the org.
    Changed,
    /// The org does not have the component.
    Missing,
    /// Refresh tokens live another time than the files say, because of a member that they leave
    /// out.
    RefreshLifetime,
    /// It cannot be read.
    Unreadable,
    /// Only the org has it. It counts as drift with --strict only.
    OnlyInOrg,
}

/// One difference.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) app: Option<String>,
    pub(super) component: ComponentName,
    /// The member; `None` where it is about the component as a whole.
    pub(super) path: Option<FieldPath>,
    /// The value that was applied.
    pub(super) applied: Option<FieldValue>,
    /// The org's value.
    pub(super) actual: Option<FieldValue>,
    /// The difference in words, where values do not say it.
    pub(super) message: Option<String>,
    /// What helps.
    pub(super) remedy: Option<String>,
    pub(super) changed_by: Option<ChangedBy>,
    /// Where the project writes it, or its component, or its app.
    pub(super) place: Option<Place>,
}

/// Who changed a component last, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ChangedBy {
    /// The user name.
    pub(super) username: String,
    /// When, as the org writes it.
    pub(super) at: String,
    /// The change in Salesforce's words.
    pub(super) display: String,
}

impl std::fmt::Display for ChangedBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = self.at.get(..16).unwrap_or(&self.at).replace('T', " ");
        write!(f, "{time} UTC by {}", self.username)
    }
}

/// How many entries there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Counts {
    pub(super) changed: usize,
    pub(super) missing: usize,
    pub(super) refresh_lifetime: usize,
    pub(super) unreadable: usize,
    pub(super) only_in_org: usize,
}

impl Kind {
    /// Whether somebody changed something.
    pub(super) fn is_drift(self) -> bool {
        matches!(self, Self::Changed | Self::Missing | Self::RefreshLifetime)
    }

    /// The id of its rule in SARIF.
    pub(super) fn rule(self) -> &'static str {
        match self {
            Self::Changed => "ECA-DRIFT-CHANGED",
            Self::Missing => "ECA-DRIFT-MISSING",
            Self::RefreshLifetime => "ECA-DRIFT-REFRESH-LIFETIME",
            Self::Unreadable => "ECA-DRIFT-UNREADABLE",
            Self::OnlyInOrg => "ECA-DRIFT-ONLY-IN-ORG",
        }
    }
}

/// Every difference of a plan whose project is what was applied last, sorted by app and component.
///
/// What the org does not have was deleted there only if it `was_applied`.
pub(super) fn all(plan: &Plan, project: &Overlaid, was_applied: bool) -> Vec<Entry> {
    let of_component = |change| of_component(change, was_applied);
    let mut entries: Vec<_> = plan.changes.iter().flat_map(of_component).collect();
    entries.extend(plan.policies.iter().map(of_policy));
    for entry in &mut entries {
        let (name, app) = (&entry.component, entry.app.as_deref());
        entry.place = places::nearest(project, name, app, entry.path.as_ref());
    }
    entries.sort_by(|a, b| {
        let key = |entry: &Entry| (entry.app.is_none(), entry.app.clone());
        key(a).cmp(&key(b))
    });
    entries
}

fn of_component(change: &ComponentChange, was_applied: bool) -> Vec<Entry> {
    let entry = |kind| Entry {
        kind,
        app: change.app.clone(),
        component: change.component.clone(),
        path: None,
        applied: None,
        actual: None,
        message: None,
        remedy: None,
        changed_by: None,
        place: None,
    };
    let whole = |kind, message: &str| Entry {
        message: Some(message.to_owned()),
        ..entry(kind)
    };
    match change.verdict {
        Some(Verdict::Drift) => vec![whole(
            Kind::Missing,
            if was_applied {
                "deleted in the org"
            } else {
                "not in the org"
            },
        )],
        Some(Verdict::Unmanaged) => vec![whole(Kind::OnlyInOrg, "only in the org")],
        Some(Verdict::Unreadable) => {
            let unreadable = change.unreadable.as_ref();
            let reason = unreadable.map_or("it cannot be read", |one| one.reason.as_str());
            vec![Entry {
                remedy: unreadable.and_then(|one| one.remedy.clone()),
                ..whole(Kind::Unreadable, reason)
            }]
        }
        _ => {
            let member = |member: &MemberChange| {
                let kind = kind_of(member)?;
                Some(Entry {
                    path: Some(member.path.clone()),
                    applied: member.last.clone().or_else(|| member.desired.clone()),
                    actual: member.actual.clone(),
                    message: (kind == Kind::Unreadable).then(|| "cannot be compared".to_owned()),
                    ..entry(kind)
                })
            };
            let members = change.members.iter();
            let shown = members.filter(|one| !is_said_by_others(one, change));
            shown.filter_map(member).collect()
        }
    }
}

/// Whether other members say it: those of a record, or the key of the record that it is in.
fn is_said_by_others(member: &MemberChange, change: &ComponentChange) -> bool {
    let values = [&member.last, &member.desired, &member.actual];
    let is_record = values.contains(&&Some(FieldValue::Record));
    let mut others = change
        .members
        .iter()
        .filter(|other| other.path != member.path);
    if is_record && others.any(|other| other.path.is_within(&member.path)) {
        return true;
    }
    let [.., record, last] = member.path.steps() else {
        return false;
    };
    match &record.selector {
        Selector::Key(key) => key.iter().any(|(name, _)| *name == last.element),
        _ => false,
    }
}

fn kind_of(member: &MemberChange) -> Option<Kind> {
    let was_applied = member.last.is_some() || member.desired.is_some();
    match member.verdict {
        Verdict::Drift => Some(Kind::Changed),
        Verdict::WouldReset if was_applied => Some(Kind::Changed),
        Verdict::Unmanaged | Verdict::WouldReset => Some(Kind::OnlyInOrg),
        Verdict::Unreadable => Some(Kind::Unreadable),
        // A request for a new key, and secrets, which no org shows.
        _ => None,
    }
}

fn of_policy(policy: &EffectivePolicy) -> Entry {
    let kind = MetadataType::ExternalClientApplication;
    Entry {
        kind: Kind::RefreshLifetime,
        app: Some(policy.app.clone()),
        component: ComponentName::new(kind, &policy.app),
        path: None,
        applied: None,
        actual: None,
        message: Some(format!(
            "refresh tokens live {} by the files, and {} in the org",
            policy.desired, policy.actual
        )),
        remedy: Some("write isEnforceRefreshTokenTTL into the global OAuth settings".to_owned()),
        changed_by: None,
        place: None,
    }
}

impl Entry {
    /// The difference without the component: `sessionTimeoutInMinutes: 30 -> 720`.
    pub(super) fn difference(&self) -> String {
        let message = self.message.as_deref();
        let Some(path) = &self.path else {
            return message.unwrap_or_default().to_owned();
        };
        match (self.kind, message) {
            (_, Some(message)) => format!("{path}: {message}"),
            (Kind::OnlyInOrg, None) => format!("{path}: {}", shown(self.actual.as_ref())),
            _ => format!(
                "{path}: {} -> {}",
                shown(self.applied.as_ref()),
                shown(self.actual.as_ref())
            ),
        }
    }
}

impl Counts {
    pub(super) fn of(entries: &[Entry]) -> Self {
        let count = |kind| entries.iter().filter(|entry| entry.kind == kind).count();
        Self {
            changed: count(Kind::Changed),
            missing: count(Kind::Missing),
            refresh_lifetime: count(Kind::RefreshLifetime),
            unreadable: count(Kind::Unreadable),
            only_in_org: count(Kind::OnlyInOrg),
        }
    }
}

/// A value on one line, cut where it is long.
pub(super) fn shown(value: Option<&FieldValue>) -> String {
    let Some(value) = value else {
        return "(none)".to_owned();
    };
    let text = value.to_string();
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
