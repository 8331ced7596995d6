//! The rules, by area.

pub(crate) mod audience;
pub(crate) mod certificate_loss;
pub(crate) mod certificate_pairs;
pub(crate) mod certificates;
pub(crate) mod comments;
pub(crate) mod external_credential;
pub(crate) mod files;
pub(crate) mod first_party;
pub(crate) mod flows;
pub(crate) mod form;
pub(crate) mod global_settings;
pub(crate) mod graph;
pub(crate) mod hardening;
pub(crate) mod identity_providers;
pub(crate) mod ip_ranges;
pub(crate) mod limits;
pub(crate) mod manifests;
pub(crate) mod names;
pub(crate) mod oauth_policies;
pub(crate) mod org_ids;
pub(crate) mod org_settings;
pub(crate) mod outbound_links;
pub(crate) mod packaging;
pub(crate) mod plugins;
pub(crate) mod portability;
pub(crate) mod principals;
pub(crate) mod push;
pub(crate) mod saml;
pub(crate) mod schema;
pub(crate) mod scopes;
pub(crate) mod secrets;
pub(crate) mod sessions;
pub(crate) mod siblings;
pub(crate) mod token_exchange;
pub(crate) mod token_form;
pub(crate) mod tracked;
pub(crate) mod vendor;

use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::suggest::nearest;
pub(crate) use comments::unused_ignores;

/// Every rule, sorted by id.
pub static RULES: &[&Rule] = &[
    &files::UNREADABLE_FILE,
    &schema::UNKNOWN_ELEMENT,
    &schema::MISSING_REQUIRED,
    &schema::BAD_ENUM,
    &schema::API_VERSION,
    &files::BAD_VALUE,
    &files::DUPLICATE_ELEMENT,
    &names::NAME_CHARSET,
    &names::SUFFIX_DIR,
    &files::DUPLICATE_FILE,
    &form::ELEMENT_ORDER,
    &comments::IGNORE_COMMENT,
    &form::MAX_LENGTH,
    &form::VERSION_BUMP,
    &names::MISNAMED_FILE,
    &comments::UNUSED_IGNORE,
    &manifests::PKG_VERSION,
    &manifests::DESTRUCTIVE_WILDCARD,
    &manifests::MANIFEST,
    &names::OUTSIDE_PACKAGES,
    &graph::APP_LINK,
    &graph::ONE_PER_APP,
    &graph::GLOBAL_NEEDS_SETTINGS,
    &siblings::SETTINGS_NEEDS_GLOBAL,
    &siblings::ORPHAN,
    &siblings::PREFIX_SIBLING,
    &flows::FLOW_HALF_ON,
    &graph::REFERENCE,
    &token_exchange::TOKEN_HANDLER,
    &scopes::SCOPES_KNOWN,
    &global_settings::CALLBACK_LENGTH,
    &global_settings::CALLBACK_SCHEME,
    &global_settings::ROTATE_FLAGS,
    &oauth_policies::PREAUTH_LISTS,
    &oauth_policies::REFRESH_POLICY,
    &oauth_policies::CC_USER,
    &plugins::PLUGIN_ENABLED,
    &scopes::SCOPES_DUP,
    &scopes::SCOPES_CC,
    &limits::ATTR_LIMIT,
    &ip_ranges::IPRANGE_LIMIT,
    &limits::IDTOKEN_RANGE,
    &sessions::TTL_INFINITE,
    &sessions::IP_POLICY,
    &sessions::JWT_TIMEOUT,
    &flows::JWT_NEEDS_GLOBAL,
    &token_exchange::TOKENEXCH,
    &audience::PERMSET_NAMES,
    &first_party::FP_FLOW,
    &sessions::SESSION_LEVEL,
    &audience::STARTPAGE,
    &flows::CODECRED_FLOW,
    &flows::PUBLIC_CLIENT,
    &org_settings::SETTINGS_DEAD,
    &oauth_policies::BEARER_APPROVAL,
    &token_form::JWT_SCOPES,
    &token_form::SCOPE_NEEDED,
    &first_party::FP_SITE,
    &certificates::CERT_SIZE,
    &certificates::CERT_FORM,
    &certificates::CERT_EXPIRY,
    &first_party::FP_CERTIFICATE,
    &certificates::CERT_SHARED,
    &certificate_loss::CERT_DROPPED,
    &certificate_pairs::CERT_PAIR,
    &certificate_loss::CERT_LOST,
    &secrets::SECRET_IN_SOURCE,
    &secrets::PRIVATE_KEY_IN_SOURCE,
    &secrets::TOKEN_IN_SOURCE,
    &tracked::GLOBAL_TRACKED,
    &secrets::UNFILLED_VALUE,
    &portability::OAUTHLINK_COMMITTED,
    &portability::ORGSCOPED_COMMITTED,
    &portability::CONSUMER_KEY_COMMITTED,
    &org_ids::OAUTHLINK_FORMAT,
    &org_ids::ORGSCOPED_FORMAT,
    &org_ids::SAME_ORG,
    &external_credential::EC_PARAM_SHAPE,
    &external_credential::EC_PRINCIPAL,
    &outbound_links::EC_LINK,
    &outbound_links::EAIP_LINK,
    &outbound_links::EC_ACCESS,
    &identity_providers::EAIP_PARAMS,
    &identity_providers::EC_PROTOCOL,
    &outbound_links::PROFILE_EPA,
    &principals::EC_PRINCIPALS,
    &principals::EC_FORMULA,
    &identity_providers::EC_FLOW,
    &identity_providers::EC_CLIENT_AUTH,
    &identity_providers::EC_REFRESH_STATUS,
    &identity_providers::EC_GRANTED,
    &vendor::PKCE,
    &vendor::REFRESH_ROTATION,
    &vendor::REFRESH_IDLE,
    &vendor::SCOPE_FULL,
    &vendor::IP_BYPASS,
    &hardening::SCOPE_BROAD,
    &hardening::CC_API_ONLY,
    &hardening::SECRET_OFF,
    &hardening::SESSION_HIGH,
    &hardening::INTROSPECT_ALL,
    &hardening::DEVICE_FLOW,
    &tracked::GLOBAL_IN_SOURCE,
    &audience::OPEN_TO_ALL,
    &audience::PROFILES_VS_PS,
    &org_settings::SECRET_EXPORT,
    &ip_ranges::IP_ALLOWLIST,
    &saml::SAML_SHA1,
    &hardening::PLAIN_HTTP,
    &packaging::GLOBAL_IN_PACKAGE,
    &packaging::PACKAGED_STATE,
    &packaging::PACKAGED_LINK,
    &plugins::OAUTH_PLUGIN_NEEDED,
    &plugins::MOBILE_LOCK,
    &saml::SAML_LOCAL,
    &saml::SAML_SUBJECT,
    &push::PUSH_ONE,
];

