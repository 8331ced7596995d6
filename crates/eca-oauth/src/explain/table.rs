//! The table of refusals. Source: Salesforce Help, "OAuth Authorization Errors".

use crate::explain::Cause;
use crate::explain::causes::{
    ABSENT, APPROVAL, ASSERTION_FLOW, AUDIENCE, CODE_USED, DEAD_REFRESH, EXPIRY, FIRST_PARTY,
    FLOW_OFF, GATE, KEY, POST_ONLY, PROFILE, RATE, REDIRECT, REGISTERED, REPLAY, RUN_AS, SCOPE,
    SECRET, SITE_SETTING, USER, USER_INPUT, VERIFIER, WRONG_HOST,
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
        &[SECRET, ABSENT, ASSERTION_FLOW],
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
