//! The order of the steps.

use std::collections::BTreeMap;

use eca_model::{ComponentName, MetadataType};

use crate::change::{Action, ComponentChange};
use crate::facts::Facts;
use crate::risk::After;
use crate::step::{Stage, Step, Task, human};

/// The most components of one deploy. An org takes 10,000 files, and a component may have two
/// (Salesforce Developer Limits and Allocations, "Metadata Limits").
const MOST_OF_A_DEPLOY: usize = 5_000;

/// The steps that make the changes: switches, deploys, deletes, and what is left to people.
pub(crate) fn steps(changes: &[ComponentChange], after: &After<'_>, facts: &Facts) -> Vec<Step> {
    let (first, last) = human::tasks(changes, after, facts)
        .into_iter()
        .partition::<Vec<_>, _>(|task| matches!(task, Task::TurnOn { .. }));
    let by_hand = |task| Step::ByHand { task };
    let mut steps: Vec<_> = first.into_iter().map(by_hand).collect();
    for stage in [Stage::Prerequisites, Stage::Apps, Stage::Dependents] {
        let sent = changes
            .iter()
            .filter(|change| matches!(change.action, Action::Create | Action::Update))
            .filter(|change| stage_of(change) == stage);
        let deploys = deploys(sent).into_iter();
        steps.extend(deploys.map(|components| Step::Deploy { stage, components }));
    }
    let deleted = changes
        .iter()
        .filter(|change| change.action == Action::Delete);
    let mut deleted: Vec<_> = deleted.map(|change| change.component.clone()).collect();
    // What refers to another component goes before it.
    deleted.sort_by_key(|name| (std::cmp::Reverse(stage_of_type(name)), is_header(name)));
    let chunks = deleted.chunks(MOST_OF_A_DEPLOY);
    steps.extend(chunks.map(|components| Step::Delete {
        components: components.to_vec(),
    }));
    steps.extend(last.into_iter().map(by_hand));
    steps
}

/// The components in as few deploys as possible. The parts of an app stay together.
fn deploys<'a>(changes: impl Iterator<Item = &'a ComponentChange>) -> Vec<Vec<ComponentName>> {
    let mut parts: BTreeMap<(bool, Option<&str>), Vec<ComponentName>> = BTreeMap::new();
    for change in changes {
        let app = change.app.as_deref();
        let parts = parts.entry((app.is_none(), app)).or_default();
        parts.push(change.component.clone());
    }
    let mut deploys: Vec<Vec<ComponentName>> = Vec::new();
    for components in parts.into_values() {
        match deploys.last_mut() {
            Some(last) if last.len() + components.len() <= MOST_OF_A_DEPLOY => {
                last.extend(components);
            }
            _ => deploys.push(components),
        }
    }
    deploys
}

fn stage_of(change: &ComponentChange) -> Stage {
    match change.app {
        Some(_) => Stage::Apps,
        None => stage_of_type(&change.component),
    }
}

fn stage_of_type(component: &ComponentName) -> Stage {
    match component.kind.known() {
        Some(
            MetadataType::PermissionSet
            | MetadataType::Profile
            | MetadataType::Certificate
            | MetadataType::OauthCustomScope
            | MetadataType::CustomPermission
            // A permission set gives access to principals of external credentials.
            | MetadataType::ExternalAuthIdentityProvider
            | MetadataType::ExternalCredential
            | MetadataType::NamedCredential
            | MetadataType::ExternalClientAppSettings
            | MetadataType::OauthOidcSettings,
        ) => Stage::Prerequisites,
        Some(MetadataType::OauthTokenExchangeHandler) => Stage::Dependents,
        _ => Stage::Apps,
    }
}

fn is_header(component: &ComponentName) -> bool {
    component.kind == MetadataType::ExternalClientApplication
}
