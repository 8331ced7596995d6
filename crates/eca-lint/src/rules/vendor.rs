//! What vendors' apps must have.

use eca_model::text::ScopeList;
use eca_model::types::{
    ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthConfigurablePolicies, ExtlClntAppOauthSettings,
    RefreshTokenPolicyType,
};

use super::sessions::idle_days;
use crate::context::{AppFiles, Context};
use crate::findings::Findings;
use crate::{Profile, Rule, RuleId, Severity};

type Global = ExtlClntAppGlobalOauthSettings;

/// The longest time without use that vendors' refresh tokens survive.
const MAX_IDLE_DAYS: i64 = 30;

/// Whether an app may ask for refresh tokens.
fn refreshes(files: &AppFiles<'_>) -> bool {
    let scopes = files
        .settings()
        .and_then(|(_, settings)| settings.comma_separated_oauth_scopes.as_ref());
    scopes.is_some_and(|scopes: &ScopeList| {
        scopes
            .iter()
            .any(|scope| matches!(scope, "RefreshToken" | "OfflineAccess" | "Full"))
    })
}

pub(crate) static PKCE: Rule = Rule {
    id: RuleId(1701),
    name: "pkce",
    severity: Severity::Error,
    profiles: &[Profile::Isv2026, Profile::Hardening],
    summary: "PKCE is required",
    explanation: "Without PKCE, whoever intercepts an authorization code can redeem it. Mobile apps on one device share \
        custom schemes, and browsers keep histories, so codes do leak; a code that is bound to the verifier of the client \
        that asked for it is worth nothing to others.",
    source: "RFC 9700, section 2.1.1; Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings",
    check: |context, findings| {
        for (component, global) in context.project.of_type::<Global>() {
            if global.is_pkce_required == Some(false) {
                findings
                    .at_element(
                        component,
                        "isPkceRequired",
                        "authorization codes are not bound to a client",
                    )
                    .fix(
                        component,
                        "set isPkceRequired to true",
                        |global: &mut Global| {
                            global.is_pkce_required = Some(true);
                        },
                    );
            }
        }
    },
};

pub(crate) static REFRESH_ROTATION: Rule = Rule {
    id: RuleId(1702),
    name: "refresh-rotation",
    severity: Severity::Error,
    profiles: &[Profile::Isv2026],
    summary: "an app with refresh tokens rotates them",
    explanation: "With isRefreshTokenRotationEnabled each refresh ends the old token and gives a new one. A token that was \
        stolen and used by both sides is noticed at the next refresh; without rotation it works silently until it ends, if \
        it ever does.",
    source: "RFC 9700, section 4.14.2; Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings",
    check: |context, findings| {
        for files in context.apps.iter().filter(|files| refreshes(files)) {
            for (component, global) in files.all::<Global>() {
                if global.is_refresh_token_rotation_enabled != Some(true) {
                    findings
                        .at_element(
                            component,
                            "isRefreshTokenRotationEnabled",
                            format!("the refresh tokens of {} are not rotated", files.app.name),
                        )
                        .fix(
                            component,
                            "set isRefreshTokenRotationEnabled to true",
                            |global: &mut Global| {
                                global.is_refresh_token_rotation_enabled = Some(true);
                            },
                        );
                }
            }
        }
    },
};

pub(crate) static REFRESH_IDLE: Rule = Rule {
    id: RuleId(1703),
    name: "refresh-idle",
    severity: Severity::Error,
    profiles: &[Profile::Isv2026],
    summary: "a refresh token that nobody uses ends after 30 days at most",
    explanation: "An Infinite refresh token of a customer who left years ago still opens their org. A limit on inactivity \
        costs active integrations nothing, since each use starts it anew. A unit that slipped, such as 8760 Days where \
        hours were meant, has the same effect as no limit.",
    source: "RFC 9700, section 4.14.2; Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies",
    check: refresh_idle,
};

fn refresh_idle(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in context.apps.iter().filter(|files| refreshes(files)) {
        for (component, policies) in files.all::<ExtlClntAppOauthConfigurablePolicies>() {
            let message = match &policies.refresh_token_policy_type {
                Some(RefreshTokenPolicyType::Infinite) => "refresh tokens never end".to_owned(),
                None => "refreshTokenPolicyType is missing, so the org decides how long refresh tokens live".to_owned(),
                Some(RefreshTokenPolicyType::SpecificInactivity) => match idle_days(policies) {
                    Some(days) if days > MAX_IDLE_DAYS => {
                        format!("refresh tokens end after {days} days without use; {MAX_IDLE_DAYS} are allowed")
                    }
                    _ => continue,
                },
                _ => continue,
            };
            findings
                .at_element(component, "refreshTokenPolicyType", message)
                .help("use SpecificInactivity with refreshTokenValidityPeriod 30 and refreshTokenValidityUnit Days");
        }
    }
}

pub(crate) static SCOPE_FULL: Rule = Rule {
    id: RuleId(1704),
    name: "scope-full",
    severity: Severity::Error,
    profiles: &[Profile::Isv2026, Profile::Hardening],
    summary: "no app asks for the scope Full",
    explanation: "Full stands for every scope but the refresh token, those included that Salesforce will add. Users cannot \
        tell what they agree to, and a leaked token can do whatever its user can. Name the scopes that the app uses; Api \
        is enough for most.",
    source: "Salesforce Help, \"OAuth Tokens and Scopes\"; Metadata API Developer Guide, ExtlClntAppOauthSettings",
    check: |context, findings| {
        for (component, settings) in context.project.of_type::<ExtlClntAppOauthSettings>() {
            let scopes = settings.comma_separated_oauth_scopes.iter();
            if scopes
                .flat_map(ScopeList::iter)
                .any(|scope| scope == "Full")
            {
                findings
                    .at_element(
                        component,
                        "commaSeparatedOauthScopes",
                        "the app asks for every scope at once",
                    )
                    .help("replace Full by the scopes that the app uses");
            }
        }
    },
};

pub(crate) static IP_BYPASS: Rule = Rule {
    id: RuleId(1705),
    name: "ip-bypass",
    severity: Severity::Error,
    profiles: &[Profile::Isv2026, Profile::Hardening],
    summary: "the app does not relax IP restrictions altogether",
    explanation: "With Bypass the IP ranges of the users' profiles do not hold for this app, so that a stolen token works \
        from anywhere, although the org believes to be closed. Enforce_RelaxRefresh is enough for servers whose users are \
        elsewhere; Bypass_2factor at least asks for a second factor.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies (ipRelaxationPolicyType)",
    check: |context, findings| {
        for (component, policies) in context
            .project
            .of_type::<ExtlClntAppOauthConfigurablePolicies>()
        {
            if policies.ip_relaxation_policy_type.as_deref().map(str::trim) == Some("Bypass") {
                findings
                    .at_element(
                        component,
                        "ipRelaxationPolicyType",
                        "the org's IP restrictions do not hold for the app",
                    )
                    .help("set ipRelaxationPolicyType to Enforce or Enforce_RelaxRefresh");
            }
        }
    },
};
