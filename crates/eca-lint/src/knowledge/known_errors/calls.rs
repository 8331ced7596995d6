//! Refusals of logins that no token endpoint words, and of calls with a token.

use crate::knowledge::known_errors::{KnownError, login};
use crate::rule_id::RuleId;

pub(super) const ALL: &[KnownError] = &[
    login(
        "INVALID_SESSION_ID",
        &["invalid_session_id"],
        "the org does not accept the access token: it has expired, was revoked, or belongs to another org. A deploy that \
            switches the app of its own session to admin-approved users ends that session too",
        "get a new access token, check that the instance URL is that of the token's org, and verify a deploy with a new \
            token: eca deploy --resume ID",
        &[],
    ),
    login(
        "INVALID_JWT_FORMAT",
        &["invalid_jwt_format"],
        "the endpoint takes JWT-based access tokens, and the app issues opaque ones; hosted MCP servers and the Agent API \
            need JWTs",
        "set isNamedUserJwtEnabled (Setup: Issue JSON Web Token (JWT)-based access tokens for named users) to true in the \
            global OAuth settings, and log in again",
        &[],
    ),
    login(
        "INVALID_AUTH_HEADER",
        &["invalid_auth_header"],
        "the Authorization header has no token that the endpoint takes: hosted MCP servers need a JWT-based one",
        "send \"Authorization: Bearer TOKEN\", and set isNamedUserJwtEnabled to true in the global OAuth settings",
        &[],
    ),
    login(
        "API_CURRENTLY_DISABLED",
        &["api_currently_disabled"],
        "the user's profile or licence has no API access, or the org restricts it to admin-approved apps",
        "give the user \"API Enabled\" (ApiEnabled), and approve the app in its OAuth policies",
        &[RuleId(1205)],
    ),
    login(
        "API_DISABLED_FOR_ORG",
        &["api_disabled_for_org"],
        "the org's edition has no API access, or it is off",
        "use an edition with the API, such as Developer or Enterprise Edition",
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
    login(
        "OAUTH_AUTHORIZATION_BLOCKED: Cross-org OAuth flows are not supported for this external client app",
        &["cross-org oauth flows are not supported"],
        "distributionState of the app is Local, and the login happens in another org: at login.salesforce.com, with the \
            host of another org, or in a browser that is logged in to another org",
        "log in at the My Domain host of the org that has the app, or deploy the app in that org, or package it",
        &[RuleId(1802)],
    ),
    login(
        "OAUTH_AUTHORIZATION_BLOCKED",
        &["oauth_authorization_blocked"],
        "the org blocks the app: it is local to another org, or an administrator blocked it",
        "log in at the host of the org that has the app; look at it in Setup, Connected Apps OAuth Usage",
        &[],
    ),
    login(
        "OAUTH_APP_BLOCKED",
        &["oauth_app_blocked"],
        "an administrator blocked the app for all users, or it is not installed and uninstalled apps are blocked",
        "unblock or install it in Setup, Connected Apps OAuth Usage",
        &[],
    ),
    login(
        "OAUTH_APPROVAL_ERROR_GENERIC",
        &["oauth_approval_error_generic"],
        "the user could not approve the app: an API-only user cannot consent, a requested scope (often mcp_api or \
            refresh_token) is not selected on the app, or uninstalled apps are blocked",
        "select the scopes in commaSeparatedOauthScopes, and pre-approve the users: permittedUsersPolicyType \
            AdminApprovedPreAuthorized with a permission set",
        &[RuleId(1201), RuleId(1205)],
    ),
    login(
        "OAUTH_APP_ACCESS_DENIED",
        &["oauth_app_access_denied"],
        "the policies admit admin-approved users only, and the user has none of the listed permission sets and profiles",
        "assign a permission set of commaSeparatedPermissionSet to the user",
        &[RuleId(1205)],
    ),
    login(
        "We couldn't access the credential(s). You might not have the required permissions, or the external credential might not exist.",
        &["couldn't access the credential"],
        "the user of the callout has no permission set that grants a principal of the external credential, or the \
            principal has no secret yet",
        "grant the principal in externalCredentialPrincipalAccesses of a permission set of the user, and set its secret",
        &[RuleId(1605), RuleId(1623)],
    ),
    login(
        "Invalid_Scope",
        &["singleaccess", "invalid_scope"],
        "the token lacks the scope web, which a browser session needs",
        "select Web on the app and request it",
        &[RuleId(1201)],
    ),
    login(
        "No_Access",
        &["no_access"],
        "the user may not open a browser session with this token",
        "use a user who can log in to the user interface",
        &[],
    ),
    login(
        "Wrong_Org",
        &["wrong_org"],
        "the token belongs to another org or site than the request's host",
        "send the request to the host of the token's instance_url or sfdc_site_url",
        &[],
    ),
    login(
        "unknown_error: retry your request",
        &["unknown_error", "retry your request"],
        "the org could not complete the login; usually the app changed minutes ago, or its policies name a user or a \
            handler that fails",
        "wait ten minutes after a change of the app, try again, and look at Setup, Login History",
        &[],
    ),
    login(
        "UNKNOWN_EXCEPTION",
        &["unknown_exception"],
        "an error inside of Salesforce; the number after it is for the support",
        "try again; if it stays, give the number to Salesforce support",
        &[],
    ),
    login(
        "LOGIN_MUST_USE_SECURITY_TOKEN",
        &["login_must_use_security_token"],
        "a SOAP login from an address outside of the trusted ranges needs the security token after the password",
        "log in by OAuth instead: eca login",
        &[],
    ),
    login(
        "INVALID_LOGIN",
        &["invalid_login"],
        "user name, password or security token is wrong, or the user is locked out; sandboxes have their own host and \
            user names",
        "log in by OAuth instead: eca login; check the host",
        &[],
    ),
    login(
        "SERVER_UNAVAILABLE",
        &["server_unavailable"],
        "the org is down or busy",
        "wait and try again; see https://status.salesforce.com",
        &[],
    ),
    login(
        "URL_NO_LONGER_EXISTS",
        &["url no longer exists"],
        "the host or the path is not that of this org; a sandbox refresh or a new My Domain changes hosts",
        "take the host from Setup, My Domain",
        &[],
    ),
];
