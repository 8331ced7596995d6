//! Which files belong to an app.

use std::collections::BTreeMap;

use eca_model::MetadataType;
use eca_model::types::{ExternalClientApplication, ExtlClntAppOauthSettings};

use crate::engine::context::{Context, Reference};
use crate::engine::findings::Findings;
use crate::engine::quote::Quoted;
use crate::engine::walk::Step;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;
use crate::suggest::did_you_mean;

pub(crate) static APP_LINK: Rule = Rule {
    id: RuleId(1101),
    name: "app-link",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "externalClientApplication is the API name of an app",
    explanation: "Settings and policies belong to the app that this element names, whatever the file names \
        are. A name that is not an app's, or the app's label in place of its API name, fails the deploy with \
        INVALID_CROSS_REFERENCE_KEY. A project without apps may hold the policies of apps in another project; it \
        gets a warning.",
    source: "Metadata API Developer Guide (externalClientApplication of each type)",
    pair: include_str!("../../pairs/ECA1101-app-link.txt"),
    check: app_link,
};

fn app_link(context: &Context<'_>, findings: &mut Findings<'_>) {
    for component in context.project.components() {
        let Some(app) = component.app() else { continue };
        let app = app.trim();
        if app.is_empty() {
            continue; // Missing, and reported as such.
        }
        let reference = context.look_up(MetadataType::ExternalClientApplication, app);
        let severity = match reference {
            Reference::Present | Reference::Elsewhere => continue,
            Reference::Missing => Severity::Error,
            Reference::NoneOfThisType => Severity::Warning,
        };
        let by_label = context
            .project
            .of_type::<ExternalClientApplication>()
            .find(|(_, header)| header.label.as_deref() == Some(app))
            .map(|(header, _)| {
                format!(
                    "{} is the label; the API name is {}",
                    Quoted(app),
                    header.full_name()
                )
            });
        let help = by_label
            .or_else(|| did_you_mean(app, context.names(MetadataType::ExternalClientApplication)));
        findings
            .at_element(
                component,
                "externalClientApplication",
                format!(
                    "the project has no external client app called {}",
                    Quoted(app)
                ),
            )
            .at_most(severity)
            .help_if_some(help);
    }
}

pub(crate) static ONE_PER_APP: Rule = Rule {
    id: RuleId(1102),
    name: "one-per-app",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "an app has at most one file of each settings and policies type",
    explanation: "An org keeps one record of each kind for an app. A second file, often from an older naming \
        scheme or from a retrieve of the policies that the org created itself, overwrites the first one's values \
        or fails with a duplicate-value error, depending on the order in which the org processes them.",
    source: "inferred from deploy errors (DUPLICATE_VALUE) and Salesforce Help, article xcloud.meta_configure_external_client_app_policies",
    pair: include_str!("../../pairs/ECA1102-one-per-app.txt"),
    check: one_per_app,
};

fn one_per_app(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in &context.apps {
        let mut first: BTreeMap<MetadataType, &str> = BTreeMap::new();
        for component in &files.app.members {
            let kind = component.kind();
            if kind == MetadataType::ExternalClientApplication {
                continue;
            }
            match first.get(&kind) {
                None => {
                    first.insert(kind, component.path());
                }
                Some(other) => {
                    findings
                        .at_element(
                            component,
                            "externalClientApplication",
                            format!("{} has a second {}", files.app.name, kind),
                        )
                        .help(format!("the first is {other}; keep one of the two"));
                }
            }
        }
    }
}

pub(crate) static GLOBAL_NEEDS_SETTINGS: Rule = Rule {
    id: RuleId(1103),
    name: "global-needs-settings",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "global OAuth settings come with the OAuth settings of the same app",
    explanation: "The org refuses global OAuth settings of an app that has no OAuth settings: \"The external client app \
        configured in your global OAuth Settings doesn't have a valid OAuth settings configuration.\" Both belong in \
        the same deploy.",
    source: "deploy error text; Salesforce Help, article xcloud.deploy_external_client_app_with_global_settings_file",
    pair: include_str!("../../pairs/ECA1103-global-needs-settings.txt"),
    check: global_needs_settings,
};

fn global_needs_settings(context: &Context<'_>, findings: &mut Findings<'_>) {
    if context.has_unreadable(MetadataType::ExtlClntAppOauthSettings) {
        return;
    }
    for files in &context.apps {
        let Some((component, _)) = files.global_settings() else {
            continue;
        };
        if files.all::<ExtlClntAppOauthSettings>().next().is_none() {
            findings
                .at_element(
                    component,
                    "externalClientApplication",
                    format!(
                        "{} has global OAuth settings but no OAuth settings",
                        files.app.name
                    ),
                )
                .help("add an .ecaOauth file whose externalClientApplication names the same app");
        }
    }
}

pub(crate) static REFERENCE: Rule = Rule {
    id: RuleId(1108),
    name: "reference",
    severity: Severity::Info,
    profiles: &[Profile::Default],
    summary: "a component that an element names is in the project",
    explanation: "A name that the project does not have, although it has other components of the type, is \
        usually misspelt: the deploy fails, or the users of a permission set stay locked out. The component may \
        also be in the org already or in another project, so the severity is info. The schema defines which \
        elements name components of which type.",
    source: "Metadata API Developer Guide (the description of each field)",
    pair: include_str!("../../pairs/ECA1108-reference.txt"),
    check: reference,
};

/// Elements with more specific rules.
const CHECKED_ELSEWHERE: &[&str] = &[
    "externalClientApplication",
    "externalCredential",
    "externalAuthIdentityProvider",
];

fn reference(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, steps) in &context.walked {
        for step in steps {
            let Step::Field(element, field) = step else {
                continue;
            };
            let kind = field.references.and_then(|name| name.parse().ok());
            let Some(kind): Option<MetadataType> = kind else {
                continue;
            };
            // Profiles are listed by names that differ from those of their files.
            if CHECKED_ELSEWHERE.contains(&field.element) || kind.name() == "Profile" {
                continue;
            }
            let text = element.text();
            for name in text.split(',').map(str::trim) {
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                // Neither a certificate's body nor the id of a record.
                let names = !name.is_empty()
                    && name.len() <= 80
                    && name.chars().all(is_name)
                    && !name.starts_with(|c: char| c.is_ascii_digit());
                if !names || context.look_up(kind, name) != Reference::Missing {
                    continue;
                }
                findings
                    .at(
                        component.path(),
                        element.position(),
                        format!("the project has no {kind} called {}", Quoted(name)),
                    )
                    .help_if_some(did_you_mean(name, context.names(kind)));
            }
        }
    }
}
