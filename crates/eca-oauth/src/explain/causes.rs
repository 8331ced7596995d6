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
        in the POST body\" (isCodeCredPostOnly) is on and the credentials came in a header, a scope is not selected, or \
        the user must consent or complete a second factor",
    check: Check::Flow,
    fix: "send the credentials in the body (credentials = \"body\" in eca.toml) and pre-authorise the users; second factors and login flows cannot be completed headless",
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

pub(super) const NOT_PKCE: Cause = Cause {
    id: "pkce-missing",
    why: "the app requires PKCE (isPkceRequired), and the request has no S256 code challenge",
    check: Check::Profile,
    fix: "send code_challenge and code_challenge_method=S256 with the request, and code_verifier with the code",
};
pub(super) const RESTRICTED: Cause = Cause {
    id: "ip-restrictions",
    why: "the address or the time is outside of what the user's profile or the app allows",
    check: Check::Retry,
    fix: "add the address to the profile's login IP ranges or the app's tokenIpRanges, look at the login hours, or set \
        ipRelaxationPolicyType (Setup: IP Relaxation) of the OAuth policies to Enforce_RelaxRefresh",
};
pub(super) const FEWER_TOKENS: Cause = Cause {
    id: "token-limit",
    why: "a user has at most five refresh tokens of one app: the next login revokes the oldest",
    check: Check::Retry,
    fix: "use one user for each integration, or let all machines share one stored token",
};
pub(super) const UNUSED: Cause = Cause {
    id: "idle",
    why: "the refresh token was not used for longer than the app's refresh token policy or its 30 days without use allow",
    check: Check::Retry,
    fix: "log in again, and compare refreshTokenPolicyType of the OAuth policies and isEnforceRefreshTokenTTL with how often the client runs",
};
pub(super) const PENDING: Cause = Cause {
    id: "pending",
    why: "the user has not confirmed the code of the device yet",
    check: Check::Retry,
    fix: "go on polling at the interval of the first response",
};
pub(super) const FAST: Cause = Cause {
    id: "poll-interval",
    why: "the client polls faster than the interval of the first response allows",
    check: Check::Retry,
    fix: "add five seconds to the interval (RFC 8628, section 3.5)",
};
pub(super) const DEVICE_CODE: Cause = Cause {
    id: "device-code",
    why: "the device code has expired, was used, or is not that of this app",
    check: Check::Retry,
    fix: "start the device login again",
};
pub(super) const SESSION_OVER: Cause = Cause {
    id: "auth-session",
    why: "the auth_session has expired, was used, or belongs to another app or device",
    check: Check::Retry,
    fix: "start the login again without auth_session",
};
pub(super) const SECOND_FACTOR: Cause = Cause {
    id: "session-level",
    why: "the app requires a second factor (requiredSessionLevel HIGH_ASSURANCE), or the user a login flow, which a headless login cannot complete",
    check: Check::Flow,
    fix: "set requiredSessionLevel of the OAuth policies to STANDARD, or send the user to the site's login page",
};
pub(super) const FRESH: Cause = Cause {
    id: "fresh-attestation",
    why: "the attestation is too old, was used before, or lacks the challenge of the server",
    check: Check::Clock,
    fix: "mint a new attestation for each request, with the server's challenge where it sends one, and synchronise the clock",
};
pub(super) const DPOP: Cause = Cause {
    id: "dpop",
    why: "the app requires DPoP (isDPopEnabled), and the proof is missing, stale or lacks the server's nonce",
    check: Check::Flow,
    fix: "send a new DPoP proof (ES256) with the nonce of the DPoP-Nonce header, or set isDPopEnabled to false in the OAuth settings",
};
pub(super) const DOMAIN: Cause = Cause {
    id: "my-domain",
    why: "the flow does not work at login.salesforce.com and test.salesforce.com",
    check: Check::Host,
    fix: "send the request to the org's My Domain host",
};
pub(super) const SUBJECT_TOKEN: Cause = Cause {
    id: "subject-token",
    why: "the exchange does not take the subject token: it is not one of its type, has expired, or is a JWT-based access token where Data Cloud wants an opaque one",
    check: Check::Flow,
    fix: "send a token of subject_token_type; for Data Cloud set isNamedUserJwtEnabled of the global OAuth settings to false",
};
pub(super) const HANDLER: Cause = Cause {
    id: "token-handler",
    why: "the token exchange handler is missing, not enabled for the app, or its Apex class refused the token",
    check: Check::Flow,
    fix: "enable the handler for the app in its .oauthtokenexchangehandler file, and look at the Apex debug log",
};
pub(super) const TOKEN_TYPE: Cause = Cause {
    id: "token",
    why: "the access token has expired, was revoked, lacks a DPoP proof, or belongs to an API-only user where a browser session is asked for",
    check: Check::Retry,
    fix: "get a new token; send the DPoP proof if the app requires one; use a user with access to the user interface for browser sessions",
};
pub(super) const SCOPE_SENT: Cause = Cause {
    id: "scope-sent",
    why: "the flow takes its scopes from the app, and the request has a scope parameter",
    check: Check::Scopes,
    fix: "leave scope out of the request",
};
pub(super) const MALFORMED: Cause = Cause {
    id: "request",
    why: "the request lacks a parameter, has one twice, or has the wrong method or content type; the message names it",
    check: Check::Profile,
    fix: "send a POST with the parameters of the flow as application/x-www-form-urlencoded; the Headless Identity APIs take JSON",
};
pub(super) const OPENED: Cause = Cause {
    id: "consent",
    why: "the user refused, or a page is needed that the request forbids",
    check: Check::Retry,
    fix: "let the user log in and agree in a browser, without prompt=none",
};
pub(super) const OFF: Cause = Cause {
    id: "app-off",
    why: "the app or its OAuth plugin is off in the app's policies",
    check: Check::Flow,
    fix: "set isEnabled and isOauthPluginEnabled of the app's policies (.ecaPlcy) to true, and deploy",
};
pub(super) const SERVER: Cause = Cause {
    id: "server",
    why: "the org failed, not the request",
    check: Check::Retry,
    fix: "try again after a while; see https://status.salesforce.com",
};
pub(super) const PASSWORD_RULES: Cause = Cause {
    id: "password",
    why: "the new password does not fit the site's password policy",
    check: Check::Retry,
    fix: "choose a longer password with letters and digits",
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
    NOT_PKCE,
    RESTRICTED,
    FEWER_TOKENS,
    UNUSED,
    PENDING,
    FAST,
    DEVICE_CODE,
    SESSION_OVER,
    SECOND_FACTOR,
    FRESH,
    DPOP,
    DOMAIN,
    SUBJECT_TOKEN,
    HANDLER,
    TOKEN_TYPE,
    SCOPE_SENT,
    MALFORMED,
    OPENED,
    OFF,
    SERVER,
    PASSWORD_RULES,
];