/// The rule of [`Profile::FirstParty`](crate::profile::Profile::FirstParty) that requires
/// `clientAssertionCertificate`. It is separate, because only this can be missing before a key
/// exists: see [`Report::split`](crate::report::Report::split).
pub const FIRST_PARTY_CERTIFICATE: RuleId = RuleId(1304);

/// The rule that reports certificates which are missing now and present in
/// [`Options::previous`](crate::engine::options::Options::previous), for a caller that then refuses
/// to deploy.
pub const CERTIFICATE_LOST: RuleId = RuleId(1308);

/// The rule with this id or name: `ECA1201`, `eca1201`, `1201` or `scopes-known`.
pub fn explain(rule: &str) -> Option<&'static Rule> {
    let digits = match rule.get(..3) {
        Some(prefix) if prefix.eq_ignore_ascii_case("eca") => &rule[3..],
        _ => rule,
    };
    let number = (digits.len() == 4)
        .then(|| digits.parse::<u16>().ok())
        .flatten();
    RULES
        .iter()
        .copied()
        .find(|candidate| Some(candidate.id().number()) == number || candidate.name() == rule)
}

/// The rule whose name is nearest to a misspelt one, if one is near enough to be the intended one.
pub fn nearest_rule(name: &str) -> Option<&'static Rule> {
    let nearest = nearest(name, RULES.iter().map(|rule| rule.name()))?;
    explain(nearest)
}

#[cfg(test)]
mod tests {
    use super::{
        CERTIFICATE_LOST, FIRST_PARTY_CERTIFICATE, RULES, certificate_loss, explain, first_party,
    };

    #[test]
    fn ids_and_names_are_unique_and_sorted() {
        assert!(RULES.is_sorted_by(|a, b| a.id() < b.id()));
        let mut names: Vec<_> = RULES.iter().map(|rule| rule.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
        for rule in RULES {
            assert!((1000..2000).contains(&rule.id().number()), "{rule}");
            assert!(
                rule.name()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{rule}"
            );
            assert!(
                rule.summary().len() < 120 && !rule.summary().ends_with('.'),
                "{rule}"
            );
            assert!(
                rule.explanation().len() > 100 && rule.explanation().ends_with('.'),
                "{rule}"
            );
            assert!(!rule.source().is_empty(), "{rule}");
        }
    }

    /// `cargo xtask new rule` writes texts that begin with this word.
    #[test]
    fn every_rule_is_filled_in() {
        for rule in RULES {
            for (member, text) in [
                ("summary", rule.summary()),
                ("explanation", rule.explanation()),
                ("source", rule.source()),
                ("pair", rule.pair),
            ] {
                assert!(!text.contains("TODO"), "{rule}: write its {member}");
            }
        }
    }

    #[test]
    fn explains_by_id_and_name() {
        assert_eq!(explain("ECA1201"), explain("scopes-known"));
        assert_eq!(explain("eca1201"), explain("1201"));
        assert!(explain("ECA1201").is_some());
        for unknown in ["", "ECA", "ECA9999", "ECA12010", "é", "Scopes"] {
            assert_eq!(explain(unknown), None, "{unknown}");
        }
        assert_eq!(first_party::FP_CERTIFICATE.id(), FIRST_PARTY_CERTIFICATE);
        assert_eq!(certificate_loss::CERT_LOST.id(), CERTIFICATE_LOST);
    }
}
