//! What was applied, as text and for `--json`.

use eca_apply::{DoneStep, OrgId, PlanFile, Report};
use eca_model::{ComponentName, MetadataType};
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;

/// What was applied.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Document {
    /// The id of the org, 15 characters.
    org: String,
    /// The serial of the state now; none where an apply was abandoned.
    serial: Option<u64>,
    deploys: Vec<Deploy>,
    /// The apps that have a new consumer. Its key is in Setup, and in what `eca retrieve` writes.
    new_consumers: Vec<String>,
    /// Where the org is not as it should be now.
    different: Vec<String>,
    /// What could not be compared.
    unverified: Vec<Unverified>,
    /// What is left to people.
    by_hand: Vec<String>,
}

/// A deploy of a step.
#[derive(Debug, Serialize, JsonSchema)]
struct Deploy {
    /// The step of the plan, from 1.
    step: usize,
    id: String,
    components: Vec<Component>,
}

/// A component that was deployed or deleted.
#[derive(Debug, Serialize, JsonSchema)]
struct Component {
    /// `TYPE:NAME`.
    name: String,
    /// `created`, `changed`, `deleted` or `unchanged`.
    change: String,
    /// The record id, where the org says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// A component that could not be compared.
#[derive(Debug, Serialize, JsonSchema)]
struct Unverified {
    component: String,
    reason: String,
}

impl Document {
    pub(super) fn new(file: &PlanFile, report: &Report) -> Self {
        let unverified = report.unverified.iter();
        let unverified = unverified.map(|(component, reason)| Unverified {
            component: component.to_string(),
            reason: reason.clone(),
        });
        Self {
            org: file.org.to_string(),
            serial: Some(report.serial),
            deploys: report.steps.iter().map(Deploy::from).collect(),
            new_consumers: new_consumers(file, report),
            different: report.different.iter().map(ToString::to_string).collect(),
            unverified: unverified.collect(),
            by_hand: report.by_hand.iter().map(ToString::to_string).collect(),
        }
    }

    /// Of an apply that was abandoned.
    pub(super) fn nothing(org: &OrgId) -> Self {
        Self {
            org: org.to_string(),
            serial: None,
            deploys: Vec::new(),
            new_consumers: Vec::new(),
            different: Vec::new(),
            unverified: Vec::new(),
            by_hand: Vec::new(),
        }
    }

    pub(super) fn print(&self, context: &Context, org: &str) {
        let output = &context.output;
        for component in self.deploys.iter().flat_map(|deploy| &deploy.components) {
            if component.change == "unchanged" {
                continue;
            }
            let id = component.id.as_deref();
            let id = id.map_or_else(String::new, |id| format!(" {id}"));
            output.print(format_args!("{} {}{id}", component.change, component.name));
        }
        for app in &self.new_consumers {
            output.print(format_args!(
                "{app} has a new consumer; its key and secret are in Setup"
            ));
        }
        for unverified in &self.unverified {
            output.warn(format_args!(
                "not verified: {}: {}",
                unverified.component, unverified.reason
            ));
        }
        for different in &self.different {
            output.warn(format_args!("not as applied: {different}"));
        }
        for task in &self.by_hand {
            output.print(format_args!("by hand: {task}"));
        }
        if let Some(serial) = self.serial {
            let what = match self.deploys.len() {
                0 => "nothing to deploy",
                _ => "applied",
            };
            output.print(format_args!(
                "{what}; the state of {org} has serial {serial}"
            ));
        }
    }
}

impl From<&DoneStep> for Deploy {
    fn from(done: &DoneStep) -> Self {
        let components = done.changed.iter().map(|changed| Component {
            name: changed.component.clone(),
            change: changed.change.clone(),
            id: changed.id.clone(),
        });
        Self {
            step: done.step + 1,
            id: done.deploy.clone(),
            components: components.collect(),
        }
    }
}

/// The apps whose global settings were created: an org makes their consumers.
fn new_consumers(file: &PlanFile, report: &Report) -> Vec<String> {
    let changed = report.steps.iter().flat_map(|step| &step.changed);
    let created = changed.filter(|changed| changed.change == "created");
    let names = created.filter_map(|changed| changed.component.parse::<ComponentName>().ok());
    let global = names.filter(|name| name.kind == MetadataType::ExtlClntAppGlobalOauthSettings);
    let apps = global.filter_map(|name| file.desired.components.get(&name)?.app.clone());
    apps.collect()
}
