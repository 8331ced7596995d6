//! The differences in meaning between two projects.

use std::collections::{BTreeSet, HashSet};

use crate::diff::{ComponentChange, ComponentDiff, DiffOptions, FieldChange, FieldDiff};
use crate::field::{FieldPath, FieldValue, Selector, elements};
use crate::project::component::Component;
use crate::project::component_name::ComponentName;
use crate::project::{Project, layout};
use crate::schema::{FieldSchema, RecordSchema};
use crate::snapshot::ComponentSnapshot;
use crate::types::MetadataType;
use crate::values::version::ApiVersion;

/// Compares two projects: same meaning, whatever the formatting, the order of members or the
/// comments. A member that is left out and one that holds the schema's default are the same.
///
/// The source is what would be deployed, the target where to: changes are those that a deploy would
/// make to the target.
pub fn diff(source: &Project, target: &Project) -> Vec<ComponentDiff> {
    diff_with(source, target, DiffOptions::default())
}

/// Compares two projects as [`diff`] does.
pub fn diff_with(source: &Project, target: &Project, options: DiffOptions) -> Vec<ComponentDiff> {
    let unreadable: HashSet<ComponentName> = source
        .unreadable()
        .iter()
        .chain(target.unreadable())
        .filter_map(|file| layout::component_of(&file.path))
        .collect();
    let readable = source.components().iter().chain(target.components());
    let names: BTreeSet<_> = readable.map(Component::name).chain(&unreadable).collect();
    let versions = (source.api_version(), target.api_version());
    let mut differences = Vec::new();
    for name in names {
        let change = match (source.component(name), target.component(name)) {
            _ if unreadable.contains(name) => ComponentChange::Unknowable,
            (Some(ours), Some(theirs)) => {
                let fields = ours.diff_with(theirs, versions, options);
                if fields.iter().any(|field| field.change != FieldChange::Same) {
                    ComponentChange::Update(fields)
                } else if options.same {
                    ComponentChange::Same(fields)
                } else {
                    continue;
                }
            }
            (None, Some(component)) if is_made_by_the_org(source, component) => {
                ComponentChange::OrgMade
            }
            (None, _) => ComponentChange::OnlyInTarget,
            (_, None) => ComponentChange::Create,
        };
        differences.push(ComponentDiff {
            component: name.clone(),
            change,
        });
    }
    differences
}

fn is_made_by_the_org(source: &Project, component: &Component) -> bool {
    let app = component.app();
    component.kind().schema().org_made
        && app.is_some_and(|app| source.contains(MetadataType::ExternalClientApplication, app))
}

impl Component {
    /// The members that differ from those of another component of the same type, which is the
    /// target.
    pub fn diff(&self, target: &Self) -> Vec<FieldDiff> {
        self.diff_with(target, (None, None), DiffOptions::default())
    }

    /// Compares as [`Component::diff`] does. The versions are those of the source and the target;
    /// without one, every member is known to that side.
    pub fn diff_with(
        &self,
        target: &Self,
        versions: (Option<ApiVersion>, Option<ApiVersion>),
        options: DiffOptions,
    ) -> Vec<FieldDiff> {
        let comparison = Comparison {
            schema: self.kind().schema().record,
            source: Side::new(self, versions.0),
            target: Side::new(target, versions.1),
        };
        let mut fields = comparison.fields(options);
        fields.extend(comparison.content());
        fields
    }
}

/// A component, what it means, and which members its API version has.
struct Side<'a> {
    component: &'a Component,
    snapshot: ComponentSnapshot,
    /// The lists that it has records of, by the path of the list.
    lists: HashSet<FieldPath>,
    version: Option<ApiVersion>,
}

impl<'a> Side<'a> {
    fn new(component: &'a Component, version: Option<ApiVersion>) -> Self {
        let snapshot = component.snapshot(version);
        Self {
            component,
            lists: snapshot.fields.keys().filter_map(list_of).collect(),
            snapshot,
            version,
        }
    }

    /// The value, or the default that stands for it. A default stands for a member only where the
    /// record around it is there.
    fn meaning(&self, field: Option<&FieldSchema>, path: &FieldPath) -> Option<FieldValue> {
        let written = self.snapshot.value(path).cloned();
        written.or_else(|| {
            let field = field.filter(|_| self.snapshot.has_parent(path));
            field.and_then(FieldValue::default_of)
        })
    }

