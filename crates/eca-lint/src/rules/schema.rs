//! Facts of the schema about elements and their values. A new field needs no new rule: its
//! attributes are enough.

use std::collections::BTreeSet;

use eca_model::schema::{FieldKind, FieldSchema, RecordSchema};
use eca_model::{ApiVersion, Element};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::fix::Fix;
use crate::engine::quote::Quoted;
use crate::engine::value::is_placeholder;
use crate::engine::walk::Step;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;
use crate::suggest::did_you_mean;

/// Orgs write members about one version before and after the schema has them, so a difference of
/// one is a warning.
const TOLERANCE: u16 = 1;

pub(crate) static UNKNOWN_ELEMENT: Rule = Rule {
    id: RuleId(1002),
    name: "unknown-element",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "every element exists in the schema of its type",
    explanation: "The org refuses a file with an element that its type does not have. Most often the element is misspelt: \
        Salesforce Help itself has isFirstPartyAppsEnabled where the member is isFirstPartyAppEnabled. Some \
        templates put OAuth policies into the wrong file. Correct the name, or move the element to the file of \
        its type.",
    source: "metadata WSDL; Metadata API Developer Guide",
    pair: include_str!("../../pairs/ECA1002-unknown-element.txt"),
    check: unknown_element,
};

fn unknown_element(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, steps) in &context.walked {
        steps.iter().copied().for_each(|step| {
            let Step::Unknown {
                element,
                parent,
                known,
            } = step
            else {
                return;
            };
            if findings.is_full(component.path()) {
                return;
            }
            let name = element.name();
            let help = did_you_mean(name, known.iter().map(|field| field.element));
            let certain = certainly_meant(element, known);
            findings
                .at(
                    component.path(),
                    element.position(),
                    format!("{parent} has no element {name}"),
                )
                .help_if_some(help)
                .fix_if_some(certain.and_then(|name| Fix::rename(component, element, name)));
        });
    }
}

/// Names that Salesforce's own pages misspell, with the correct ones. Source: Salesforce Help,
/// "OAuth 2.0 for First-Party Applications: Configure an External Client App for Headless Identity
/// Flows", step 2; Metadata API Developer Guide, ExternalAuthIdentityProvider (sample).
const MISSPELT: &[(&str, &str)] = &[
    ("isFirstPartyAppsEnabled", "isFirstPartyAppEnabled"),
    (
        "externalAuthIdentityProviderParameter",
        "externalAuthIdentityProviderParameters",
    ),
];

/// The name that can safely replace an unknown one: one that differs only in case, or a known
/// misspelling. `None` when the element with that name is present as well: the user has to choose.
fn certainly_meant(element: Element<'_>, known: &[FieldSchema]) -> Option<&'static str> {
    let name = element.name();
    let misspelt = MISSPELT.iter().find(|(wrong, _)| *wrong == name);
    let meant = known.iter().find(|field| {
        field.element.eq_ignore_ascii_case(name)
            || misspelt.is_some_and(|(_, right)| *right == field.element)
    })?;
    let parent = element.parent()?;
    let twins = parent.children_named(name).count() > 1 && !meant.list;
    let taken = parent.child(meant.element).is_some() && !meant.list;
    (!twins && !taken).then_some(meant.element)
}

pub(crate) static MISSING_REQUIRED: Rule = Rule {
    id: RuleId(1003),
    name: "missing-required",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "every required element is present and has a value",
    explanation: "Without a required element the org refuses the component, and with it, by default, the whole \
        deploy: nothing of the package is applied.",
    source: "metadata WSDL (minOccurs); Metadata API Developer Guide (\"Required\")",
    pair: include_str!("../../pairs/ECA1003-missing-required.txt"),
    check: missing_required,
};

fn missing_required(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, steps) in &context.walked {
        steps.iter().copied().for_each(|step| {
            let Step::Record(element, record) = step else {
                return;
            };
            let present: BTreeSet<_> = element
                .children()
                .filter(|child| {
                    // An element with members has no text.
                    child.children().next().is_some()
                        || !(child.is_nil() || child.text().trim().is_empty())
                })
                .map(Element::name)
                .collect();
            for field in record.fields {
                let has_successor =
                    || successor(record, field).is_some_and(|next| present.contains(next.element));
                if !field.required
                    || !exists_in(field, context.version)
                    || present.contains(field.element)
                    || has_successor()
                {
                    continue;
                }
                findings.at(
                    component.path(),
                    element.position(),
                    format!("{} needs {}", record.name, field.element),
                );
            }
        });
    }
}

