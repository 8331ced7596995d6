//! The risks of all changes.

use std::collections::BTreeSet;

use eca_model::{ComponentName, MetadataType};

use crate::change::{Action, ComponentChange, Verdict};
use crate::facts::Facts;
use crate::risk::app::After;
use crate::risk::{Affected, Risk, RiskKind, access, loss};

/// Finds the risks, in the order of the changes.
pub(crate) fn detect(changes: &[ComponentChange], after: &After<'_>, facts: &Facts) -> Vec<Risk> {
    let mut risks = Vec::new();
    for change in changes.iter().filter(|change| change.is_sent()) {
        access::detect(change, after, facts, &mut risks);
        loss::detect(change, &mut risks);
        consumer(change, facts, &mut risks);
    }
    let sent: BTreeSet<&ComponentName> = changes
        .iter()
        .filter(|change| change.is_sent())
        .map(|change| &change.component)
        .collect();
    let errors = facts
        .lint_errors
        .iter()
        .filter(|error| match &error.component {
            Some(component) => sent.contains(component),
            None => !sent.is_empty(),
        });
    risks.extend(errors.map(|error| Risk {
        kind: RiskKind::Lint,
        app: None,
        component: error.component.clone(),
        path: None,
        message: format!("{}: {}", error.rule, error.message),
        affects: None,
    }));
    risks
}

/// Keys and secrets that go, and what else does not come back.
fn consumer(change: &ComponentChange, facts: &Facts, risks: &mut Vec<Risk>) {
    let tokens = change.app.as_ref().and_then(|app| facts.tokens.get(app));
    for member in &change.members {
        if member.verdict == Verdict::Rotate {
            risks.push(Risk {
                path: Some(member.path.clone()),
                affects: Some(Affected::tokens(tokens)),
                ..Risk::of(
                    change,
                    RiskKind::Consumer,
                    "the org replaces it, and clients with the old one fail",
                )
            });
        }
    }
    if change.action != Action::Delete {
        return;
    }
    match change.component.kind.known() {
        Some(
            MetadataType::ExternalClientApplication | MetadataType::ExtlClntAppGlobalOauthSettings,
        ) => {
            risks.push(Risk {
                affects: Some(Affected::tokens(tokens)),
                ..Risk::of(
                    change,
                    RiskKind::Consumer,
                    "the consumer key and every token of the app end with it",
                )
            });
            risks.push(Risk::of(
                change,
                RiskKind::Irreversible,
                "an app that is created again has another consumer key",
            ));
        }
        Some(MetadataType::Certificate) => risks.push(Risk::of(
            change,
            RiskKind::Irreversible,
            "its private key is in the org only",
        )),
        Some(MetadataType::PermissionSet) => {
            let holders = facts.permission_set_holders.get(&change.component.name);
            if holders != Some(&0) {
                risks.push(Risk {
                    affects: Some(Affected::users(holders.copied())),
                    ..Risk::of(
                        change,
                        RiskKind::Irreversible,
                        "its assignments to users go with it",
                    )
                });
            }
        }
        Some(MetadataType::ExternalCredential) => {
            let stored = facts.stored_credentials.get(&change.component.name);
            let message = match stored {
                Some(principals) if principals.is_empty() => return,
                Some(principals) => {
                    let names: Vec<_> = principals.iter().map(String::as_str).collect();
                    format!("the stored credentials of {} go with it", names.join(", "))
                }
                None => "its stored credentials, if there are any, go with it".to_owned(),
            };
            risks.push(Risk::of(change, RiskKind::Irreversible, &message));
        }
        _ => {}
    }
}
