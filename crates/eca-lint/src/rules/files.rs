//! Files that cannot be read, or only in part.

use std::collections::BTreeSet;

use eca_model::{Position, Problem, ProblemKind};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::fix::Fix;
use crate::engine::value::is_placeholder;
use crate::engine::walk::Step;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static UNREADABLE_FILE: Rule = Rule {
    id: RuleId(1001),
    name: "unreadable-file",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a metadata file is well-formed XML with the root element and namespace of its type",
    explanation: "The suffix of a file decides its metadata type, and the org parses the file as that type. \
        With a broken tag, the root element of another type or another namespace, the whole deploy fails before \
        the org reads a single component, usually with a message that names neither line nor element.",
    source: "Metadata API Developer Guide, \"Metadata Components and Types\"; metadata WSDL",
    pair: include_str!("../../pairs/ECA1001-unreadable-file.txt"),
    check: unreadable_file,
};

fn unreadable_file(context: &Context<'_>, findings: &mut Findings<'_>) {
    for file in context.project.unreadable() {
        findings.at(&file.path, file.error.position(), file.error.to_string());
    }
}

pub(crate) static BAD_VALUE: Rule = Rule {
    id: RuleId(1006),
    name: "bad-value",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a boolean is true or false, a number is a whole number, and no text stands between elements",
    explanation: "A value such as yes, True or 30d is not of the schema's type. The org refuses the file at \
        parsing and reports none of its other problems. Text between elements is usually the rest of a merge or of \
        an element that was commented out by hand; the types have elements only.",
    source: "metadata WSDL (xsd:boolean, xsd:int, xsd:sequence)",
    pair: include_str!("../../pairs/ECA1006-bad-value.txt"),
    check: |context, findings| {
        problems(context, findings, |kind| match kind {
            ProblemKind::NotABoolean(text) | ProblemKind::NotAnInteger(text) => {
                !is_placeholder(text)
            }
            ProblemKind::StrayText(_) => true,
            _ => false,
        });
    },
};

pub(crate) static DUPLICATE_ELEMENT: Rule = Rule {
    id: RuleId(1007),
    name: "duplicate-element",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "an element that can occur once occurs once",
    explanation: "The org refuses a file with a second copy of an element, which is usually left over from a merge. Other \
        tools silently use one of the two, and the file does not show which. Keep the copy with the intended \
        value. Elements that can repeat have to stand side by side: an org reads a copy behind other elements as \
        a duplicate. That is reported for other metadata types, and inferred here.",
    source: "metadata WSDL (maxOccurs)",
    pair: include_str!("../../pairs/ECA1007-duplicate-element.txt"),
    check: |context, findings| {
        problems(context, findings, |kind| {
            matches!(kind, ProblemKind::Duplicate)
        });
        apart(context, findings);
    },
};

/// Elements of one list with others in between.
fn apart(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, steps) in &context.walked {
        for step in steps {
            let Step::Record(record, schema) = step else {
                continue;
            };
            let mut last = "";
            let mut seen = BTreeSet::new();
            let again = record.children().find(|child| {
                let name = child.name();
                let is_apart = name != last && !seen.insert(name);
                last = name;
                is_apart && schema.field(name).is_some_and(|field| field.list)
            });
            if let Some(again) = again {
                let message = format!(
                    "{} stands apart from the others of its list, which orgs refuse as a duplicate",
                    again.name()
                );
                findings
                    .at(component.path(), again.position(), message)
                    .fix_if_some(Fix::sorted(component));
            }
        }
    }
}

pub(crate) static DUPLICATE_FILE: Rule = Rule {
    id: RuleId(1010),
    name: "duplicate-file",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a component is in one file",
    explanation: "Type and file name together identify a component. A package has room for one file of each, so when two \
        folders have the same file, one is skipped, perhaps the one that you edited. Keep one of the two. Of several \
        package directories the later one counts, as for the Salesforce CLI: that is worth knowing only.",
    source: "Metadata API Developer Guide, \"Deploying and Retrieving Metadata with the Zip File\"",
    pair: include_str!("../../pairs/ECA1010-duplicate-file.txt"),
    check: duplicate_file,
};

fn duplicate_file(context: &Context<'_>, findings: &mut Findings<'_>) {
    for file in context.project.duplicates() {
        if file.is_layered {
            let message = format!(
                "{} is also in {}, whose package directory comes later and counts",
                file.component, file.first
            );
            let added = findings.at(&file.path, Position::START, message);
            added.at_most(Severity::Info);
            continue;
        }
        findings
            .at(
                &file.path,
                Position::START,
                format!("{} is already in {}", file.component, file.first),
            )
            .help("keep one of the two files");
    }
}

fn problems(
    context: &Context<'_>,
    findings: &mut Findings<'_>,
    wanted: impl Fn(&ProblemKind) -> bool,
) {
    for component in context.project.components() {
        for problem in component.file().problems() {
            if findings.is_full(component.path()) {
                break;
            }
            let Problem { kind, position, .. } = problem;
            if wanted(kind) {
                findings.at(component.path(), *position, problem.to_string());
            }
        }
    }
}
