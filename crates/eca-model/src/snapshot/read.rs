//! Reading the meaning of a component out of its file.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::field::{FieldPath, FieldValue, Selector, Step};
use crate::project::component::Component;
use crate::schema::{FieldKind, FieldSchema, RecordSchema};
use crate::snapshot::component::{ComponentSnapshot, ContentSnapshot};
use crate::values::version::ApiVersion;
use crate::xml::Element;

impl Component {
    /// What the component means in this API version.
    pub fn snapshot(&self, version: Option<ApiVersion>) -> ComponentSnapshot {
        let mut members = Members {
            version,
            snapshot: ComponentSnapshot::default(),
        };
        let schema = self.kind().schema().record;
        members.read(Some(schema), self.file().document().root(), &[]);
        let mut snapshot = members.snapshot;
        snapshot.app = self.app().map(str::to_owned);
        snapshot.content = self.content().map(|content| ContentSnapshot {
            bytes: content.bytes.len() as u64,
            sha256: hex(&Sha256::digest(&content.bytes)),
        });
        snapshot
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Collects the members of a file.
struct Members {
    version: Option<ApiVersion>,
    snapshot: ComponentSnapshot,
}

impl Members {
    /// Reads the members of a record. The tree is read rather than the typed value, so that what is
    /// not typed (unknown members, values that are no booleans) counts too.
    fn read(&mut self, schema: Option<&'static RecordSchema>, record: Element<'_>, path: &[Step]) {
        let mut names: BTreeMap<&str, Vec<Element<'_>>> = BTreeMap::new();
        for child in record.children().filter(|child| !child.is_nil()) {
            names.entry(child.name()).or_default().push(child);
        }
        for (name, elements) in names {
            let field = schema.and_then(|schema| schema.field(name));
            let is_record = |element: &Element<'_>| match field.map(|field| field.kind) {
                Some(FieldKind::Record(_)) => true,
                Some(_) => false,
                None => element.children().next().is_some(),
            };
            if let Some(field) = field
                && field.list
                && !matches!(field.kind, FieldKind::Record(_))
            {
                let texts = elements.iter().map(|item| item.text().trim().to_owned());
                let path = joined(path, name, Selector::Any);
                self.add(Some(field), path, texts.collect());
                continue;
            }
            let selectors = selectors(field, &elements);
            for (element, selector) in elements.iter().zip(selectors) {
                let path = joined(path, name, selector);
                if is_record(element) {
                    let inner = match field.map(|field| field.kind) {
                        Some(FieldKind::Record(inner)) => Some(inner),
                        _ => None,
                    };
                    self.read(inner, *element, &path);
                    let path = FieldPath::from_steps(path);
                    self.snapshot.fields.insert(path, FieldValue::Record);
                } else {
                    let value = match field {
                        Some(field) => FieldValue::from_text(field, &element.text()),
                        None => FieldValue::Text(element.text().into_owned()),
                    };
                    self.add(field, path, value);
                }
            }
        }
    }

    fn add(&mut self, field: Option<&FieldSchema>, path: Vec<Step>, value: FieldValue) {
        let value = value.normalized();
        let is_known = |field: &&FieldSchema| self.version.is_none_or(|v| field.is_in(v));
        let default = field.filter(is_known).and_then(FieldValue::default_of);
        let members = if field.is_some_and(FieldSchema::is_generated) {
            &mut self.snapshot.org_made
        } else if default.is_some_and(|default| default == value) {
            &mut self.snapshot.written_defaults
        } else {
            &mut self.snapshot.fields
        };
        members.insert(FieldPath::from_steps(path), value);
    }
}

fn joined(path: &[Step], element: &str, selector: Selector) -> Vec<Step> {
    let element = element.to_owned();
    let mut path = path.to_vec();
    path.push(Step { element, selector });
    path
}

/// How each of several elements of one name is told from the others: by its key where the schema
/// names one and no two have the same, else by its index.
fn selectors(field: Option<&FieldSchema>, elements: &[Element<'_>]) -> Vec<Selector> {
    let key = field.map_or(&[][..], |field| field.key);
    let keys: Vec<Vec<(String, String)>> = elements
        .iter()
        .map(|element| {
            key.iter()
                .filter_map(|name| {
                    let text = element.child(name)?.text().trim().to_owned();
                    (!text.is_empty()).then(|| ((*name).to_owned(), text))
                })
                .collect()
        })
        .collect();
    let mut counts: HashMap<&Vec<(String, String)>, usize> = HashMap::new();
    for key in &keys {
        *counts.entry(key).or_default() += 1;
    }
    let is_list = field.is_some_and(|field| field.list);
    let selector = |(index, own): (usize, &Vec<(String, String)>)| {
        let is_unique = counts.get(own) == Some(&1);
        match (own.is_empty(), is_unique) {
            (false, true) => Selector::Key(own.clone()),
            _ if index == 0 && !is_list => Selector::Any,
            _ => Selector::Index(index),
        }
    };
    keys.iter().enumerate().map(selector).collect()
}
