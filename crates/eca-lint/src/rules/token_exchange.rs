//! Token exchange: its two switches and its handler.

use std::collections::BTreeSet;

use eca_model::MetadataType;
use eca_model::types::{ExtlClntAppOauthConfigurablePolicies, OauthTokenExchangeHandler};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static TOKENEXCH: Rule = Rule {
    id: RuleId(1218),
    name: "tokenexch",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "token exchange is on in the global OAuth settings when the policies turn it on",
    explanation: "The administrator's switch in the policies is not enough: as long as isTokenExchangeEnabled \
        of the global OAuth settings is false, the app cannot exchange a token, whatever handlers exist.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1218-tokenexch.txt"),
    check: tokenexch,
};

fn tokenexch(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in &context.apps {
        let (Some((global_file, global)), Some((component, policies))) =
            (files.global_settings(), files.oauth_policies())
        else {
            continue;
        };
        if policies.is_token_exchange_flow_enabled == Some(true)
            && global.is_token_exchange_enabled != Some(true)
        {
            findings
                .at_element(
                    component,
                    "isTokenExchangeFlowEnabled",
                    format!(
                        "the global OAuth settings of {} do not turn the flow on",
                        files.app.name
                    ),
                )
                .help(format!(
                    "set isTokenExchangeEnabled to true in {}",
                    global_file.path()
                ));
        }
    }
}

pub(crate) static TOKEN_HANDLER: Rule = Rule {
    id: RuleId(1109),
    name: "token-handler",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "each app with token exchange has an enabled handler",
    explanation: "Token exchange needs a handler: an OauthTokenExchangeHandler names the Apex class that validates the \
        foreign token and finds its user, and enables it for single apps. Without an enabled handler for this \
        app, the org refuses every exchange. If the project has no handler at all, they may be in another \
        project, and the finding is only an info.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies (isTokenExchangeFlowEnabled); metadata \
        WSDL, OauthTokenExchangeHandler",
    pair: include_str!("../../pairs/ECA1109-token-handler.txt"),
    check: token_handler,
};

fn token_handler(context: &Context<'_>, findings: &mut Findings<'_>) {
    let kind = MetadataType::OauthTokenExchangeHandler;
    if context.has_unreadable(kind) {
        return;
    }
    let none_here = context.names(kind).next().is_none();
    let handlers = context.project.of_type::<OauthTokenExchangeHandler>();
    let (on, off): (Vec<_>, Vec<_>) =
        handlers.partition(|(_, handler)| handler.is_enabled != Some(false));
    let apps = |handlers: Vec<(_, &'_ OauthTokenExchangeHandler)>| -> BTreeSet<String> {
        let enablements = handlers
            .into_iter()
            .flat_map(|(_, handler)| &handler.enablements);
        enablements
            .filter_map(|enablement| {
                Some(enablement.external_client_app.as_deref()?.trim().to_owned())
            })
            .collect()
    };
    let (on, off) = (apps(on), apps(off));
    for files in &context.apps {
        let app = files.app.name;
        for (component, policies) in files.all::<ExtlClntAppOauthConfigurablePolicies>() {
            if policies.is_token_exchange_flow_enabled != Some(true) || on.contains(app) {
                continue;
            }
            let message = if off.contains(app) {
                format!("the token exchange handler of {app} is off")
            } else {
                format!("no token exchange handler of the project is enabled for {app}")
            };
            findings
                .at_element(component, "isTokenExchangeFlowEnabled", message)
                .at_most(if none_here {
                    Severity::Info
                } else {
                    Severity::Warning
                })
                .help(format!(
                    "add an enablement with externalClientApp {app} to a handler, and set isEnabled to true there"
                ));
        }
    }
}
