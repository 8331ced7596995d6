//! What differs in meaning between two projects.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::diff::{ComponentChange, ComponentDiff, DiffOptions, FieldChange, FieldDiff};
use crate::graph::mention::is_list_in_text;
use crate::project::component::Component;
use crate::project::component_id::ComponentId;
use crate::project::{Project, layout};
use crate::schema::{FieldKind, FieldSchema, RecordSchema};
use crate::types::MetadataType;
use crate::values::version::ApiVersion;
use crate::xml::Element;

/// Compares two projects: same meaning, whatever the formatting, the order of members or the
/// comments. A member that is left out and one that holds the schema's default are the same.
pub fn diff(left: &Project, right: &Project) -> Vec<ComponentDiff> {
    diff_with(left, right, DiffOptions::default())
}

/// Compares two projects as [`diff`] does.
pub fn diff_with(left: &Project, right: &Project, options: DiffOptions) -> Vec<ComponentDiff> {
    let unreadable: HashSet<ComponentId> = left
        .unreadable()
        .iter()
        .chain(right.unreadable())
        .filter_map(|file| layout::component_of(&file.path))
        .collect();
    let readable = left.components().iter().chain(right.components());
    let ids: BTreeSet<_> = readable.map(Component::id).chain(&unreadable).collect();
    let mut differences = Vec::new();
    for id in ids {
        let change = match (left.component(id), right.component(id)) {
            _ if unreadable.contains(id) => ComponentChange::Unknowable,
            (Some(ours), Some(theirs)) => {
                let versions = Sides {
                    left: left.api_version(),
                    right: right.api_version(),
                };
                match compare_components(ours, theirs, versions, options) {
                    fields if fields.iter().any(|f| f.change != FieldChange::Same) => {
                        ComponentChange::Changed(fields)
                    }
                    fields if options.same => ComponentChange::Same(fields),
                    _ => continue,
                }
            }
            (None, Some(theirs)) if is_made_by_the_org(left, theirs) => {
                ComponentChange::OrgGenerated
            }
            (None, _) => ComponentChange::Added,
            (_, None) => ComponentChange::Removed,
        };
        differences.push(ComponentDiff {
            id: id.clone(),
            change,
        });
    }
    differences
}

fn is_made_by_the_org(left: &Project, theirs: &Component) -> bool {
    let app = theirs.app();
    theirs.id().kind.name().ends_with("ConfigurablePolicies")
        && app.is_some_and(|app| left.contains(MetadataType::ExternalClientApplication, app))
}

#[derive(Clone, Copy, Default)]
struct Sides<T> {
    left: T,
    right: T,
}

impl<T> Sides<T> {
    fn any(&self, test: impl Fn(&T) -> bool) -> bool {
        test(&self.left) || test(&self.right)
    }

    fn map<U>(self, to: impl Fn(T) -> U) -> Sides<U> {
        Sides {
            left: to(self.left),
            right: to(self.right),
        }
    }
}

fn compare_components(
    left: &Component,
    right: &Component,
    versions: Sides<Option<ApiVersion>>,
    options: DiffOptions,
) -> Vec<FieldDiff> {
    let mut comparison = Comparison {
        versions,
        options,
        fields: Vec::new(),
    };
    let roots = Sides { left, right }.map(|side| Some(side.file().document().root()));
    comparison.records(Some(left.id().kind.schema().record), roots, "");
    let contents = Sides { left, right }.map(|side| side.content().map(|file| &file.bytes));
    if contents.left != contents.right {
        let sizes = contents.map(|bytes| bytes.map(|bytes| format!("{} bytes", bytes.len())));
        comparison.fields.push(FieldDiff {
            path: "content file".to_owned(),
            change: match (contents.left, contents.right) {
                (None, _) => FieldChange::Added,
                (_, None) => FieldChange::Removed,
                _ => FieldChange::Changed,
            },
            left: sizes.left,
            right: sizes.right,
            default: None,
        });
    }
    comparison.fields
}

struct Comparison {
    versions: Sides<Option<ApiVersion>>,
    options: DiffOptions,
    fields: Vec<FieldDiff>,
}

