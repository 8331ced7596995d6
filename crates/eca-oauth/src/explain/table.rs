//! The table. Sources: Salesforce Help, "OAuth Authorization Errors"; a cause that rests on reports
//! of users instead has the word "usually".

use crate::explain::{Cause, Check};
use crate::step::StepKind;

/// The first row that fits decides.
pub(super) struct Row {
    /// Empty for any.
    pub(super) flows: &'static [StepKind],
    /// Empty for any.
    pub(super) codes: &'static [&'static str],
    /// In lower case, somewhere in the description; empty for any.
    pub(super) description: &'static str,
    pub(super) causes: &'static [Cause],
}

const HEADLESS: &[StepKind] = &[StepKind::Challenge];
const IDENTITY: &[StepKind] = &[
    StepKind::IdentityInit,
    StepKind::IdentityAuthorize,
    StepKind::ForgotPassword,
];
const REFRESH: &[StepKind] = &[StepKind::Refresh];
const CODE: &[StepKind] = &[StepKind::AuthorizationCode];
const BEARER: &[StepKind] = &[StepKind::JwtBearer];
const CREDENTIALS: &[StepKind] = &[StepKind::ClientCredentials];

const APPROVAL: Cause = Cause {
    id: "pre-authorisation",
    why: "usually the user is not pre-authorised for the app",
    check: Check::Preauthorization,
    fix: "in the app's OAuth policies set \"Admin approved users are pre-authorized\", name a permission set there, and assign it to the user",
};
const WRONG_HOST: Cause = Cause {
    id: "host",
    why: "usually the request went to an org or host that does not know this user",
    check: Check::Host,
    fix: "request the token from the org's My Domain host, and keep the audience",
};
const AUDIENCE: Cause = Cause {
    id: "audience",
    why: "`aud` is not what the org expects; it is not the token host",
    check: Check::Audience,
    fix: "set `audience` to https://login.salesforce.com for production, https://test.salesforce.com for a sandbox, or the site url for a site",
};
const KEY: Cause = Cause {
    id: "key",
    why: "usually the assertion is not signed with the key of the app's certificate",
    check: Check::KeyMatchesCertificate,
    fix: "sign with the key of the certificate that the app has, or register the certificate of this key: eca cert register",
};
const REGISTERED: Cause = Cause {
    id: "certificate",
    why: "the certificate that the app has in the org is another one",
    check: Check::CertificateRegistered,
    fix: "register the certificate with `eca cert register`, and deploy",
};
const EXPIRY: Cause = Cause {
    id: "expiry",
    why: "usually the assertion was expired when it arrived: milliseconds in `exp`, or a clock that is off",
    check: Check::Clock,
    fix: "set the clock of this machine by a time server; `exp` is in seconds",
};
const REPLAY: Cause = Cause {
    id: "jti",
    why: "an assertion with this `jti` was sent before",
    check: Check::Retry,
    fix: "mint an assertion for each request",
};
const SCOPE: Cause = Cause {
    id: "scope",
    why: "a requested scope is not selected on the app",
    check: Check::Scopes,
    fix: "select the scope in the app's OAuth settings (commaSeparatedOauthScopes), or do not request it",
};
const ABSENT: Cause = Cause {
    id: "app",
    why: "usually the org does not have the app, or knows it under another consumer key; a sandbox copy has its own",
    check: Check::AppPresent,
    fix: "deploy the app to this org, and take the consumer key from there; changes take up to ten minutes to arrive",
};
const SECRET: Cause = Cause {
    id: "secret",
    why: "the consumer secret is not the app's, or was rotated",
    check: Check::Client,
    fix: "copy the consumer secret from the app's OAuth settings in Setup",
};
const RUN_AS: Cause = Cause {
    id: "run-as-user",
    why: "usually the app has no run-as user for the client credentials flow",
    check: Check::RunAsUser,
    fix: "name a run-as user in the app's OAuth policies (clientCredentialsFlowUser)",
};
const FLOW_OFF: Cause = Cause {
    id: "flow",
    why: "this flow is not switched on for the app",
    check: Check::Flow,
    fix: "switch the flow on in the app's OAuth settings, and deploy",
};
const FIRST_PARTY: Cause = Cause {
    id: "first-party",
    why: "the app is not enabled for the authorization challenge endpoint",
    check: Check::Flow,
    fix: "set isFirstPartyAppEnabled in the app's OAuth settings, deploy, and allow off-platform apps in the site's Login & Registration",
};
const PROFILE: Cause = Cause {
    id: "profile",
    why: "the challenge profile is not that of the site: endpoint, carrier of the attestation, or parameter names",
    check: Check::Profile,
    fix: "take the profile from the documentation or traffic of your own org, see docs/headless.md",
};
const SITE_SETTING: Cause = Cause {
    id: "site",
    why: "the site does not serve this flow to off-platform apps",
    check: Check::Site,
    fix: "allow it in the site's Administration, Login & Registration",
};
const USER_INPUT: Cause = Cause {
    id: "user-input",
    why: "the user name, password or one-time password is wrong",
    check: Check::Retry,
    fix: "let the user try again, or send a new one-time password",
};
const DEAD_REFRESH: Cause = Cause {
    id: "refresh-token",
    why: "the refresh token was revoked, has expired, or was rotated away",
    check: Check::Retry,
    fix: "log in again: eca login --save",
};
const CODE_USED: Cause = Cause {
    id: "code",
    why: "the authorization code was used before, or its few minutes are over",
    check: Check::Retry,
    fix: "start the login again",
};
const VERIFIER: Cause = Cause {
    id: "pkce",
    why: "the code verifier does not belong to the code challenge",
    check: Check::Retry,
    fix: "use one verifier for one login",
};
const REDIRECT: Cause = Cause {
    id: "redirect-uri",
    why: "the redirect uri is not exactly one of the app's callback urls",
    check: Check::Redirect,
    fix: "add the redirect uri to the app's callback urls (callbackUrl), and deploy",
};
const GATE: Cause = Cause {
    id: "gate",
    why: "the reCAPTCHA or the integration user's token is missing, used or expired",
    check: Check::Gate,
    fix: "send a fresh one; an expired access token is answered with 400 here, not 401",
};
const POST_ONLY: Cause = Cause {
    id: "post-only",
    why: "usually a login page came instead of a code because \"Require user credentials in the POST body\" is on, a scope is not selected, or the user must consent or pass a second factor",
    check: Check::Flow,
    fix: "turn \"Require user credentials in the POST body\" off and pre-authorise the users; second factors and login flows cannot be completed headless",
};
const USER: Cause = Cause {
    id: "user",
    why: "the user or the org is not active",
    check: Check::Retry,
    fix: "activate the user in Setup",
};
const RATE: Cause = Cause {
    id: "rate",
    why: "too many logins by this user or app within the hour",
    check: Check::Retry,
    fix: "keep tokens instead of fetching one for each call, and wait",
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
];

