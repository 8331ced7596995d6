//! OAuth scopes.

use eca_model::scope;
use eca_model::text::ScopeList;
use eca_model::types::ExtlClntAppOauthSettings;

use crate::engine::context::{AppFiles, Context};
use crate::engine::findings::Findings;
use crate::engine::quote::Quoted;
use crate::engine::value::is_placeholder;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;
use crate::suggest::nearest;

pub(crate) static SCOPES_KNOWN: Rule = Rule {
    id: RuleId(1201),
    name: "scopes-known",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "every scope is a scope token of the metadata",
    explanation: "Metadata files have their own scope tokens. They are not the scope names of the OAuth protocol \
        (refresh_token), and some differ from those of connected apps (SFAP is SFApiPlatform here). The org \
        checks each token and refuses the file because of one unknown token: \"There's a problem with your \
        scope(s)\".",
    source: "Metadata API Developer Guide, ExtlClntAppOauthSettings; deploy error text",
    pair: include_str!("../../pairs/ECA1201-scopes-known.txt"),
    check: scopes_known,
};

fn scopes_known(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, settings) in context.project.of_type::<ExtlClntAppOauthSettings>() {
        for token in settings
            .comma_separated_oauth_scopes
            .iter()
            .flat_map(ScopeList::iter)
        {
            if scope::lookup(token).is_some() || is_placeholder(token) {
                continue;
            }
            let help = meant(token).map(|token| format!("did you mean {token}?"));
            findings
                .at_element(
                    component,
                    "commaSeparatedOauthScopes",
                    format!("{} is not an OAuth scope of the metadata", Quoted(token)),
                )
                .help_if_some(help);
        }
    }
}

/// The token that was probably meant by a connected app's token, a scope's name in the protocol, or
/// a typing mistake.
fn meant(token: &str) -> Option<&'static str> {
    if token == "SFAP" {
        return Some("SFApiPlatform");
    }
    let squeezed: String = token.chars().filter(char::is_ascii_alphanumeric).collect();
    scope::ALL
        .iter()
        .find(|scope| {
            scope.runtime.is_some_and(|runtime| runtime.eq_ignore_ascii_case(token))
                || scope.token.eq_ignore_ascii_case(&squeezed)
                // McpApi for mcp_api
                || scope.runtime.is_some_and(|runtime| runtime.replace('_', "").eq_ignore_ascii_case(&squeezed))
        })
        .map(|scope| scope.token)
        .or_else(|| nearest(token, scope::ALL.iter().map(|scope| scope.token)))
}

pub(crate) static SCOPES_DUP: Rule = Rule {
    id: RuleId(1209),
    name: "scopes-dup",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "no scope is listed twice, or implied by another one",
    explanation: "Basic includes Address, Email, Phone and Profile. RefreshToken and OfflineAccess are two names of one \
        scope. Full covers nearly all others. A redundant list obscures what the app may do; list each scope \
        once.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthSettings; Salesforce Help, \"OAuth Tokens and Scopes\"",
    pair: include_str!("../../pairs/ECA1209-scopes-dup.txt"),
    check: scopes_dup,
};

/// The scopes that another one includes. `RefreshToken` and `OfflineAccess` are one scope.
const IMPLIED: [(&str, &[&str]); 3] = [
    ("Basic", &["Address", "Email", "Phone", "Profile"]),
    ("RefreshToken", &["OfflineAccess"]),
    ("Full", &["Api", "Web", "Chatter", "CustomApplications"]),
];

fn scopes_dup(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, settings) in context.project.of_type::<ExtlClntAppOauthSettings>() {
        let Some(list) = &settings.comma_separated_oauth_scopes else {
            continue;
        };
        let tokens: Vec<_> = list.iter().collect();
        let mut once: Vec<&str> = Vec::new();
        let mut twice: Vec<&str> = Vec::new();
        for token in &tokens {
            let seen = if once.contains(token) {
                &mut twice
            } else {
                &mut once
            };
            if !seen.contains(token) {
                seen.push(token);
            }
        }
        let of = |names: &[&'static str]| -> Vec<&str> {
            names
                .iter()
                .copied()
                .filter(|name| once.contains(name))
                .collect()
        };
        let mut parts: Vec<_> = twice
            .iter()
            .map(|token| format!("{} is listed twice", Quoted(token)))
            .collect();
        for (by, implied) in IMPLIED {
            let implied = of(implied);
            if once.contains(&by) && !implied.is_empty() {
                parts.push(format!("{by} includes {}", implied.join(", ")));
            }
        }
        if parts.is_empty() {
            continue;
        }
        let severity = if twice.is_empty() {
            Severity::Info
        } else {
            Severity::Warning
        };
        let added = findings
            .at_element(component, "commaSeparatedOauthScopes", parts.join("; "))
            .at_most(severity);
        if !twice.is_empty() {
            added.fix(
                component,
                "list each scope once",
                |settings: &mut ExtlClntAppOauthSettings| {
                    settings.comma_separated_oauth_scopes = Some(once.join(", ").into());
                },
            );
        }
    }
}

pub(crate) static SCOPES_CC: Rule = Rule {
    id: RuleId(1210),
    name: "scopes-cc",
    severity: Severity::Info,
    profiles: &[Profile::Default],
    summary: "an app with the client credentials flow lists scopes that the flow can grant",
    explanation: "The client credentials flow has no user who logs in: it grants no refresh token and no browser session, \
        and ignores Full, Web and RefreshToken. An app that has only this flow and only these scopes gets a \
        token that can do nothing. List the scopes that the app needs, such as Api.",
    source: "Salesforce Help, \"OAuth 2.0 Client Credentials Flow for Server-to-Server Integration\"",
    pair: include_str!("../../pairs/ECA1210-scopes-cc.txt"),
    check: scopes_cc,
};

fn scopes_cc(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in &context.apps {
        let on = files
            .oauth_policies()
            .is_some_and(|(_, policies)| policies.is_client_credentials_flow_enabled == Some(true));
        if !on {
            continue;
        }
        for (component, settings) in files.all::<ExtlClntAppOauthSettings>() {
            let tokens = settings
                .comma_separated_oauth_scopes
                .iter()
                .flat_map(ScopeList::iter);
            let ignored: Vec<_> = tokens
                .filter(|token| matches!(*token, "Full" | "Web" | "RefreshToken"))
                .collect();
            // The scopes may serve another flow of the app.
            if !ignored.is_empty() && !has_other_flow(files) {
                findings.at_element(
                    component,
                    "commaSeparatedOauthScopes",
                    format!(
                        "the client credentials flow ignores {}",
                        ignored.join(" and ")
                    ),
                );
            }
        }
    }
}

/// Whether users can log in to the app too: by a callback, a JWT, or a device.
fn has_other_flow(files: &AppFiles<'_>) -> bool {
    let global = files.global_settings();
    global.is_some_and(|(_, global)| {
        global.certificate.is_some()
            || global.is_device_flow_enabled == Some(true)
            || global.is_code_cred_flow_enabled == Some(true)
            || global
                .callback_url
                .as_ref()
                .is_some_and(|urls| urls.iter().next().is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn what_was_meant() {
        for (token, wanted) in [
            ("SFAP", Some("SFApiPlatform")),
            ("refresh_token", Some("RefreshToken")),
            ("id", Some("Basic")),
            ("openid", Some("OpenID")),
            ("McpApi", Some("MCP")),
            ("api", Some("Api")),
            ("Ofline_Access", Some("OfflineAccess")),
            ("everything", None),
        ] {
            assert_eq!(meant(token), wanted, "{token}");
        }
    }
}
