//! The members of a component that two or three sides have.

use std::collections::BTreeSet;

use eca_model::{
    ComponentSnapshot, ContentSnapshot, FieldPath, FieldSchema, FieldValue, RecordSchema,
};

use crate::change::{CONTENT, MemberChange, Verdict};
use crate::three_way::decide::{Decision, Values, decide};
use crate::three_way::keep;
use crate::three_way::side::Side;

/// The sides of a component that the project and the org have.
pub(super) struct Members<'a> {
    pub(super) schema: Option<&'static RecordSchema>,
    pub(super) last: Option<Side<'a>>,
    pub(super) desired: Side<'a>,
    pub(super) actual: Side<'a>,
    /// Whether the drift of a member is undone.
    pub(super) is_restored: &'a dyn Fn(&FieldPath) -> bool,
}

/// What is said of the members.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) members: Vec<MemberChange>,
    /// Members that the project and the org changed in different ways, with the reason.
    pub(super) conflicts: Vec<(MemberChange, &'static str)>,
}

const BOTH_CHANGED: &str = "the project and the org changed it in different ways";
const RECORD_GONE: &str = "the record around it is removed on the other side";
const CANNOT_KEEP: &str =
    "somebody changed it in the org, and its value there cannot be sent along";

/// Whether two components are equal, and nothing in them needs a look at single members.
pub(super) fn are_plainly_equal(
    last: Option<&ComponentSnapshot>,
    desired: &ComponentSnapshot,
    actual: &ComponentSnapshot,
) -> bool {
    let is_plain = |value: &FieldValue| *value != FieldValue::Secret && !value.is_placeholder();
    desired.fields == actual.fields
        && desired.content == actual.content
        && last.is_none_or(|last| last.fields == desired.fields && last.content == desired.content)
        && desired.fields.values().all(is_plain)
        // An action has a default, so that only a request for it is among the fields.
        && !desired.fields.keys().any(|path| path.elements().starts_with("shouldRotate"))
}

impl Members<'_> {
    pub(super) fn compare(&self) -> Compared {
        let sides = [Some(&self.desired), Some(&self.actual), self.last.as_ref()];
        let members = sides.iter().flatten().flat_map(|side| side.members());
        let paths: BTreeSet<&FieldPath> = members.map(|(path, _)| path).collect();
        let mut compared = Compared::default();
        for path in paths {
            let field = self.schema.and_then(|schema| schema.at(path));
            self.member(field, path, &mut compared);
        }
        self.content(&mut compared);
        respect_removed_records(&mut compared);
        if compared.members.iter().any(MemberChange::is_sent) {
            self.lose_what_cannot_be_kept(&mut compared);
        }
        compared.members.sort_by(|a, b| a.path.cmp(&b.path));
        compared
    }

    fn member(&self, field: Option<&FieldSchema>, path: &FieldPath, compared: &mut Compared) {
        let desired = self.desired.written(path);
        let last = self.last.as_ref().and_then(|last| last.written(path));
        let written = self.actual.written(path);
        let default = self.desired.default(field, path);
        let standing = self.actual.default(field, path);
        let actual = written.or(standing.as_ref());
        let values = Values {
            // What was filled in is what the org has, for all that is known.
            last: last.and_then(|last| {
                if last.is_placeholder() {
                    actual
                } else {
                    Some(last)
                }
            }),
            desired,
            actual,
            is_set_in_the_org: self.actual.is_set(path),
            default: default.as_ref(),
        };
        let is_secret = field.is_some_and(FieldSchema::is_secret)
            || [last, desired, written].contains(&Some(&FieldValue::Secret));
        let is_hidden = written.is_none() && !self.actual.knows(field);
        let decision = match desired {
            _ if field.is_some_and(FieldSchema::is_generated) => Decision::Same,
            Some(_) if is_secret => Decision::Member(Verdict::WriteOnly),
            None if is_secret => Decision::Same,
            // A version without the member neither sends nor resets it (inferred).
            None if !self.desired.knows(field) => Decision::Same,
            Some(FieldValue::Boolean(true)) if field.is_some_and(|field| field.action) => {
                Decision::Member(Verdict::Rotate)
            }
            _ if field.is_some_and(|field| field.action) => Decision::Same,
            Some(value) if value.is_placeholder() || is_hidden => {
                Decision::Member(Verdict::Unreadable)
            }
            _ => decide(values),
        };
        let change = |verdict| MemberChange {
            path: path.clone(),
            verdict,
            last: last.cloned(),
            desired: desired.cloned(),
            actual: values.actual.cloned(),
            default: default.clone(),
            source: None,
        };
        self.record(decision, change, compared);
    }

    fn record(
        &self,
        decision: Decision,
        change: impl Fn(Verdict) -> MemberChange,
        compared: &mut Compared,
    ) {
        match decision {
            Decision::Same => {}
            Decision::Member(verdict) => {
                let mut change = change(verdict);
                if verdict == Verdict::Drift && (self.is_restored)(&change.path) {
                    change.verdict = Verdict::Restore;
                }
                compared.members.push(change);
            }
            Decision::Conflict => {
                let conflict = change(Verdict::Unmanaged);
                compared.conflicts.push((conflict, BOTH_CHANGED));
            }
        }
    }

    /// The file beside the component.
    fn content(&self, compared: &mut Compared) {
        let value = |side: &Side<'_>| side.snapshot.content.as_ref().map(content_value);
        let last = self.last.as_ref().and_then(value);
        let (desired, actual) = (value(&self.desired), value(&self.actual));
        let decision = decide(Values {
            last: last.as_ref(),
            desired: desired.as_ref(),
            actual: actual.as_ref(),
            is_set_in_the_org: actual.is_some(),
            default: None,
        });
        let change = |verdict| MemberChange {
            path: FieldPath::new(CONTENT),
            verdict,
            last: last.clone(),
            desired: desired.clone(),
            actual: actual.clone(),
            default: None,
            source: None,
        };
        self.record(decision, change, compared);
    }

    /// A deploy replaces the whole component. What it cannot carry is lost.
    fn lose_what_cannot_be_kept(&self, compared: &mut Compared) {
        take(compared, |member| {
            if !member.is_kept() {
                return None;
            }
            let is_possible = self.schema.is_some_and(|schema| {
                keep::is_possible(schema, &member.path, member.actual.as_ref())
            });
            match member.verdict {
                _ if is_possible => None,
                Verdict::Drift => Some(Err(CANNOT_KEEP)),
                _ => Some(Ok(Verdict::WouldReset)),
            }
        });
    }
}

