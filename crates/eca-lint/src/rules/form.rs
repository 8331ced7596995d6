//! The form of a file: order, lengths, and what a later API version changes.

use std::collections::BTreeSet;

use eca_model::Element;
use eca_model::schema::FieldKind;

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::value::is_placeholder;
use crate::engine::walk::Step;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static ELEMENT_ORDER: Rule = Rule {
    id: RuleId(1011),
    name: "element-order",
    severity: Severity::Info,
    profiles: &[Profile::Default],
    summary: "elements are in the order in which an org writes them",
    explanation: "A retrieve writes elements sorted by the code points of their names, with fullName first and \
        repeated elements side by side. Deploys accept any order, but the first retrieve then changes the whole \
        file, and a real change in it is easily overlooked.",
    source: "metadata WSDL (xsd:sequence); files that orgs wrote",
    pair: include_str!("../../pairs/ECA1011-element-order.txt"),
    check: element_order,
};

/// The place of an element in what an org writes: `fullName` first, then by name.
fn rank(element: Element<'_>) -> (bool, &str) {
    (element.name() != "fullName", element.name())
}

fn element_order(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, steps) in &context.walked {
        steps.iter().copied().for_each(|step| {
            let Step::Record(record, schema) = step else {
                return;
            };
            // In a partly modelled type, the order of the other elements is unknown.
            if schema.partial {
                return;
            }
            // Most files come from an org, and a part of a sorted list is sorted.
            if record.children().is_sorted_by_key(rank) {
                return;
            }
            // An org never writes an element that the type does not have.
            let known = |element: &Element<'_>| {
                element.name() == "fullName" || schema.field(element.name()).is_some()
            };
            let next = record.children().filter(known).skip(1);
            let late = record
                .children()
                .filter(known)
                .zip(next)
                .find(|(before, element)| rank(*element) < rank(*before));
            if let Some((before, element)) = late {
                findings.at(
                    component.path(),
                    element.position(),
                    format!("an org writes {} before {}", element.name(), before.name()),
                );
            }
        });
    }
}

pub(crate) static MAX_LENGTH: Rule = Rule {
    id: RuleId(1013),
    name: "max-length",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a text is not longer than its element allows",
    explanation: "The org refuses a component with a text over the documented length; it does not truncate the text. The \
        lengths come from the schema of each type. Most are undocumented, so a text that passes here may still \
        be too long for an org.",
    source: "Metadata API Developer Guide (the length in the description of each field)",
    pair: include_str!("../../pairs/ECA1013-max-length.txt"),
    check: max_length,
};

fn max_length(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, steps) in &context.walked {
        steps.iter().copied().for_each(|step| {
            let Step::Field(element, field) = step else {
                return;
            };
            // Callback URLs have their own rule, which applies the limit to all of them together.
            let Some(max) = field.max_length.filter(|_| field.element != "callbackUrl") else {
                return;
            };
            let value = element.text();
            let length = value.trim().chars().count();
            if length > max as usize && !is_placeholder(&value) {
                findings.at(
                    component.path(),
                    element.position(),
                    format!(
                        "{} has {length} characters; {max} are allowed",
                        field.element
                    ),
                );
            }
        });
    }
}

pub(crate) static VERSION_BUMP: Rule = Rule {
    id: RuleId(1014),
    name: "version-bump",
    severity: Severity::Info,
    profiles: &[Profile::Default],
    summary: "the file sets each member that a higher API version adds",
    explanation: "A deploy with a higher API version reads members that it ignored before, and resets those \
        that the file does not have to their defaults: what an administrator has set in Setup is lost. The rule \
        runs only when it is given the version that the project is raised to. It reports one line per member, so \
        that each can be retrieved or set first.",
    source: "metadata WSDL, API versions 47.0 to 66.0; Metadata API Developer Guide (\"Available in API version\")",
    pair: include_str!("../../pairs/ECA1014-version-bump.txt"),
    check: version_bump,
};

fn version_bump(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(from), Some(to)) = (context.version, context.options.bump) else {
        return;
    };
    for component in context.project.components() {
        let root = component.file().document().root();
        let schema = component.kind().schema();
        let present: BTreeSet<_> = root.children().map(Element::name).collect();
        let new = schema.record.fields.iter().filter(|field| {
            let scalar = !field.list && !matches!(field.kind, FieldKind::Record(_));
            let arrives = field.since.max(schema.since);
            scalar && !field.is_generated() && arrives > from && field.is_in(to)
        });
        for field in new.filter(|field| !present.contains(field.element)) {
            let becomes = match field.default {
                Some(value) => format!("become {value}"),
                None => "be emptied".to_owned(),
            };
            findings.at(
                component.path(),
                root.position(),
                format!(
                    "from API version {} on, a deploy sets {}, which is absent here: it may {becomes}",
                    field.since, field.element
                ),
            );
        }
    }
}
