//! Errors that orgs return to deploys, and their meaning. `eca-oauth` has the refusals of logins,
//! except for the one that a missing deploy causes.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::rule_id::RuleId;

/// The operation that an error belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Occasion {
    /// A deploy, or saving in Setup.
    Deploy,
    /// A request for a token, or with one.
    Login,
}

/// An error of an org with a known cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KnownError {
    /// The message, with `…` for the variable parts.
    pub message: &'static str,
    /// The operation that returns it.
    pub occasion: Occasion,
    /// The cause.
    pub cause: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// The rules that find it before the deploy.
    pub rules: &'static [RuleId],
    /// The source.
    pub source: &'static str,
    /// Lower-case words that all occur in the message, in this order.
    #[serde(skip)]
    words: &'static [&'static str],
}

/// The known errors in a pasted text, the most specific first.
pub fn explain_error(text: &str) -> Vec<&'static KnownError> {
    let squeezed: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let text = squeezed.join(" ").replace(['\u{2018}', '\u{2019}'], "'");
    let mut found: Vec<_> = KNOWN_ERRORS
        .iter()
        .filter(|known| {
            let mut rest = text.as_str();
            known.words.iter().all(|words| {
                let at = rest.find(words);
                rest = at.map_or("", |at| &rest[at + words.len()..]);
                at.is_some()
            })
        })
        .collect();
    found
        .sort_by_key(|known| std::cmp::Reverse(known.words.iter().map(|w| w.len()).sum::<usize>()));
    found
}

/// The known error that shares most words with a text, if it shares at least half of its own. For a
/// text that contains no known error, so that the reader can compare.
pub fn nearest_error(text: &str) -> Option<&'static KnownError> {
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        let long = words.filter(|word| word.len() > 2);
        long.map(str::to_lowercase).collect()
    };
    let given = words(text);
    let share = |known: &&KnownError| {
        let words = words(known.message);
        (words.intersection(&given).count() * 100)
            .checked_div(words.len())
            .unwrap_or_default()
    };
    KNOWN_ERRORS
        .iter()
        .max_by_key(share)
        .filter(|known| share(known) >= 50)
}

const DEPLOY: &str = "message of a failed deploy";
const HELP: &str =
    "Salesforce Help, \"OAuth 2.0 Authorization Errors\"; reports of users of the Salesforce CLI";

const fn deploy(
    message: &'static str,
    words: &'static [&'static str],
    cause: &'static str,
    fix: &'static str,
    rules: &'static [RuleId],
) -> KnownError {
    KnownError {
        message,
        occasion: Occasion::Deploy,
        cause,
        fix,
        rules,
        source: DEPLOY,
        words,
    }
}

const fn login(
    message: &'static str,
    words: &'static [&'static str],
    cause: &'static str,
    fix: &'static str,
    rules: &'static [RuleId],
) -> KnownError {
    KnownError {
        message,
        occasion: Occasion::Login,
        cause,
        fix,
        rules,
        source: HELP,
        words,
    }
}

