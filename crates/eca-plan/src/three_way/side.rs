//! One side of a comparison, for one component.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use eca_model::{
    ApiVersion, ComponentSnapshot, FieldPath, FieldSchema, FieldValue, Selector, Step,
};

/// A component of one side, and the API version that it was written or read in.
pub(super) struct Side<'a> {
    pub(super) snapshot: Cow<'a, ComponentSnapshot>,
    pub(super) version: Option<ApiVersion>,
}

impl Side<'_> {
    /// The value that is written for a member, be it the default.
    pub(super) fn written(&self, path: &FieldPath) -> Option<&FieldValue> {
        let members = &self.snapshot;
        members
            .fields
            .get(path)
            .or_else(|| members.written_defaults.get(path))
    }

    /// Whether a value other than the default is written.
    pub(super) fn is_set(&self, path: &FieldPath) -> bool {
        self.snapshot.fields.contains_key(path)
    }

    /// The default that stands for a member which is left out. It does so only where the record
    /// around the member is there.
    pub(super) fn default(
        &self,
        field: Option<&FieldSchema>,
        path: &FieldPath,
    ) -> Option<FieldValue> {
        let field = field.filter(|field| self.version.is_none_or(|v| field.is_in(v)))?;
        let parent = path.parent();
        let has_parent = parent.is_none_or(|parent| self.is_set(&parent));
        has_parent.then(|| FieldValue::default_of(field)).flatten()
    }

    /// Whether the API version has a member.
    pub(super) fn knows(&self, field: Option<&FieldSchema>) -> bool {
        let known = self.version.zip(field);
        known.is_none_or(|(version, field)| field.is_in(version))
    }

    /// Every member with its value.
    pub(super) fn members(&self) -> impl Iterator<Item = (&FieldPath, &FieldValue)> {
        let members = &self.snapshot;
        members.fields.iter().chain(&members.written_defaults)
    }
}

/// The lists whose records have no key and are chosen by their place: they are compared as a whole,
/// since the same place on two sides need not be the same record.
pub(super) fn lists_without_keys<'a>(
    sides: impl Iterator<Item = &'a ComponentSnapshot>,
) -> BTreeSet<FieldPath> {
    let mut lists = BTreeSet::new();
    for side in sides {
        for path in side.fields.keys().chain(side.written_defaults.keys()) {
            let steps = path.steps();
            let is_indexed = |step: &Step| matches!(step.selector, Selector::Index(_));
            if let Some(at) = steps.iter().position(is_indexed) {
                lists.insert(list_at(path, at));
            }
        }
    }
    lists
}

/// The path of the list that the step at this place chooses from.
fn list_at(path: &FieldPath, at: usize) -> FieldPath {
    let outer = std::iter::successors(Some(path.clone()), FieldPath::parent);
    let depth = path.steps().len() - at;
    let list = outer.take(depth).last();
    list.map_or_else(|| path.clone(), |list| list.select(Selector::Any))
}

/// The component with each of these lists as one value.
pub(super) fn with_lists_as_values<'a>(
    component: &'a ComponentSnapshot,
    lists: &BTreeSet<FieldPath>,
) -> Cow<'a, ComponentSnapshot> {
    if lists.is_empty() {
        return Cow::Borrowed(component);
    }
    let list_of = |path: &FieldPath| {
        let prefixes = (0..path.steps().len()).map(|at| list_at(path, at));
        prefixes.into_iter().find(|prefix| lists.contains(prefix))
    };
    let mut folded = component.clone();
    let mut lists_of_records: BTreeMap<FieldPath, BTreeMap<FieldPath, Vec<String>>> =
        BTreeMap::new();
    for members in [&mut folded.fields, &mut folded.written_defaults] {
        members.retain(|path, value| {
            let Some(list) = list_of(path) else {
                return true;
            };
            let depth = list.steps().len();
            let outer = std::iter::successors(Some(path.clone()), FieldPath::parent);
            let record = outer.take(path.steps().len() - depth + 1).last();
            let records = lists_of_records.entry(list).or_default();
            let members = records
                .entry(record.unwrap_or_else(|| path.clone()))
                .or_default();
            if *value != FieldValue::Record {
                let names: Vec<_> = path.steps()[depth..]
                    .iter()
                    .map(|step| &*step.element)
                    .collect();
                members.push(format!("{}={value}", names.join(".")));
            }
            false
        });
    }
    for (list, records) in lists_of_records {
        let records = records.into_values();
        let mut records: Vec<_> = records
            .map(|members| format!("{{{}}}", members.join(", ")))
            .collect();
        records.sort_unstable();
        folded.fields.insert(list, FieldValue::List(records));
    }
    Cow::Owned(folded)
}
