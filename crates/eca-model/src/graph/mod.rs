//! The references of a project, per app, as text and for Graphviz.

pub(crate) mod mention;
pub(crate) mod references;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use crate::graph::mention::Target;
use crate::graph::references::{Reference, Resolution};
use crate::project::Project;
use crate::project::component_name::ComponentName;
use crate::values::visible::visible;

/// The references between components, grouped per app.
#[derive(Debug)]
pub struct Graph<'a> {
    /// The apps, sorted by name, and last the components that belong to none.
    pub groups: Vec<Group<'a>>,
}

/// The components of one app, or those that belong to none.
#[derive(Debug)]
pub struct Group<'a> {
    /// The app's name; `None` for components without an app.
    pub app: Option<&'a str>,
    /// The components with the references that they hold, sorted by id.
    pub components: Vec<(&'a ComponentName, Vec<Reference<'a>>)>,
}

impl<'a> Graph<'a> {
    /// The graph of a project.
    pub fn new(project: &'a Project) -> Self {
        let mut references = project.references().into_iter().peekable();
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for component in project.components() {
            let mut outgoing = Vec::new();
            while let Some(reference) = references.next_if(|r| r.from == component.name()) {
                outgoing.push(reference);
            }
            // `false` sorts first: apps, then the rest.
            let key = (component.app().is_none(), component.app());
            groups
                .entry(key)
                .or_default()
                .push((component.name(), outgoing));
        }
        let groups = groups.into_iter();
        Self {
            groups: groups
                .map(|((_, app), components)| Group { app, components })
                .collect(),
        }
    }

    /// Only the group of one app.
    #[must_use]
    pub fn only(mut self, app: &str) -> Self {
        self.groups.retain(|group| group.app == Some(app));
        self
    }

    /// All references, in the order of groups.
    pub fn references(&self) -> impl Iterator<Item = &Reference<'a>> {
        let components = self.groups.iter().flat_map(|group| &group.components);
        components.flat_map(|(_, references)| references)
    }

    /// The graph in the language of Graphviz: one cluster per app; targets outside of the project
    /// are dashed, broken references red, ambiguous ones orange.
    pub fn to_dot(&self) -> String {
        let mut dot = String::from(
            "digraph eca {\n    rankdir=LR;\n    node [shape=box, fontname=\"sans-serif\"];\n",
        );
        for (index, group) in self.groups.iter().enumerate() {
            let indent = if let Some(app) = group.app {
                let _ = writeln!(dot, "    subgraph cluster_{index} {{");
                let _ = writeln!(dot, "        label={};", quoted(app));
                "        "
            } else {
                "    "
            };
            for (id, _) in &group.components {
                let label = format!("{}\n{}", id.kind, id.name);
                let (node, label) = (quoted(&id.to_string()), quoted(&label));
                let _ = writeln!(dot, "{indent}{node} [label={label}];");
            }
            if group.app.is_some() {
                dot.push_str("    }\n");
            }
        }
        let components = self.groups.iter().flat_map(|group| &group.components);
        let known: BTreeSet<_> = components.map(|(id, _)| id.to_string()).collect();
        let mut strangers = BTreeSet::new();
        for reference in self.references() {
            let name = node(reference.target);
            let style = stranger_style(&reference.resolution);
            if let (Some(style), false) = (style, known.contains(&name)) {
                strangers.insert((name, style));
            }
        }
        for (name, style) in strangers {
            let _ = writeln!(dot, "    {} [{style}];", quoted(&name));
        }
        for reference in self.references() {
            let (from, to) = (reference.from.to_string(), node(reference.target));
            let (from, to) = (quoted(&from), quoted(&to));
            let color = match reference.resolution {
                Resolution::Broken => ", color=red",
                Resolution::Ambiguous(_) => ", color=orange",
                _ => "",
            };
            let label = quoted(reference.path);
            let _ = writeln!(dot, "    {from} -> {to} [label={label}{color}];");
        }
        dot.push_str("}\n");
        dot
    }
}

/// The graph as text: one line per component, and below it one line per reference.
impl fmt::Display for Graph<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for group in &self.groups {
            writeln!(formatter, "{}", visible(group.app.unwrap_or("(no app)")))?;
            for (id, references) in &group.components {
                writeln!(formatter, "  {}", visible(&id.to_string()))?;
                for Reference {
                    path,
                    target,
                    resolution,
                    ..
                } in references
                {
                    let remark = match resolution {
                        Resolution::Resolved => String::new(),
                        other => format!(" ({other})"),
                    };
                    let line = format!("{path} -> {target}{remark}");
                    writeln!(formatter, "    {}", visible(&line))?;
                }
            }
        }
        Ok(())
    }
}

/// Parts are drawn as their component.
fn node(target: &Target) -> String {
    target.component.to_string()
}

fn stranger_style(resolution: &Resolution) -> Option<&'static str> {
    match resolution {
        Resolution::Outside => Some("style=dashed"),
        Resolution::Broken => Some("color=red"),
        _ => None,
    }
}

/// A string of the DOT language.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n"))
}