const fn row(
    flows: &'static [StepKind],
    codes: &'static [&'static str],
    description: &'static str,
    causes: &'static [Cause],
) -> Row {
    Row {
        flows,
        codes,
        description,
        causes,
    }
}

const GRANT: &[&str] = &["invalid_grant"];

pub(super) const ROWS: &[Row] = &[
    row(
        &[],
        &[],
        "external client app is not installed",
        &[ABSENT, WRONG_HOST],
    ),
    row(
        &[],
        &[],
        "hasn't approved this consumer",
        &[APPROVAL, WRONG_HOST],
    ),
    row(&[], &["invalid_app_access"], "", &[APPROVAL]),
    row(&[], &[], "isn't approved by an admin", &[APPROVAL]),
    row(&[], &[], "not admin approved", &[APPROVAL]),
    row(&[], GRANT, "audience", &[AUDIENCE]),
    row(HEADLESS, &[], "audience", &[AUDIENCE]),
    row(CODE, GRANT, "code verifier", &[VERIFIER]),
    row(CODE, GRANT, "expired authorization code", &[CODE_USED]),
    // The JWT bearer flow answers an expired assertion with the error of the code flow.
    row(BEARER, GRANT, "expired", &[EXPIRY]),
    row(
        BEARER,
        GRANT,
        "assertion",
        &[KEY, REGISTERED, EXPIRY, AUDIENCE],
    ),
    row(REFRESH, GRANT, "", &[DEAD_REFRESH]),
    row(&[], &[], "expired access/refresh token", &[DEAD_REFRESH]),
    row(&[], &[], "no client credentials user", &[RUN_AS]),
    row(&[], &[], "refresh_token scope", &[SCOPE, APPROVAL]),
    row(&[], &[], "redirect_uri", &[REDIRECT]),
    row(
        HEADLESS,
        &[
            "invalid_client",
            "invalid_client_attestation",
            "use_fresh_attestation",
        ],
        "jti",
        &[REPLAY],
    ),
    row(
        HEADLESS,
        &[
            "invalid_client",
            "invalid_client_attestation",
            "use_fresh_attestation",
        ],
        "before",
        &[REPLAY],
    ),
    row(
        HEADLESS,
        &[
            "invalid_client",
            "invalid_client_attestation",
            "use_fresh_attestation",
        ],
        "expired",
        &[EXPIRY],
    ),
    row(
        HEADLESS,
        &["invalid_client", "invalid_client_attestation"],
        "missing",
        &[PROFILE],
    ),
    row(
        HEADLESS,
        &["invalid_client", "invalid_client_attestation"],
        "signature",
        &[REGISTERED, KEY],
    ),
    row(
        HEADLESS,
        &[
            "invalid_client",
            "invalid_client_attestation",
            "use_fresh_attestation",
            "use_attestation_challenge",
        ],
        "",
        &[REGISTERED, KEY, AUDIENCE, EXPIRY, PROFILE],
    ),
    row(
        HEADLESS,
        &["unauthorized_client"],
        "",
        &[FIRST_PARTY, SITE_SETTING],
    ),
    row(
        HEADLESS,
        &["invalid_request", "unsupported_grant_type"],
        "",
        &[PROFILE, SITE_SETTING],
    ),
    row(HEADLESS, &["access_denied"], "", &[APPROVAL, SITE_SETTING]),
    row(HEADLESS, GRANT, "", &[USER_INPUT, APPROVAL]),
    row(
        HEADLESS,
        &["insufficient_authorization", "redirect_to_web"],
        "",
        &[PROFILE, USER_INPUT],
    ),
    row(HEADLESS, &["invalid_session"], "", &[PROFILE]),
    row(IDENTITY, &["invalid_request"], "", &[GATE, SITE_SETTING]),
    row(IDENTITY, GRANT, "", &[USER_INPUT, APPROVAL]),
    row(&[], &["invalid_client_id"], "", &[ABSENT]),
    row(
        CREDENTIALS,
        &["invalid_client", "invalid_client_credentials"],
        "",
        &[SECRET, ABSENT],
    ),
    row(
        &[],
        &["invalid_client", "invalid_client_credentials"],
        "",
        &[SECRET, ABSENT, KEY],
    ),
    row(CREDENTIALS, GRANT, "", &[RUN_AS, FLOW_OFF]),
    row(BEARER, GRANT, "", &[APPROVAL, KEY, AUDIENCE, EXPIRY]),
    row(CODE, GRANT, "", &[CODE_USED, VERIFIER, REDIRECT]),
    row(&[], &["invalid_scope"], "", &[SCOPE]),
    row(
        &[],
        &[
            "unauthorized_client",
            "unsupported_grant_type",
            "unsupported_response_type",
        ],
        "",
        &[FLOW_OFF, ABSENT],
    ),
    row(&[], &["access_denied"], "", &[APPROVAL]),
    row(&[], &["inactive_user", "inactive_org"], "", &[USER]),
    row(&[], &["rate_limit_exceeded", "slow_down"], "", &[RATE]),
    row(
        &[],
        &["invalid_token", "Bad_OAuth_Token"],
        "",
        &[DEAD_REFRESH],
    ),
];