/// Every known error.
pub static KNOWN_ERRORS: &[KnownError] = &[
    login(
        "INVALID_SESSION_ID",
        &["invalid_session_id"],
        "the org does not accept the access token: it has expired, was revoked, or belongs to another org",
        "get a new access token, and check that the instance URL is that of the token's org",
        &[],
    ),
    deploy(
        "REQUEST_LIMIT_EXCEEDED",
        &["request_limit_exceeded"],
        "the org has used up its API requests of the last 24 hours, or too many long requests run at once",
        "wait and try again; Setup, Company Information, shows API Requests, Last 24 Hours",
        &[],
    ),
    deploy(
        "The external client app configured in your global OAuth Settings doesn't have a valid OAuth settings configuration.",
        &[
            "global oauth settings",
            "valid oauth settings configuration",
        ],
        "the deploy has the global OAuth settings but not the OAuth settings of the same app",
        "deploy the .ecaOauth file of the app together with its .ecaGlblOauth file",
        &[RuleId(1103)],
    ),
    deploy(
        "There's a problem with your scope(s): …",
        &["problem with your scope"],
        "commaSeparatedOauthScopes has a token that is not a metadata scope; the message lists the valid ones",
        "use the metadata tokens: RefreshToken instead of refresh_token, SFApiPlatform instead of \
            SFAP, MCP instead of mcp_api",
        &[RuleId(1201)],
    ),
    deploy(
        "Enter a valid execution user for the OAuth client credentials flow.",
        &["valid execution user", "client credentials"],
        "the client credentials flow is on, and clientCredentialsFlowUser is missing, unknown in this \
            org, or not a username",
        "set it to the username of an active API-only user of the target org; sandbox usernames have a suffix",
        &[RuleId(1207)],
    ),
    deploy(
        "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions",
        &["use of the metadata api requires a user"],
        "the user of the token may not use the Metadata API; often it is the run-as user of the client credentials flow",
        "give that user a permission set with \"Modify Metadata Through Metadata API Functions\" (ModifyMetadata)",
        &[],
    ),
    deploy(
        "'…' is not a valid value for the enum '…'",
        &["is not a valid value for the enum"],
        "an element has a value that is not in its enumeration; values are case-sensitive",
        "use a value of the schema, such as AdminApprovedPreAuthorized for AdminApproved; eca lint names the nearest one",
        &[RuleId(1004)],
    ),
    deploy(
        "INVALID_CROSS_REFERENCE_KEY",
        &["invalid_cross_reference_key"],
        "externalClientApplication (or another reference) names a component that is neither in the \
         deploy nor in the org; often it is the app's label in place of its API name",
        "use the API name, which is the file name of the .eca file, and deploy both together",
        &[RuleId(1101), RuleId(1603), RuleId(1604)],
    ),
    deploy(
        "DUPLICATE_VALUE",
        &["duplicate_value"],
        "the app already has settings or policies of this type under another name; the org creates \
            default policies itself",
        "retrieve the app, and rename your file to the name that the org uses",
        &[RuleId(1102)],
    ),
    deploy(
        "Invalid plugin settings",
        &["invalid plugin settings"],
        "the policies set a lifetime of JWT-based access tokens, or a session timeout, that the \
            global OAuth settings do not allow",
        "set isNamedUserJwtEnabled to true in the global OAuth settings, or remove the lifetimes from the policies",
        &[RuleId(1217)],
    ),
    deploy(
        "duplicate key value violates unique constraint \"ak3tl_setup_entity_data\"",
        &["duplicate key value violates unique constraint"],
        "Setup saves a record that a deploy of OAuth policies or OAuth security settings has already created",
        "save the app once in Setup before the first deploy of these files, or delete the deployed ones and start again",
        &[RuleId(1102)],
    ),
    deploy(
        "Cannot invoke \"String.split(String)\" because \"oauthLink\" is null",
        &["oauthlink", "is null"],
        "Setup cannot show an app whose OAuth settings have no oauthLink; also seen for packaged apps after a sandbox refresh",
        "deploy the global OAuth settings of a local app; retrieve oauthLink of a packaged app from the org that owns it",
        &[RuleId(1104), RuleId(1803)],
    ),
    deploy(
        "a deploy with oauthLink or orgScopedExternalApp that fails without a message (none is published)",
        &["oauthlink"],
        "an oauthLink that is wrong, or an orgScopedExternalApp of another org, fails without a specific message",
        "remove both from local apps; retrieve both from the owning org for packaged ones",
        &[RuleId(1501), RuleId(1502), RuleId(1504), RuleId(1505)],
    ),
    deploy(
        "a warning about shouldRotateConsumerKey or shouldRotateConsumerSecret that needs ignoreWarnings",
        &["shouldrotateconsumer"],
        "shouldRotateConsumerKey or shouldRotateConsumerSecret is true",
        "set both to false in source, and rotate as a step of its own",
        &[RuleId(1204)],
    ),
    deploy(
        "Unable to find type … in registry",
        &["in registry"],
        "the Salesforce CLI is older than the metadata type",
        "update the Salesforce CLI, or deploy with eca deploy, which has its own registry",
        &[],
    ),
    deploy(
        "Unknown user permission: …",
        &["unknown user permission"],
        "a permission set that goes with the app names a permission that this org or edition does not \
            have; the app is not the cause",
        "remove the permission from the permission set, or turn its feature on",
        &[],
    ),
    login(
        "OAUTH_EC_APP_NOT_FOUND: External client app is not installed in this org",
        &["external client app is not installed"],
        "the app is not in the org where the user logs in; sandboxes need their own deploy, subscribers the package",
        "deploy or install the app in that org, and check which host the client uses",
        &[RuleId(1803)],
    ),
    login(
        "OAUTH_EC_APP_NOT_FOUND",
        &["oauth_ec_app_not_found"],
        "the app is not in the org where the user logs in",
        "deploy or install the app in that org, and check which host the client uses",
        &[RuleId(1803)],
    ),
    deploy(
        "isPkceRequired false turns true again",
        &["ispkcerequired"],
        "one org at API version 67.0 silently set isPkceRequired back to true",
        "support PKCE; every current client library has it",
        &[RuleId(1701)],
    ),
    deploy(
        "a metadata listing over SOAP is empty",
        &["jwt", "soap"],
        "SOAP does not take access tokens in JWT format below API version 68.0",
        "deploy over REST, or log in with an app that issues opaque tokens",
        &[],
    ),
];

#[cfg(test)]
mod tests {
    use super::{KNOWN_ERRORS, explain_error};
    use crate::rules::RULES;

    #[test]
    fn each_error_is_found_by_its_own_message() {
        for known in KNOWN_ERRORS {
            let exact = known
                .words
                .iter()
                .all(|word| known.message.to_lowercase().contains(word));
            let pasted = if exact {
                known.message.to_owned()
            } else {
                known.words.join(" … ")
            };
            let found = explain_error(&format!(
                "ERROR  running deploy:\n  {}",
                pasted.to_uppercase()
            ));
            assert!(found.contains(&known), "{}", known.message);
            assert!(
                known
                    .rules
                    .iter()
                    .all(|id| RULES.iter().any(|rule| rule.id() == *id))
            );
        }
        assert!(explain_error("Nothing of the kind").is_empty());
        let best = explain_error("oauth_ec_app_not_found: External client app is not installed");
        assert!(best[0].message.ends_with("is not installed in this org"));
    }
}
