//! The table of refusals. Source: Salesforce Help, "OAuth Authorization Errors".

use crate::explain::Cause;
use crate::explain::causes::{
    ABSENT, APPROVAL, AUDIENCE, CODE_USED, DEAD_REFRESH, DEVICE_CODE, DOMAIN, DPOP, EXPIRY, FAST,
    FEWER_TOKENS, FIRST_PARTY, FLOW_OFF, FRESH, GATE, HANDLER, KEY, MALFORMED, NOT_PKCE, OFF,
    OPENED, PASSWORD_RULES, PENDING, POST_ONLY, PROFILE, RATE, REDIRECT, REGISTERED, REPLAY,
    RESTRICTED, RUN_AS, SCOPE, SCOPE_SENT, SECOND_FACTOR, SECRET, SERVER, SESSION_OVER,
    SITE_SETTING, SUBJECT_TOKEN, TOKEN_TYPE, UNUSED, USER, USER_INPUT, VERIFIER, WRONG_HOST,
};
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
const ATTESTATION: &[&str] = &[
    "invalid_client",
    "invalid_client_attestation",
    "use_fresh_attestation",
    "use_attestation_challenge",
];

/// Rows with a description come first. One without answers where the response has none, or where no
/// row has its description.
pub(super) const ROWS: &[Row] = &[
    // What any flow can be told.
    row(&[], &[], "cross-org oauth flows", &[ABSENT, WRONG_HOST]),
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
    row(&[], &[], "isn't approved by an admin", &[APPROVAL]),
    row(&[], &[], "not admin approved", &[APPROVAL]),
    row(&[], &[], "not approved for this", &[APPROVAL]),
    row(
        &[],
        &[],
        "client credentials flow not enabled",
        &[FLOW_OFF, RUN_AS],
    ),
    row(&[], &[], "no client credentials user", &[RUN_AS]),
    row(&[], &[], "not supported on this domain", &[DOMAIN]),
    row(&[], &[], "ip restricted", &[RESTRICTED]),
    row(&[], &[], "invalid login hours", &[RESTRICTED]),
    row(&[], &[], "login rate exceeded", &[RATE]),
    row(&[], &[], "too many login", &[RATE]),
    row(
        &[],
        &[],
        "expired access/refresh token",
        &[DEAD_REFRESH, FEWER_TOKENS, UNUSED, RESTRICTED],
    ),
    row(
        &[],
        &[],
        "token request is already being processed",
        &[RATE, DEAD_REFRESH],
    ),
    row(&[], &[], "inactive user", &[USER]),
    row(&[], &[], "user is inactive", &[USER]),
    row(&[], &[], "inactive organization", &[USER]),
    row(&[], &[], "audience is invalid", &[AUDIENCE]),
    row(&[], &[], "audience validation failed", &[AUDIENCE]),
    row(&[], GRANT, "audience", &[AUDIENCE]),
    row(HEADLESS, &[], "audience", &[AUDIENCE]),
    row(&[], &[], "missing required code challenge", &[NOT_PKCE]),
    row(&[], &[], "code_challenge_method must be s256", &[NOT_PKCE]),
    row(&[], &[], "invalid code challenge", &[NOT_PKCE]),
    row(
        &[],
        &[],
        "missing required code verifier",
        &[VERIFIER, NOT_PKCE],
    ),
    row(&[], &[], "code verifier", &[VERIFIER]),
    row(CODE, GRANT, "expired authorization code", &[CODE_USED]),
    // The JWT bearer flow answers an expired assertion with the error of the code flow.
    row(BEARER, GRANT, "expired authorization code", &[EXPIRY]),
    row(
        &[],
        GRANT,
        "invalid authorization code",
        &[CODE_USED, REDIRECT],
    ),
    row(
        &[],
        &[],
        "invalid assertion",
        &[KEY, REGISTERED, EXPIRY, AUDIENCE],
    ),
    row(
        BEARER,
        GRANT,
        "assertion",
        &[KEY, REGISTERED, EXPIRY, AUDIENCE],
    ),
    row(
        &[],
        &[],
        "invalid client assertion",
        &[KEY, REGISTERED, AUDIENCE, EXPIRY],
    ),
    row(&[], &[], "refresh_token scope", &[SCOPE, APPROVAL]),
    row(&[], &[], "the requested scope is not allowed", &[SCOPE]),
    row(&[], &[], "lacks the scope", &[SCOPE]),
    row(&[], &[], "scope parameter not supported", &[SCOPE_SENT]),
    row(&[], &[], "redirect_uri", &[REDIRECT]),
    row(&[], &[], "client identifier invalid", &[ABSENT]),
    row(&[], &[], "app is disabled", &[OFF]),
    row(&[], &[], "invalid client credentials", &[SECRET, ABSENT]),
    row(&[], &[], "grant type not supported", &[FLOW_OFF, MALFORMED]),
    row(
        &[],
        &[],
        "response type not supported",
        &[FLOW_OFF, MALFORMED],
    ),
    row(&[], &[], "end-user denied authorization", &[OPENED]),
    row(&[], &[], "invalid subject token", &[SUBJECT_TOKEN, HANDLER]),
    row(&[], &[], "subject_token", &[SUBJECT_TOKEN]),
    row(
        &[],
        &[],
        "token validation failed",
        &[HANDLER, SUBJECT_TOKEN],
    ),
    row(&[], &[], "invalid token handler", &[HANDLER]),
    row(
        &[],
        &[],
        "token exchange is not enabled",
        &[FLOW_OFF, HANDLER],
    ),
    row(&[], &[], "device flow is not enabled", &[FLOW_OFF]),
    row(&[], &[], "invalid device code", &[DEVICE_CODE]),
    row(&[], &[], "not authorized yet", &[PENDING]),
    row(&[], &[], "dpop", &[DPOP]),
    row(&[], &[], "cannot be signed", &[SERVER]),
    row(&[], &[], "missing required recaptcha", &[GATE]),
    row(&[], &[], "recaptcha validation failed", &[GATE]),
    row(&[], &[], "the access token is invalid", &[GATE, TOKEN_TYPE]),
    row(
        &[],
        &[],
        "headless identity api is not enabled",
        &[SITE_SETTING],
    ),
    row(&[], &[], "invalid verification code", &[USER_INPUT]),
    row(&[], &[], "verification code", &[USER_INPUT]),
    row(&[], &[], "password must have", &[PASSWORD_RULES]),
    row(&[], &[], "authentication failure", &[USER_INPUT, APPROVAL]),
    row(
        &[],
        &[],
        "does not allow apps to access the authorization challenge",
        &[SITE_SETTING],
    ),
    row(
        &[],
        &[],
        "not enabled for the authorization challenge",
        &[FIRST_PARTY],
    ),
    row(&[], &[], "security level of this app", &[SECOND_FACTOR]),
    row(&[], &[], "auth_session", &[SESSION_OVER]),
    row(&[], &[], "missing required parameter", &[MALFORMED]),
    row(&[], &[], "duplicate parameter", &[MALFORMED]),
    row(&[], &[], "must use http post", &[MALFORMED]),
    row(&[], &[], "the body must be", &[MALFORMED]),
    row(&[], &[], "the form is unreadable", &[MALFORMED]),
    row(&[], &[], "response_type must be code", &[MALFORMED]),
    row(&[], &[], "unknown verification method", &[MALFORMED]),
    row(&[], &[], "unknown verificationmethod", &[MALFORMED]),
    row(&[], &[], "more than one", &[PROFILE, MALFORMED]),
    // Client attestations.
    row(HEADLESS, ATTESTATION, "jti", &[REPLAY]),
    row(HEADLESS, ATTESTATION, "before", &[REPLAY]),
    row(HEADLESS, ATTESTATION, "expired", &[EXPIRY]),
    row(HEADLESS, ATTESTATION, "too old", &[FRESH]),
    row(HEADLESS, ATTESTATION, "missing", &[PROFILE]),
    row(
        HEADLESS,
        ATTESTATION,
        "no client assertion certificate",
        &[REGISTERED],
    ),
    row(HEADLESS, ATTESTATION, "signature", &[REGISTERED, KEY]),
    row(HEADLESS, ATTESTATION, "issuer", &[ABSENT, REGISTERED]),
    // Codes.
    row(
        &[],
        &["invalid_app_access", "invalid_app_acess"],
        "",
        &[APPROVAL],
    ),
    row(REFRESH, GRANT, "", &[DEAD_REFRESH, FEWER_TOKENS, UNUSED]),
    row(
        HEADLESS,
        &["use_attestation_challenge", "use_fresh_attestation"],
        "",
        &[FRESH],
    ),
    row(
        HEADLESS,
        &["invalid_client", "invalid_client_attestation"],
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
        &["redirect_to_web"],
        "",
        &[SECOND_FACTOR, PROFILE],
    ),
    row(
        HEADLESS,
        &["insufficient_authorization"],
        "",
        &[PROFILE, USER_INPUT],
    ),
    row(HEADLESS, &["invalid_session"], "", &[SESSION_OVER, PROFILE]),
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
    row(&[], &["invalid_scope", "insufficient_scope"], "", &[SCOPE]),
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
    row(&[], &["redirect_uri_mismatch"], "", &[REDIRECT]),
    row(
        &[],
        &["oauth_app_access_denied", "OAUTH_APP_ACCESS_DENIED"],
        "",
        &[APPROVAL],
    ),
    row(&[], &["access_denied"], "", &[APPROVAL, OPENED]),
    row(&[], &["inactive_user", "inactive_org"], "", &[USER]),
    row(&[], &["rate_limit_exceeded"], "", &[RATE]),
    row(&[], &["slow_down"], "", &[FAST]),
    row(&[], &["authorization_pending"], "", &[PENDING]),
    row(&[], &["expired_token"], "", &[DEVICE_CODE]),
    row(
        &[],
        &["invalid_token", "Bad_OAuth_Token", "Missing_OAuth_Token"],
        "",
        &[TOKEN_TYPE],
    ),
    row(&[], &["unsupported_token_type"], "", &[MALFORMED]),
    row(&[], &["use_dpop_nonce", "invalid_dpop_proof"], "", &[DPOP]),
    row(
        &[],
        &[
            "immediate_unsuccessful",
            "login_required",
            "consent_required",
            "interaction_required",
        ],
        "",
        &[OPENED],
    ),
    row(
        &[],
        &["server_error", "temporarily_unavailable"],
        "",
        &[SERVER],
    ),
    row(&[], &["invalid_request"], "", &[MALFORMED]),
];

/// The causes of a response that is a page instead of JSON.
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
    use crate::explain::causes::ALL;

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
