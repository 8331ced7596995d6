//! OAuth scopes.

use eca_model::scope;
use eca_model::text::ScopeList;
use eca_model::types::ExtlClntAppOauthSettings;

use crate::context::{Context, is_placeholder};
use crate::findings::Findings;
use crate::quote::Quoted;
use crate::suggest::nearest;
use crate::{Profile, Rule, RuleId, Severity};

pub(crate) static SCOPES_KNOWN: Rule = Rule {
    id: RuleId(1201),
    name: "scopes-known",
    severity: Severity::Error,
    profile: Profile::Default,
    summary: "every scope is a scope token of the metadata",
    explanation: "The files use tokens of their own, neither the scope names of the OAuth protocol (refresh_token) nor \
        always those of connected apps (SFAP is SFApiPlatform here). The org checks each token and refuses the file for \
        a single unknown one: \"There's a problem with your scope(s)\".",
    source: "Metadata API Developer Guide, ExtlClntAppOauthSettings; deploy error text",
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

/// The token that was meant by a connected app's token, a scope's name in the protocol, or a typing
/// mistake.
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
