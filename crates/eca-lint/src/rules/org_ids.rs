//! Values that contain the id of an org.

use std::collections::BTreeMap;

use eca_model::types::{ExternalClientApplication, ExtlClntAppOauthSettings};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::quote::Quoted;
use crate::engine::value::is_placeholder;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::rules::packaging::is_packaged;
use crate::severity::Severity;

/// The 15-character id of an org.
fn is_org(id: &str) -> bool {
    is_id(id, "00D")
}

fn is_id(id: &str, prefix: &str) -> bool {
    id.len() == 15 && id.starts_with(prefix) && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn filled(value: Option<&String>) -> Option<&str> {
    let value = value?.trim();
    (!value.is_empty() && !is_placeholder(value)).then_some(value)
}

pub(crate) static OAUTHLINK_FORMAT: Rule = Rule {
    id: RuleId(1504),
    name: "oauthlink-format",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "oauthLink is an org's id, a colon and a consumer's id",
    explanation: "An org generates the value: its 15-character id (00D…), a colon and the 15-character id of \
        the consumer (888…). An invented placeholder, a consumer key or an 18-character id in its place fails the \
        deploy, and the error text does not name the cause.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthSettings; files that orgs wrote",
    pair: include_str!("../../pairs/ECA1504-oauthlink-format.txt"),
    check: |context, findings| {
        for (component, settings) in context.project.of_type::<ExtlClntAppOauthSettings>() {
            let Some(link) = filled(settings.oauth_link.as_ref()) else {
                continue;
            };
            let fits = link
                .split_once(':')
                .is_some_and(|(org, consumer)| is_org(org) && is_id(consumer, "888"));
            if !fits {
                findings
                    .at_element(
                        component,
                        "oauthLink",
                        format!("{} is not a link to a consumer", Quoted(link)),
                    )
                    .help("remove it, or retrieve it from the org that owns the consumer");
            }
        }
    },
};

pub(crate) static ORGSCOPED_FORMAT: Rule = Rule {
    id: RuleId(1505),
    name: "orgscoped-format",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "orgScopedExternalApp is an org's id, a colon and the API name of this app",
    explanation: "The org builds the value from its own 15-character id and the API name of the app. After a \
        rename or a copy of the file the name is that of another app, and the deploy fails with an error text that \
        does not name the cause.",
    source: "Metadata API Developer Guide, ExternalClientApplication; files that orgs wrote",
    pair: include_str!("../../pairs/ECA1505-orgscoped-format.txt"),
    check: |context, findings| {
        for (component, app) in context.project.of_type::<ExternalClientApplication>() {
            let Some(value) = filled(app.org_scoped_external_app.as_ref()) else {
                continue;
            };
            let name = component.full_name();
            let fits = value
                .split_once(':')
                .is_some_and(|(org, app)| is_org(org) && app == name);
            if !fits {
                findings
                    .at_element(
                        component,
                        "orgScopedExternalApp",
                        format!("{} is not the id of an org and {name}", Quoted(value)),
                    )
                    .help("remove it, or retrieve it from the org that owns the app");
            }
        }
    },
};

pub(crate) static SAME_ORG: Rule = Rule {
    id: RuleId(1506),
    name: "same-org",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "all values that name an org name the same one",
    explanation: "oauthLink and orgScopedExternalApp of an app come from the org that owns it, and the packaged apps of a \
        project share one such org. Two ids mean that one file was retrieved from a sandbox or an old scratch \
        org. The package then refers to a consumer that its subscribers cannot reach.",
    source: "inferred from files that orgs wrote; Metadata API Developer Guide, ExtlClntAppOauthSettings",
    pair: include_str!("../../pairs/ECA1506-same-org.txt"),
    check: same_org,
};

fn same_org(context: &Context<'_>, findings: &mut Findings<'_>) {
    // Each local app is checked alone, all packaged ones together.
    let mut first: BTreeMap<Option<&str>, (&str, &str)> = BTreeMap::new();
    for files in &context.apps {
        let group = (!is_packaged(files)).then_some(files.app.name);
        let headers = files
            .all::<ExternalClientApplication>()
            .filter_map(|(component, app)| {
                Some((
                    component,
                    "orgScopedExternalApp",
                    filled(app.org_scoped_external_app.as_ref())?,
                ))
            });
        let settings =
            files
                .all::<ExtlClntAppOauthSettings>()
                .filter_map(|(component, settings)| {
                    Some((
                        component,
                        "oauthLink",
                        filled(settings.oauth_link.as_ref())?,
                    ))
                });
        for (component, element, value) in headers.chain(settings) {
            let Some((org, _)) = value.split_once(':').filter(|(org, _)| is_org(org)) else {
                continue;
            };
            let (expected, path) = *first.entry(group).or_insert((org, component.path()));
            if org != expected {
                findings
                    .at_element(
                        component,
                        element,
                        format!("{element} names the org {org}, others {expected}"),
                    )
                    .help(format!(
                        "the other one is in {path}; retrieve both from the org that owns the app"
                    ));
            }
        }
    }
}