/// The answer is a page instead of JSON.
pub(super) fn unreadable(flow: StepKind) -> &'static [Cause] {
    match flow {
        StepKind::Challenge | StepKind::Discovery => &[PROFILE, SITE_SETTING],
        StepKind::IdentityAuthorize => &[POST_ONLY],
        _ => &[WRONG_HOST],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_unique_name_and_a_row() {
        for (index, cause) in ALL.iter().enumerate() {
            assert!(!ALL[..index].iter().any(|other| other.id == cause.id));
            let flows = [StepKind::Challenge, StepKind::IdentityAuthorize];
            let used = ROWS.iter().any(|row| row.causes.contains(cause))
                || flows.iter().any(|flow| unreadable(*flow).contains(cause));
            assert!(used, "{}", cause.id);
        }
    }

    #[test]
    fn a_cause_that_rests_on_reports_has_the_word_usually() {
        let reported = [
            "pre-authorisation",
            "host",
            "key",
            "expiry",
            "app",
            "run-as-user",
            "post-only",
        ];
        for cause in ALL {
            let usually = cause.why.starts_with("usually ");
            assert_eq!(usually, reported.contains(&cause.id), "{}", cause.id);
        }
    }

    #[test]
    fn every_row_can_be_reached_and_has_a_cause() {
        for (index, row) in ROWS.iter().enumerate() {
            assert!(!row.causes.is_empty());
            assert_eq!(row.description, row.description.to_ascii_lowercase());
            let flow = row.flows.first().copied().unwrap_or(StepKind::Userinfo);
            let code = row.codes.first().copied().unwrap_or("x");
            let first = ROWS.iter().position(|other| {
                (other.flows.is_empty() || other.flows.contains(&flow))
                    && (other.codes.is_empty() || other.codes.contains(&code))
                    && row.description.contains(other.description)
            });
            assert_eq!(first, Some(index), "{code} {}", row.description);
        }
    }
}