    /// Whether the version has a member.
    fn knows(&self, field: Option<&FieldSchema>) -> bool {
        let known = self.version.zip(field);
        known.is_none_or(|(version, field)| field.is_in(version))
    }

    /// Whether it has records of the list that a record or its member is in.
    fn has_list_of(&self, path: &FieldPath) -> bool {
        list_of(path).is_some_and(|list| self.lists.contains(&list))
    }

    fn secrets(&self, path: &FieldPath) -> Vec<String> {
        let found = elements(self.component.file().document().root(), path);
        let texts = found.iter().map(|element| element.text().into_owned());
        texts.collect()
    }
}

/// The outermost list that a path chooses a record of.
fn list_of(path: &FieldPath) -> Option<FieldPath> {
    let steps = path.steps();
    let at = steps
        .iter()
        .position(|step| step.selector != Selector::Any)?;
    let list = FieldPath::from_steps(steps[..=at].to_vec());
    Some(list.select(Selector::Any))
}

struct Comparison<'a> {
    schema: &'static RecordSchema,
    source: Side<'a>,
    target: Side<'a>,
}

impl Comparison<'_> {
    fn fields(&self, options: DiffOptions) -> Vec<FieldDiff> {
        let (source, target) = (&self.source.snapshot, &self.target.snapshot);
        let paths: BTreeSet<_> = source.paths().chain(target.paths()).collect();
        let mut fields = Vec::new();
        let mut paths = paths.into_iter().peekable();
        while let Some(path) = paths.next() {
            let (ours, theirs) = (source.value(path), target.value(path));
            let is_record = [ours, theirs].contains(&Some(&FieldValue::Record));
            // A record's members speak for it, and follow it.
            let has_members = paths.peek().is_some_and(|next| next.is_within(path));
            if is_record && (has_members || ours == theirs) {
                continue;
            }
            let field = self.schema.at(path);
            let change = self.change(field, path);
            if change != FieldChange::Same || options.same {
                fields.push(FieldDiff {
                    path: path.clone(),
                    change,
                    source: ours.cloned(),
                    target: theirs.cloned(),
                    default: field.and_then(FieldValue::default_of),
                });
            }
        }
        fields
    }

    fn change(&self, field: Option<&FieldSchema>, path: &FieldPath) -> FieldChange {
        let (source, target) = (&self.source, &self.target);
        let meanings = (source.meaning(field, path), target.meaning(field, path));
        let is_secret = field.is_some_and(FieldSchema::is_secret);
        if meanings.0 == meanings.1 && (!is_secret || source.secrets(path) == target.secrets(path))
        {
            return FieldChange::Same;
        }
        let (ours, theirs) = (source.snapshot.value(path), target.snapshot.value(path));
        let is_placeholder = [ours, theirs]
            .into_iter()
            .flatten()
            .any(FieldValue::is_placeholder);
        let is_unknown =
            |side: &Side<'_>, value: Option<&FieldValue>| value.is_none() && !side.knows(field);
        if is_placeholder || is_unknown(source, ours) || is_unknown(target, theirs) {
            return FieldChange::Unknowable;
        }
        match (ours, theirs) {
            (None, _) if field.is_some_and(FieldSchema::is_generated) => FieldChange::OrgMade,
            (None, _) if is_secret => FieldChange::Unknowable,
            (_, None) if is_secret => FieldChange::WriteOnly,
            (None, _)
                if field.is_some_and(|field| field.default.is_some())
                    && source.snapshot.has_parent(path) =>
            {
                FieldChange::WouldReset
            }
            // A deploy replaces a list as a whole.
            (None, _) if source.has_list_of(path) => FieldChange::Delete,
            (None, _) => FieldChange::OnlyInTarget,
            (_, None) => FieldChange::Create,
            _ => FieldChange::Update,
        }
    }

    /// The file beside the components.
    fn content(&self) -> Option<FieldDiff> {
        let (ours, theirs) = (&self.source.snapshot.content, &self.target.snapshot.content);
        let change = match (ours, theirs) {
            (ours, theirs) if ours == theirs => return None,
            (Some(_), None) => FieldChange::Create,
            (None, _) => FieldChange::OnlyInTarget,
            _ => FieldChange::Update,
        };
        let size = |content: &crate::snapshot::ContentSnapshot| {
            FieldValue::Text(format!("{} bytes", content.bytes))
        };
        Some(FieldDiff {
            path: FieldPath::new("content file"),
            change,
            source: ours.as_ref().map(size),
            target: theirs.as_ref().map(size),
            default: None,
        })
    }
}