/// The required member that takes the place of one that ends with a version, such as `label` that
/// of `masterLabel`. Orgs know it one version before.
fn successor(record: &'static RecordSchema, field: &FieldSchema) -> Option<&'static FieldSchema> {
    let until = field.until?;
    let mut fields = record.fields.iter();
    fields.find(|next| next.required && next.since.major() == until.major() + TOLERANCE)
}

/// Whether a member is the successor of one that the version still has.
fn is_early_successor(
    record: &'static RecordSchema,
    field: &FieldSchema,
    version: Option<ApiVersion>,
) -> bool {
    let mut fields = record.fields.iter();
    version.is_some_and(|version| {
        fields.any(|old| {
            old.is_in(version)
                && successor(record, old).is_some_and(|next| next.element == field.element)
        })
    })
}

/// Whether a field certainly exists in the project's version. Without a version, the newest counts.
fn exists_in(field: &FieldSchema, version: Option<ApiVersion>) -> bool {
    match version {
        Some(version) => field.is_in(version),
        None => field.until.is_none(),
    }
}

pub(crate) static BAD_ENUM: Rule = Rule {
    id: RuleId(1004),
    name: "bad-enum",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "an enumerated value is one of the schema's values",
    explanation: "The org refuses any other value, including one that differs only in case: the protocol of an \
        external credential is Oauth, that of an external auth identity provider is OAuth. The usual cause is a \
        value that looks right but does not exist, such as AdminApproved for AdminApprovedPreAuthorized.",
    source: "metadata WSDL",
    pair: include_str!("../../pairs/ECA1004-bad-enum.txt"),
    check: bad_enum,
};

fn bad_enum(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, steps) in &context.walked {
        steps.iter().copied().for_each(|step| {
            let Step::Field(element, field) = step else {
                return;
            };
            let FieldKind::Enumeration(schema) = field.kind else {
                return;
            };
            let text = element.text();
            let value = text.trim();
            let known = || schema.values.iter().map(|value| value.text);
            if element.is_nil()
                || value.is_empty()
                || is_placeholder(value)
                || known().any(|text| text == value)
            {
                return;
            }
            let help = did_you_mean(value, known()).unwrap_or_else(|| {
                format!("use one of {}", known().collect::<Vec<_>>().join(", "))
            });
            findings
                .at(
                    component.path(),
                    element.position(),
                    format!(
                        "{} is not a value of {} ({})",
                        Quoted(value),
                        field.element,
                        schema.name
                    ),
                )
                .help(help);
        });
    }
}

pub(crate) static API_VERSION: Rule = Rule {
    id: RuleId(1005),
    name: "api-version",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "types, elements and values exist in the project's API version",
    explanation: "The project's sourceApiVersion, or the version of its package.xml, decides which schema the \
        org reads the files with. An element that a later version adds, or that was removed, makes the deploy \
        fail. Raising the version later resets every member that is new in it and absent from the file. Orgs are \
        known to run about one version ahead of the published schema, so a difference of one is a warning, and \
        so is a member that was removed.",
    source: "metadata WSDL, API versions 47.0 to 66.0; Metadata API Developer Guide",
    pair: include_str!("../../pairs/ECA1005-api-version.txt"),
    check: api_version,
};

fn api_version(context: &Context<'_>, findings: &mut Findings<'_>) {
    // A project that is about to be raised may have the new members already.
    let version = context.version.max(context.options.bump);
    for (component, steps) in &context.walked {
        let kind = component.kind().schema();
        let root = component.file().document().root();
        if let Some((reason, severity)) = outside(kind.since, kind.until, version) {
            findings
                .at(
                    component.path(),
                    root.position(),
                    format!("the type {} {reason}", kind.name),
                )
                .at_most(severity);
            continue;
        }
        steps.iter().copied().for_each(|step| {
            let Step::Field(element, field) = step else {
                return;
            };
            if element
                .parent()
                .is_some_and(|parent| parent.parent().is_none())
                && is_early_successor(kind.record, field, version)
            {
                return;
            }
            // Orgs write some historic members as nil.
            if element.is_nil() {
                return;
            }
            if let Some((reason, severity)) = outside(field.since, field.until, version) {
                findings
                    .at(
                        component.path(),
                        element.position(),
                        format!("{} {reason}", field.element),
                    )
                    .at_most(severity);
                return;
            }
            let FieldKind::Enumeration(schema) = field.kind else {
                return;
            };
            let text = element.text();
            let Some(value) = schema.values.iter().find(|value| value.text == text.trim()) else {
                return;
            };
            // The newest schemas hide values that orgs still accept, so the end of a value is no
            // proof.
            let reason = value.since.and_then(|since| outside(since, None, version));
            if let Some((reason, severity)) = reason {
                findings
                    .at(
                        component.path(),
                        element.position(),
                        format!("the value {} of {} {reason}", value.text, field.element),
                    )
                    .at_most(severity);
            }
        });
    }
}

/// Why something is not in the project's version, and how certain it is that an org refuses it.
/// Without a version the newest counts: removed members are reported.
fn outside(
    since: ApiVersion,
    until: Option<ApiVersion>,
    version: Option<ApiVersion>,
) -> Option<(String, Severity)> {
    let Some(version) = version else {
        let until = until.filter(|until| ApiVersion::NEWEST_CHECKED > *until)?;
        let reason = format!("existed until API version {until} only");
        return Some((reason, Severity::Warning));
    };
    // Orgs wrote members of 56.0 into files of 55.0, before any of these apps existed.
    let is_old = version.major() < 58 && since.major() <= version.major() + TOLERANCE;
    if since > version && !is_old {
        let reason = format!("exists from API version {since}, but the project uses {version}");
        let severity = if since.major() > version.major() + TOLERANCE {
            Severity::Error
        } else {
            Severity::Warning
        };
        return Some((reason, severity));
    }
    let until = until.filter(|until| version > *until)?;
    let reason = format!("existed until API version {until}, but the project uses {version}");
    Some((reason, Severity::Warning))
}
