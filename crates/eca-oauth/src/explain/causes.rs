//! The causes. Source: Salesforce Help, "OAuth Authorization Errors"; a cause that rests on reports
//! of users instead has the word "usually".

use crate::explain::{Cause, Check};

pub(super) const APPROVAL: Cause = Cause {
    id: "pre-authorisation",
    why: "usually the user is not pre-authorised for the app",
    check: Check::Preauthorization,
    fix: "in the app's OAuth policies set \"Admin approved users are pre-authorized\", name a permission set there, and assign it to the user",
};
pub(super) const WRONG_HOST: Cause = Cause {
    id: "host",
    why: "usually the request went to an org or host without this user",
    check: Check::Host,
    fix: "request the token from the org's My Domain host, and keep the audience",
};
pub(super) const AUDIENCE: Cause = Cause {
    id: "audience",
    why: "`aud` is not what the org expects; it is not the token host",
    check: Check::Audience,
    fix: "set `audience` to https://login.salesforce.com for production, https://test.salesforce.com for a sandbox, or the site url for a site",
};
pub(super) const KEY: Cause = Cause {
    id: "key",
    why: "usually the assertion is not signed with the key of the app's certificate",
    check: Check::KeyMatchesCertificate,
    fix: "sign with the key of the app's certificate, or register the certificate of this key: eca cert register",
};
pub(super) const REGISTERED: Cause = Cause {
    id: "certificate",
    why: "the org has another certificate for the app",
    check: Check::CertificateRegistered,
    fix: "register the certificate with `eca cert register`, and deploy",
};
pub(super) const EXPIRY: Cause = Cause {
    id: "expiry",
    why: "usually the assertion had expired when it arrived: `exp` is in milliseconds, or the clock is wrong",
    check: Check::Clock,
    fix: "synchronise the clock of this machine; give `exp` in seconds",
};
pub(super) const REPLAY: Cause = Cause {
    id: "jti",
    why: "an assertion with this `jti` was already used",
    check: Check::Retry,
    fix: "mint a new assertion for each request",
};
pub(super) const SCOPE: Cause = Cause {
    id: "scope",
    why: "a requested scope is not selected on the app",
    check: Check::Scopes,
    fix: "select the scope in the app's OAuth settings (commaSeparatedOauthScopes), or do not request it",
};
pub(super) const ABSENT: Cause = Cause {
    id: "app",
    why: "usually the org does not have the app, or has it with another consumer key; a sandbox copy has its own",
    check: Check::AppPresent,
    fix: "deploy the app to this org, and use its consumer key from there; changes take up to ten minutes to take effect",
};
pub(super) const SECRET: Cause = Cause {
    id: "secret",
    why: "the consumer secret is wrong or was rotated",
    check: Check::Client,
    fix: "copy the consumer secret from the app's OAuth settings in Setup",
};
pub(super) const ASSERTION_FLOW: Cause = Cause {
    id: "client-assertion",
    why: "if a client assertion was sent: Salesforce documents it for the web server flow and its refresh tokens alone",
    check: Check::Client,
    fix: "send the consumer secret (`client-secret`), or use the JWT bearer flow with the key",
};
pub(super) const RUN_AS: Cause = Cause {
    id: "run-as-user",
    why: "usually the app has no run-as user for the client credentials flow",
    check: Check::RunAsUser,
    fix: "set a run-as user in the app's OAuth policies (clientCredentialsFlowUser)",
};
pub(super) const FLOW_OFF: Cause = Cause {
    id: "flow",
    why: "this flow is not enabled for the app",
    check: Check::Flow,
    fix: "enable the flow in the app's OAuth settings, and deploy",
};
pub(super) const FIRST_PARTY: Cause = Cause {
    id: "first-party",
    why: "the app is not enabled for the authorization challenge endpoint",
    check: Check::Flow,
    fix: "set isFirstPartyAppEnabled in the app's OAuth settings, deploy, and allow off-platform apps in the site's Login & Registration",
};
pub(super) const PROFILE: Cause = Cause {
    id: "profile",
    why: "the challenge profile does not match the site: endpoint, attestation carrier, or parameter names",
    check: Check::Profile,
    fix: "take the profile from the documentation or traffic of your org, see docs/headless.md",
};
pub(super) const SITE_SETTING: Cause = Cause {
    id: "site",
    why: "the site does not allow this flow for off-platform apps",
    check: Check::Site,
    fix: "allow it in the site's Administration, Login & Registration",
};
pub(super) const USER_INPUT: Cause = Cause {
    id: "user-input",
    why: "the user name, password or one-time password is wrong",
    check: Check::Retry,
    fix: "let the user try again, or send a new one-time password",
};
pub(super) const DEAD_REFRESH: Cause = Cause {
    id: "refresh-token",
    why: "the refresh token was revoked, has expired, or was replaced by rotation",
    check: Check::Retry,
    fix: "log in again: eca login --save",
};
pub(super) const CODE_USED: Cause = Cause {
    id: "code",
    why: "the authorization code was already used or has expired",
    check: Check::Retry,
    fix: "start the login again",
};
pub(super) const VERIFIER: Cause = Cause {
    id: "pkce",
    why: "the code verifier does not match the code challenge",
    check: Check::Retry,
    fix: "use a new verifier for each login",
};
pub(super) const REDIRECT: Cause = Cause {
    id: "redirect-uri",
    why: "the redirect uri is not exactly one of the app's callback urls",
    check: Check::Redirect,
    fix: "add the redirect uri to the app's callback urls (callbackUrl), and deploy",
};
pub(super) const GATE: Cause = Cause {
    id: "gate",
    why: "the reCAPTCHA or the integration user's token is missing, used or expired",
    check: Check::Gate,
    fix: "send a new one; this endpoint answers an expired access token with 400, not 401",
};
pub(super) const POST_ONLY: Cause = Cause {
    id: "post-only",
    why: "usually the site returned a login page instead of a code because \"Require user credentials \
        in the POST body\" is on, a scope is not selected, or the user must consent or complete a second factor",
    check: Check::Flow,
    fix: "turn \"Require user credentials in the POST body\" off and pre-authorise the users; second factors and login flows cannot be completed headless",
};
pub(super) const USER: Cause = Cause {
    id: "user",
    why: "the user or the org is not active",
    check: Check::Retry,
    fix: "activate the user in Setup",
};
pub(super) const RATE: Cause = Cause {
    id: "rate",
    why: "too many logins by this user or app within the hour",
    check: Check::Retry,
    fix: "reuse tokens instead of requesting one for each call, and wait",
};

/// Every cause, once.
pub(super) const ALL: &[Cause] = &[
    APPROVAL,
    WRONG_HOST,
    AUDIENCE,
    KEY,
    REGISTERED,
    EXPIRY,
    REPLAY,
    SCOPE,
    ABSENT,
    ASSERTION_FLOW,
    SECRET,
    RUN_AS,
    FLOW_OFF,
    FIRST_PARTY,
    PROFILE,
    SITE_SETTING,
    USER_INPUT,
    DEAD_REFRESH,
    CODE_USED,
    VERIFIER,
    REDIRECT,
    GATE,
    POST_ONLY,
    USER,
    RATE,
];
