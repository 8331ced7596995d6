//! The differences in meaning between two projects.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::diff::{ComponentChange, ComponentDiff, DiffOptions, FieldChange, FieldDiff};
use crate::graph::mention::is_list_in_text;
use crate::project::component::Component;
use crate::project::component_id::ComponentId;
use crate::project::{Project, layout};
use crate::schema::{FieldKind, FieldSchema, RecordSchema};
use crate::types::MetadataType;
use crate::values::version::ApiVersion;
use crate::xml::{Document, Element};

/// Compares the meaning of two projects. Formatting, comments and the order of members do not
/// count. A member that is left out equals one that holds the schema's default.
pub fn diff(source: &Project, target: &Project) -> Vec<ComponentDiff> {
    diff_with(source, target, DiffOptions::default())
}

/// Compares two projects as [`diff`] does.
pub fn diff_with(source: &Project, target: &Project, options: DiffOptions) -> Vec<ComponentDiff> {
    let unreadable: HashSet<ComponentId> = source
        .unreadable()
        .iter()
        .chain(target.unreadable())
        .filter_map(|file| layout::component_of(&file.path))
        .collect();
    let readable = source.components().iter().chain(target.components());
    let ids: BTreeSet<_> = readable.map(Component::id).chain(&unreadable).collect();
    let mut differences = Vec::new();
    for id in ids {
        let change = match (source.component(id), target.component(id)) {
            _ if unreadable.contains(id) => ComponentChange::Unknowable,
            (Some(left), Some(right)) => {
                let versions = Sides {
                    source: source.api_version(),
                    target: target.api_version(),
                };
                match compare_components(left, right, versions, options) {
                    fields if fields.iter().any(|f| f.change != FieldChange::Same) => {
                        ComponentChange::Changed(fields)
                    }
                    fields if options.same => ComponentChange::Same(fields),
                    _ => continue,
                }
            }
            (None, Some(component)) if is_made_by_the_org(source, component) => {
                ComponentChange::OrgGenerated
            }
            (None, _) => ComponentChange::OnlyInTarget,
            (_, None) => ComponentChange::OnlyInSource,
        };
        differences.push(ComponentDiff {
            id: id.clone(),
            change,
        });
    }
    differences
}

fn is_made_by_the_org(source: &Project, component: &Component) -> bool {
    let app = component.app();
    component.id().kind.name().ends_with("ConfigurablePolicies")
        && app.is_some_and(|app| source.contains(MetadataType::ExternalClientApplication, app))
}

#[derive(Clone, Copy, Default)]
struct Sides<T> {
    source: T,
    target: T,
}

impl<T> Sides<T> {
    fn any(&self, test: impl Fn(&T) -> bool) -> bool {
        test(&self.source) || test(&self.target)
    }

    fn map<U>(self, to: impl Fn(T) -> U) -> Sides<U> {
        Sides {
            source: to(self.source),
            target: to(self.target),
        }
    }
}

fn compare_components(
    source: &Component,
    target: &Component,
    versions: Sides<Option<ApiVersion>>,
    options: DiffOptions,
) -> Vec<FieldDiff> {
    let mut comparison = Comparison {
        versions,
        options,
        fields: Vec::new(),
    };
    let roots = Sides { source, target }.map(|side| Some(side.file().document().root()));
    comparison.records(Some(source.id().kind.schema().record), roots, "");
    let contents = Sides { source, target }.map(|side| side.content().map(|file| &file.bytes));
    if contents.source != contents.target {
        let sizes = contents.map(|bytes| bytes.map(|bytes| format!("{} bytes", bytes.len())));
        comparison.fields.push(FieldDiff {
            path: "content file".to_owned(),
            change: match (contents.source, contents.target) {
                (None, _) => FieldChange::OnlyInTarget,
                (_, None) => FieldChange::OnlyInSource,
                _ => FieldChange::Changed,
            },
            source: sizes.source,
            target: sizes.target,
            default: None,
        });
    }
    comparison.fields
}

/// Whether two documents of one type mean the same, apart from the members that only an org makes.
pub(crate) fn is_same(schema: &'static RecordSchema, source: &Document, target: &Document) -> bool {
    let mut comparison = Comparison {
        versions: Sides::default(),
        options: DiffOptions::default(),
        fields: Vec::new(),
    };
    let roots = Sides { source, target }.map(|document| Some(document.root()));
    comparison.records(Some(schema), roots, "");
    let mut fields = comparison.fields.iter();
    fields.all(|field| field.change == FieldChange::OrgGenerated)
}

struct Comparison {
    versions: Sides<Option<ApiVersion>>,
    options: DiffOptions,
    fields: Vec<FieldDiff>,
}

impl Comparison {
    /// Compares the children of two elements. It compares trees, not typed values, so that unknown
    /// members and invalid values count too.
    fn records(
        &mut self,
        schema: Option<&'static RecordSchema>,
        sides: Sides<Option<Element<'_>>>,
        prefix: &str,
    ) {
        let parents = sides.map(|side| side.is_some());
        let mut names: BTreeMap<&str, Sides<Vec<Element<'_>>>> = BTreeMap::new();
        for child in filled(sides.source) {
            names.entry(child.name()).or_default().source.push(child);
        }
        for child in filled(sides.target) {
            names.entry(child.name()).or_default().target.push(child);
        }
        for (name, elements) in names {
            let field = schema.and_then(|schema| schema.field(name));
            let is_list = elements.source.len() > 1 || elements.target.len() > 1;
            for index in 0..elements.source.len().max(elements.target.len()) {
                let path = if is_list {
                    format!("{prefix}{name}[{index}]")
                } else {
                    format!("{prefix}{name}")
                };
                let pair = Sides {
                    source: elements.source.get(index).copied(),
                    target: elements.target.get(index).copied(),
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
            source: shown.source,
            target: shown.target,
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
        // A default applies only where the record around it is present.
        let meaning = |text: &Option<String>, parent: bool| {
            let default = field.and_then(|field| field.default).filter(|_| parent);
            text.clone().or_else(|| default.map(str::to_owned))
        };
        if meaning(&texts.source, parents.source) == meaning(&texts.target, parents.target) {
            return FieldChange::Same;
        }
        let is_unknown_to = |text: &Option<String>, version: Option<ApiVersion>| {
            let known = version
                .zip(field)
                .is_none_or(|(version, field)| field.is_in(version));
            text.is_none() && !known
        };
        let secret = is(|field| field.secret);
        let placeholder = |text: &Option<String>| text.as_ref().is_some_and(|t| t.contains("${"));
        match (&texts.source, &texts.target) {
            _ if texts.any(placeholder)
                || is_unknown_to(&texts.source, self.versions.source)
                || is_unknown_to(&texts.target, self.versions.target) =>
            {
                FieldChange::Unknowable
            }
            (None, _) if is(|field| field.generated) => FieldChange::OrgGenerated,
            (None, _) if secret => FieldChange::Unknowable,
            (_, None) if secret => FieldChange::WriteOnly,
            (None, _) if parents.source && is(|field| field.default.is_some()) => {
                FieldChange::WouldReset
            }
            (None, _) => FieldChange::OnlyInTarget,
            (_, None) => FieldChange::OnlyInSource,
            _ => FieldChange::Changed,
        }
    }
}

/// The child elements that have content.
fn filled(side: Option<Element<'_>>) -> impl Iterator<Item = Element<'_>> {
    let children = side.into_iter().flat_map(Element::children);
    children.filter(|child| !child.is_nil())
}

/// Two spellings of one value are equal.
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