impl Comparison {
    /// Compares the children of two elements. The trees are compared rather than the typed values,
    /// so that what is not typed (unknown members, values that are no booleans) counts too.
    fn records(
        &mut self,
        schema: Option<&'static RecordSchema>,
        sides: Sides<Option<Element<'_>>>,
        prefix: &str,
    ) {
        let parents = sides.map(|side| side.is_some());
        let mut names: BTreeMap<&str, Sides<Vec<Element<'_>>>> = BTreeMap::new();
        for child in filled(sides.left) {
            names.entry(child.name()).or_default().left.push(child);
        }
        for child in filled(sides.right) {
            names.entry(child.name()).or_default().right.push(child);
        }
        for (name, found) in names {
            let field = schema.and_then(|schema| schema.field(name));
            let several = found.left.len() > 1 || found.right.len() > 1;
            for index in 0..found.left.len().max(found.right.len()) {
                let path = if several {
                    format!("{prefix}{name}[{index}]")
                } else {
                    format!("{prefix}{name}")
                };
                let pair = Sides {
                    left: found.left.get(index).copied(),
                    right: found.right.get(index).copied(),
                };
                self.elements(field, pair, parents, path);
            }
        }
    }

    fn elements(
        &mut self,
        field: Option<&'static FieldSchema>,
        sides: Sides<Option<Element<'_>>>,
        parents: Sides<bool>,
        path: String,
    ) {
        let secret = field.is_some_and(|field| field.secret);
        let has_children = |element: Element<'_>| element.children().next().is_some();
        if !secret && sides.any(|side| side.is_some_and(has_children)) {
            let schema = match field.map(|field| field.kind) {
                Some(FieldKind::Record(record)) => Some(record),
                _ => None,
            };
            self.records(schema, sides, &format!("{path}."));
            return;
        }
        let texts = sides.map(|side| side.map(|element| normalised(field, &element.text())));
        let change = self.change(field, &texts, parents);
        if change == FieldChange::Same && !self.options.same {
            return;
        }
        let shown = texts.map(|side| side.map(|text| if secret { "***".to_owned() } else { text }));
        self.fields.push(FieldDiff {
            path,
            change,
            left: shown.left,
            right: shown.right,
            default: field.and_then(|field| field.default),
        });
    }

    fn change(
        &self,
        field: Option<&'static FieldSchema>,
        texts: &Sides<Option<String>>,
        parents: Sides<bool>,
    ) -> FieldChange {
        let is = |question: fn(&FieldSchema) -> bool| field.is_some_and(question);
        // A default stands for a member only where the record around it is there.
        let meaning = |text: &Option<String>, parent: bool| {
            let default = field.and_then(|field| field.default).filter(|_| parent);
            text.clone().or_else(|| default.map(str::to_owned))
        };
        if meaning(&texts.left, parents.left) == meaning(&texts.right, parents.right) {
            return FieldChange::Same;
        }
        let unheard_of = |text: &Option<String>, version: Option<ApiVersion>| {
            let known = version
                .zip(field)
                .is_none_or(|(version, field)| field.is_in(version));
            text.is_none() && !known
        };
        let secret = is(|field| field.secret);
        let placeholder = |text: &Option<String>| text.as_ref().is_some_and(|t| t.contains("${"));
        match (&texts.left, &texts.right) {
            _ if texts.any(placeholder)
                || unheard_of(&texts.left, self.versions.left)
                || unheard_of(&texts.right, self.versions.right) =>
            {
                FieldChange::Unknowable
            }
            (None, _) if is(|field| field.generated) => FieldChange::OrgGenerated,
            (None, _) if secret => FieldChange::Unknowable,
            (_, None) if secret => FieldChange::WriteOnly,
            (None, _) if parents.left && is(|field| field.default.is_some()) => {
                FieldChange::WouldReset
            }
            (None, _) => FieldChange::Added,
            (_, None) => FieldChange::Removed,
            _ => FieldChange::Changed,
        }
    }
}

/// The child elements that hold something.
fn filled(side: Option<Element<'_>>) -> impl Iterator<Item = Element<'_>> {
    let children = side.into_iter().flat_map(Element::children);
    children.filter(|child| !child.is_nil())
}

/// Two spellings of one value are one value.
fn normalised(field: Option<&'static FieldSchema>, text: &str) -> String {
    match field.map(|field| field.kind) {
        Some(FieldKind::Boolean) => match text.trim() {
            "1" => "true".to_owned(),
            "0" => "false".to_owned(),
            other => other.to_owned(),
        },
        Some(FieldKind::Integer | FieldKind::Enumeration(_)) => text.trim().to_owned(),
        _ if field.is_some_and(is_list_in_text) => {
            let items: Vec<_> = text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .collect();
            items.join(", ")
        }
        _ => text.to_owned(),
    }
}
