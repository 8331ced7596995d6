//! Requirements for the apps of vendors.

use eca_model::ApiVersion;
use eca_model::text::ScopeList;
use eca_model::types::{
    ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthConfigurablePolicies, ExtlClntAppOauthSettings,
    RefreshTokenPolicyType,
};

use crate::engine::context::{AppFiles, Context};
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::rules::sessions::period_days;
use crate::severity::Severity;

type Global = ExtlClntAppGlobalOauthSettings;

/// The longest time without use after which vendors' refresh tokens may still be valid.
const MAX_IDLE_DAYS: i64 = 30;

/// Whether an app may request refresh tokens.
pub(super) fn refreshes(files: &AppFiles<'_>) -> bool {
    let scopes = files
        .settings()
        .and_then(|(_, settings)| settings.comma_separated_oauth_scopes.as_ref());
    scopes.is_some_and(|scopes: &ScopeList| {
        scopes
            .iter()
            // Full stands for every scope but this one.
            .any(|scope| matches!(scope, "RefreshToken" | "OfflineAccess"))
    })
}

pub(crate) static PKCE: Rule = Rule {
    id: RuleId(1701),
    name: "pkce",
    severity: Severity::Error,
    profiles: &[Profile::Isv2026, Profile::Hardening],
    summary: "PKCE is required",
    explanation: "Without PKCE, anyone who intercepts an authorization code can redeem it. Codes do leak: mobile apps on \
        one device share custom schemes, and browsers keep histories. With PKCE a code is useless without the \
        verifier, which only the client that requested it has.",
    source: "Packaging guide, \"Secure Your Connected Apps and External Client Apps\"; RFC 9700, section 2.1.1",
    pair: include_str!("../../pairs/ECA1701-pkce.txt"),
    check: |context, findings| {
        for (component, global) in context.project.of_type::<Global>() {
            if global.is_pkce_required == Some(false) {
                findings
                    .at_element(
                        component,
                        "isPkceRequired",
                        "authorization codes are not bound to a client",
                    )
                    .help("set isPkceRequired to true once every client sends a code challenge");
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
    explanation: "With isRefreshTokenRotationEnabled each refresh revokes the old token and returns a new one. When a \
        thief and the client both use a token, the second use fails, so the theft is noticed. Without rotation a \
        stolen token works until it expires, if it ever does.",
    source: "Packaging guide, \"Secure Your Connected Apps and External Client Apps\"; RFC 9700, section 4.14.2",
    pair: include_str!("../../pairs/ECA1702-refresh-rotation.txt"),
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
                        .help("set isRefreshTokenRotationEnabled to true once every client stores the new token of each refresh");
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
    summary: "an unused refresh token expires after 30 days at most",
    explanation: "An Infinite refresh token of a customer who left years ago still opens their org. An \
        inactivity limit does not affect active integrations, since each use restarts it. isEnforceRefreshTokenTTL \
        in the global OAuth settings applies the limit to all policies but Infinite, which is not allowed; a \
        lifetime without it keeps unused tokens valid to its end. A wrong unit, such as 8760 Days where hours were \
        intended, has the same effect as no limit.",
    source: "Packaging guide, \"Secure Your Connected Apps and External Client Apps\"; Salesforce Help, article \
        xcloud.eca_limit_idle_refresh_token_ttl; RFC 9700, section 4.14.2",
    pair: include_str!("../../pairs/ECA1703-refresh-idle.txt"),
    check: refresh_idle,
};

fn refresh_idle(context: &Context<'_>, findings: &mut Findings<'_>) {
    use RefreshTokenPolicyType::{Infinite, SpecificInactivity, SpecificLifetime, Zero};
    for files in context.apps.iter().filter(|files| refreshes(files)) {
        let enforced = files
            .global_settings()
            .is_some_and(|(_, global)| global.is_enforce_refresh_token_ttl == Some(true));
        for (component, policies) in files.all::<ExtlClntAppOauthConfigurablePolicies>() {
            let policy = &policies.refresh_token_policy_type;
            let message = match (policy, period_days(policies)) {
                (Some(Infinite), _) => "refresh tokens never end".to_owned(),
                (Some(Zero), _) => continue,
                _ if enforced => continue,
                (None, _) => "refreshTokenPolicyType is missing, so the org decides how long refresh tokens live".to_owned(),
                (Some(SpecificInactivity), Some(days)) if days > MAX_IDLE_DAYS => {
                    format!("refresh tokens end after {days} days without use; {MAX_IDLE_DAYS} are allowed")
                }
                (Some(SpecificLifetime), Some(days)) if days > MAX_IDLE_DAYS => {
                    format!("refresh tokens live for {days} days, used or not; unused ones may live for {MAX_IDLE_DAYS}")
                }
                _ => continue,
            };
            // The switch of the global settings is newer than many projects.
            let is_old = context
                .version
                .is_some_and(|version| version < ApiVersion::new(67));
            let switch = if is_old {
                "set the policy"
            } else {
                "set isEnforceRefreshTokenTTL to true in the global OAuth settings, and the policy"
            };
            findings
                .at_element(component, "refreshTokenPolicyType", message)
                .help(format!(
                    "{switch} to SpecificInactivity with refreshTokenValidityPeriod 30 and refreshTokenValidityUnit Days"
                ));
        }
    }
}

pub(crate) static SCOPE_FULL: Rule = Rule {
    id: RuleId(1704),
    name: "scope-full",
    severity: Severity::Error,
    profiles: &[Profile::Isv2026, Profile::Hardening],
    summary: "no app requests the scope Full",
    explanation: "Full stands for every scope but the refresh token, including those that Salesforce will add. \
        Users cannot tell what they agree to, and a leaked token can do whatever its user can. Name the scopes \
        that the app uses; Api is enough for most.",
    source: "Salesforce Help, \"OAuth Tokens and Scopes\"; Metadata API Developer Guide, ExtlClntAppOauthSettings",
    pair: include_str!("../../pairs/ECA1704-scope-full.txt"),
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
                        "the app requests every scope",
                    )
                    .help("replace Full with the scopes that the app uses");
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
    explanation: "With Bypass the IP ranges of the users' profiles do not apply to this app, so a stolen token \
        works from anywhere, although the org appears closed. Enforce_RelaxRefresh is enough for servers whose \
        users are elsewhere; Bypass_2factor at least asks for a second factor.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies (ipRelaxationPolicyType)",
    pair: include_str!("../../pairs/ECA1705-ip-bypass.txt"),
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
                        "the org's IP restrictions do not apply to the app",
                    )
                    .help("set ipRelaxationPolicyType to Enforce or Enforce_RelaxRefresh");
            }
        }
    },
};
