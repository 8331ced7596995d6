//! Limits that the org checks and the schema does not state.

use std::collections::BTreeSet;

use eca_model::Component;
use eca_model::types::{
    ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthConfigurablePolicies, ExtlClntAppOauthSettings,
};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::position::item_position;
use crate::engine::quote::Quoted;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

/// Custom attributes of a file, and IP ranges of a file.
const MAX_ITEMS: usize = 128;

pub(crate) static ATTR_LIMIT: Rule = Rule {
    id: RuleId(1211),
    name: "attr-limit",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a file has at most 128 custom attributes, each with a unique key",
    explanation: "Custom attributes become claims of tokens and of the identity response, one per key. The org refuses a \
        file with two attributes of the same key, because a client could not tell which value it gets, and a \
        file with more than 128 attributes.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthSettings and ExtlClntAppOauthConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1211-attr-limit.txt"),
    check: attr_limit,
};

fn attr_limit(context: &Context<'_>, findings: &mut Findings<'_>) {
    for component in context.project.components() {
        let keys: Vec<Option<&str>> = if let Some(settings) =
            component.typed::<ExtlClntAppOauthSettings>()
        {
            settings
                .custom_attributes
                .iter()
                .map(|item| item.key.as_deref())
                .collect()
        } else if let Some(policies) = component.typed::<ExtlClntAppOauthConfigurablePolicies>() {
            policies
                .custom_attributes
                .iter()
                .map(|item| item.key.as_deref())
                .collect()
        } else {
            continue;
        };
        too_many(
            component,
            "customAttributes",
            "custom attributes",
            keys.len(),
            findings,
        );
        let mut seen = BTreeSet::new();
        for (index, key) in keys.into_iter().enumerate() {
            let Some(key) = key.map(str::trim).filter(|key| !key.is_empty()) else {
                continue;
            };
            if !seen.insert(key) {
                findings.at(
                    component.path(),
                    item_position(component, "customAttributes", index, "key"),
                    format!(
                        "the key {} is used by another custom attribute",
                        Quoted(key)
                    ),
                );
            }
        }
    }
}

/// Reports a list with more than 128 items, at the first one over the limit.
pub(super) fn too_many(
    component: &Component,
    list: &str,
    what: &str,
    len: usize,
    findings: &mut Findings<'_>,
) {
    if len > MAX_ITEMS {
        findings.at(
            component.path(),
            component
                .file()
                .position_of(&format!("{list}[{MAX_ITEMS}]")),
            format!("the file has {len} {what}; {MAX_ITEMS} are allowed"),
        );
    }
}

pub(crate) static IDTOKEN_RANGE: Rule = Rule {
    id: RuleId(1213),
    name: "idtoken-range",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "an ID token is valid for 1 to 720 minutes",
    explanation: "idTokenValidityInMinutes takes 1 to 720. Samples in the guide and in Salesforce Help show 0, \
        which the same guide does not allow, so 0 is a warning; anything else out of range fails the deploy.",
    source: "Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings (ExternalAppIdTokenConfig)",
    pair: include_str!("../../pairs/ECA1213-idtoken-range.txt"),
    check: idtoken_range,
};

fn idtoken_range(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, global) in context.project.of_type::<ExtlClntAppGlobalOauthSettings>() {
        let config = global.id_token_config.as_ref();
        let Some(minutes) = config.and_then(|config| config.id_token_validity_in_minutes) else {
            continue;
        };
        if !(1..=720).contains(&minutes) {
            let severity = if minutes == 0 {
                Severity::Warning
            } else {
                Severity::Error
            };
            findings
                .at_element(
                    component,
                    "idTokenConfig.idTokenValidityInMinutes",
                    format!(
                        "an ID token cannot be valid for {minutes} minutes; 1 to 720 are allowed"
                    ),
                )
                .at_most(severity);
        }
    }
}
