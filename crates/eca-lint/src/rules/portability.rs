//! Values that belong to one org.

use eca_model::types::{
    ExternalClientApplication, ExtlClntAppDistState, ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthSettings,
};
use eca_model::{Component, Typed};

use crate::engine::context::{AppFiles, Context};
use crate::engine::findings::Findings;
use crate::engine::value::is_placeholder;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static OAUTHLINK_COMMITTED: Rule = Rule {
    id: RuleId(1501),
    name: "oauthlink-committed",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a local app has no oauthLink",
    explanation: "oauthLink names the OAuth consumer by the id of one org, which generates the value when the \
        app is deployed. A retrieve brings it into the project, and a deploy to any other org then fails. Only a \
        packaged app shares the consumer of the org that created it.",
    source: "Salesforce Help, article xcloud.deploy_external_client_app_with_global_settings_file; Metadata API \
        Developer Guide, ExtlClntAppOauthSettings",
    pair: include_str!("../../pairs/ECA1501-oauthlink-committed.txt"),
    check: |context, findings| {
        for files in local_apps(context) {
            for (component, settings) in files.all::<ExtlClntAppOauthSettings>() {
                org_bound(
                    component,
                    "oauthLink",
                    settings.oauth_link.as_deref(),
                    |settings: &mut ExtlClntAppOauthSettings| settings.oauth_link = None,
                    findings,
                );
            }
        }
    },
};

pub(crate) static ORGSCOPED_COMMITTED: Rule = Rule {
    id: RuleId(1502),
    name: "orgscoped-committed",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a local app has no orgScopedExternalApp",
    explanation: "orgScopedExternalApp starts with the id of the org that generated the value. A deploy of it \
        to another org fails, and so does one of an invented id. Without it every org generates its own value.",
    source: "Metadata API Developer Guide, ExternalClientApplication",
    pair: include_str!("../../pairs/ECA1502-orgscoped-committed.txt"),
    check: |context, findings| {
        for files in local_apps(context) {
            for (component, app) in files.all::<ExternalClientApplication>() {
                org_bound(
                    component,
                    "orgScopedExternalApp",
                    app.org_scoped_external_app.as_deref(),
                    |app: &mut ExternalClientApplication| app.org_scoped_external_app = None,
                    findings,
                );
            }
        }
    },
};

pub(crate) static CONSUMER_KEY_COMMITTED: Rule = Rule {
    id: RuleId(1503),
    name: "consumer-key-committed",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a local app has no consumerKey",
    explanation: "A consumer key belongs to the consumer of one org. A retrieve brings it into the project, \
        and the same project then deploys to other orgs only after the key is removed. Without it every org \
        generates its own key, and each client uses the key of its org.",
    source: "Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings",
    pair: include_str!("../../pairs/ECA1503-consumer-key-committed.txt"),
    check: |context, findings| {
        for files in local_apps(context) {
            for (component, global) in files.all::<ExtlClntAppGlobalOauthSettings>() {
                org_bound(
                    component,
                    "consumerKey",
                    global.consumer_key.as_deref(),
                    |global: &mut ExtlClntAppGlobalOauthSettings| global.consumer_key = None,
                    findings,
                );
            }
        }
    },
};

fn org_bound<T: Typed>(
    component: &Component,
    element: &str,
    value: Option<&str>,
    remove: fn(&mut T),
    findings: &mut Findings<'_>,
) {
    if value.is_some_and(|value| !value.trim().is_empty() && !is_placeholder(value)) {
        findings
            .at_element(component, element, format!("{element} belongs to one org"))
            .fix(
                component,
                format!("remove {element}: each org generates its own"),
                remove,
            );
    }
}

/// The apps that are not meant for a package.
fn local_apps<'c, 'a>(context: &'c Context<'a>) -> impl Iterator<Item = &'c AppFiles<'a>> {
    context.apps.iter().filter(|files| {
        let state = files
            .header()
            .and_then(|(_, header)| header.distribution_state.as_ref());
        matches!(state, None | Some(ExtlClntAppDistState::Local))
    })
}
