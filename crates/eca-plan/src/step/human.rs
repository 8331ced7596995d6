//! What is left to people.

use std::collections::BTreeSet;

use eca_model::{ComponentName, FieldPath, FieldValue, MetadataType, Selector};

use crate::change::{Action, ComponentChange};
use crate::facts::{Facts, Switch};
use crate::risk::After;
use crate::step::Task;

/// The tasks, sorted.
pub(super) fn tasks(
    changes: &[ComponentChange],
    after: &After<'_>,
    facts: &Facts,
) -> BTreeSet<Task> {
    let mut tasks = BTreeSet::new();
    let sent = changes
        .iter()
        .filter(|change| matches!(change.action, Action::Create | Action::Update));
    for change in sent {
        match change.component.kind.known() {
            Some(MetadataType::ExternalClientApplication)
                if change.action == Action::Create
                    && facts.switches.get(&Switch::ExternalClientApps) == Some(&false) =>
            {
                let switch = Switch::ExternalClientApps;
                tasks.insert(Task::TurnOn { switch });
            }
            Some(MetadataType::ExtlClntAppGlobalOauthSettings)
                if needs_code_credentials(change, after, facts) =>
            {
                let switch = Switch::CodeCredentialsFlow;
                tasks.insert(Task::TurnOn { switch });
            }
            Some(MetadataType::ExtlClntAppOauthConfigurablePolicies) => {
                permission_sets(change, after, facts, &mut tasks);
            }
            Some(MetadataType::ExternalCredential) => {
                principals(change, after, facts, &mut tasks);
            }
            _ => {}
        }
    }
    tasks
}

fn needs_code_credentials(change: &ComponentChange, after: &After<'_>, facts: &Facts) -> bool {
    let flow = FieldPath::new("isCodeCredFlowEnabled");
    let is_used = after.value(&change.component, &flow) == Some(&FieldValue::Boolean(true));
    let settings = ComponentName::new(MetadataType::OauthOidcSettings, "OauthOidc");
    let switch = FieldPath::new("oAuthCdCrdtFlowEnable");
    let is_deployed = after.value(&settings, &switch) == Some(&FieldValue::Boolean(true));
    is_used && !is_deployed && facts.switches.get(&Switch::CodeCredentialsFlow) == Some(&false)
}

/// Permission sets that pre-approve users and that nobody has.
fn permission_sets(
    change: &ComponentChange,
    after: &After<'_>,
    facts: &Facts,
    tasks: &mut BTreeSet<Task>,
) {
    let sets = FieldPath::new("commaSeparatedPermissionSet");
    let (Some(FieldValue::List(sets)), Some(app)) =
        (after.value(&change.component, &sets), &change.app)
    else {
        return;
    };
    let without_users = sets
        .iter()
        .filter(|set| facts.permission_set_holders.get(*set) == Some(&0));
    tasks.extend(without_users.map(|set| Task::AssignPermissionSet {
        permission_set: set.clone(),
        app: app.clone(),
    }));
}

/// Principals whose credentials the org does not have.
fn principals(
    change: &ComponentChange,
    after: &After<'_>,
    facts: &Facts,
    tasks: &mut BTreeSet<Task>,
) {
    let Some(desired) = after.desired.components.get(&change.component) else {
        return;
    };
    let stored = facts.stored_credentials.get(&change.component.name);
    if change.action == Action::Update && stored.is_none() {
        // Nothing says that one is missing.
        return;
    }
    for (path, value) in &desired.fields {
        let [step] = path.steps() else { continue };
        let (Selector::Key(key), FieldValue::Record) = (&step.selector, value) else {
            continue;
        };
        let member = |name: &str| {
            let mut members = key.iter();
            members.find_map(|(key, text)| (key == name).then_some(text))
        };
        let is_principal = member("parameterType").is_some_and(|kind| kind == "NamedPrincipal");
        if let (true, Some(principal)) = (is_principal, member("parameterName"))
            && stored.is_none_or(|stored| !stored.contains(principal))
        {
            tasks.insert(Task::StoreCredentials {
                external_credential: change.component.name.clone(),
                principal: principal.clone(),
            });
        }
    }
}