/// A member cannot go where its record will not be.
fn respect_removed_records(compared: &mut Compared) {
    let is_record = |member: &MemberChange| {
        [&member.last, &member.desired, &member.actual]
            .into_iter()
            .any(|value| *value == Some(FieldValue::Record))
    };
    let gone: Vec<FieldPath> = compared
        .members
        .iter()
        .filter(|member| is_record(member) && member.after() != Some(&FieldValue::Record))
        .map(|member| member.path.clone())
        .collect();
    let is_in_one = |path: &FieldPath| {
        gone.iter()
            .any(|record| path != record && path.is_within(record))
    };
    take(compared, |member| {
        if !is_in_one(&member.path) {
            return None;
        }
        match member.verdict {
            Verdict::Update | Verdict::Adopt => Some(Err(RECORD_GONE)),
            Verdict::Unmanaged => Some(Ok(Verdict::WouldReset)),
            Verdict::Drift if member.actual.is_some() => Some(Err(RECORD_GONE)),
            _ => None,
        }
    });
}

/// Gives members another verdict, or makes conflicts of them.
fn take(
    compared: &mut Compared,
    judge: impl Fn(&MemberChange) -> Option<Result<Verdict, &'static str>>,
) {
    for mut member in std::mem::take(&mut compared.members) {
        match judge(&member) {
            Some(Err(reason)) => compared.conflicts.push((member, reason)),
            Some(Ok(verdict)) => {
                member.verdict = verdict;
                compared.members.push(member);
            }
            None => compared.members.push(member),
        }
    }
}

fn content_value(content: &ContentSnapshot) -> FieldValue {
    let start = content.sha256.get(..16).unwrap_or(&content.sha256);
    FieldValue::Text(format!("{} bytes, SHA-256 {start}…", content.bytes))
}

/// The members of a component that the org does not have.
pub(super) fn of_new(
    desired: &ComponentSnapshot,
    schema: Option<&'static RecordSchema>,
    verdict: Verdict,
) -> Vec<MemberChange> {
    let content = desired.content.as_ref().map(content_value);
    let content = content.map(|value| (FieldPath::new(CONTENT), value));
    let written = desired.fields.iter().chain(&desired.written_defaults);
    let members = written.map(|(path, value)| (path.clone(), value.clone()));
    let mut members: Vec<MemberChange> = members
        .chain(content)
        .map(|(path, value)| {
            let field = schema.and_then(|schema| schema.at(&path));
            let is_rotation =
                field.is_some_and(|field| field.action) && value == FieldValue::Boolean(true);
            MemberChange {
                verdict: match value {
                    FieldValue::Secret => Verdict::WriteOnly,
                    _ if is_rotation => Verdict::Rotate,
                    _ => verdict,
                },
                last: None,
                actual: None,
                default: field.and_then(FieldValue::default_of),
                desired: Some(value),
                path,
                source: None,
            }
        })
        .collect();
    members.sort_by(|a, b| a.path.cmp(&b.path));
    members
}
