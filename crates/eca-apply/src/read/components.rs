//! The components of the org, by a list and a retrieve.

use std::collections::{BTreeMap, BTreeSet};

use eca_deploy::{
    Client, ListQuery, MissingMember, RetrieveError, RetrieveOptions, Retrieved, list_metadata,
    retrieve,
};
use eca_model::types::{ExternalClientAppSettings, OauthOidcSettings};
use eca_model::{ComponentName, Manifest, MetadataType, Project, layout};
use eca_plan::{Facts, Switch, Unreadable};

use crate::read::error::ReadError;
use crate::read::scope::Scope;
use crate::read::unknown::{is_about_access, refused, unreadable};
use crate::read::{LastModified, OrgReading, ReadOptions};

/// The calls that list components at the same time. An org limits the number of long-running ones.
const CONCURRENCY: usize = 4;
const REMEDY: &str = "give the user of the session the permission \"Modify Metadata Through Metadata API Functions\"";

/// What the org lists of the types of apps.
#[derive(Default)]
struct Listed {
    components: BTreeSet<ComponentName>,
    /// The types that it did not list, with the reason.
    refused: BTreeMap<MetadataType, Unreadable>,
}

pub(super) async fn read(
    client: &Client,
    scope: &Scope<'_>,
    options: &ReadOptions,
    reading: &mut OrgReading,
) -> Result<(), ReadError> {
    let listed = list(client).await?;
    let of_apps = MetadataType::ALL.iter().filter(|kind| kind.is_of_apps());
    let none_listed = listed.refused.len() == of_apps.count();
    if let Some(reason) = listed.refused.values().next().filter(|_| none_listed) {
        // The org refuses the Metadata API as a whole: a retrieve would end the same.
        all_unreadable(scope, reason, &mut reading.facts);
        return Ok(());
    }
    let version = scope.desired.api_version();
    let version = version.unwrap_or_else(|| client.endpoint().version());
    let mut manifest = Manifest::new(version);
    for component in scope.wanted.iter().chain(&listed.components) {
        manifest.insert(component);
    }
    for (kind, name) in SETTINGS {
        manifest.insert(&ComponentName::new(*kind, *name));
    }
    let mut retrieve_options = RetrieveOptions::default();
    // What the org does not have would be created.
    retrieve_options.allow_missing = true;
    retrieve_options.policy = options.policy.clone();
    let retrieved = match retrieve(client, &manifest, &retrieve_options).await {
        Ok(retrieved) => retrieved,
        Err(error) => {
            let reason = of_retrieve(error)?;
            all_unreadable(scope, &reason, &mut reading.facts);
            return Ok(());
        }
    };
    missing(scope, &listed, &retrieved, &mut reading.facts);
    for (kind, reason) in &listed.refused {
        // What only the org has of this type is not known.
        let any = ComponentName::new(*kind, "*");
        reading.facts.unreadable.insert(any, reason.clone());
    }
    for file in &retrieved.file_properties {
        if let (Some(name), Some(at)) = (component_of(&file.file_name), &file.last_modified_date) {
            let modified = LastModified {
                by: file.last_modified_by_name.clone(),
                at: at.clone(),
            };
            reading.last_modified.insert(name, modified);
        }
    }
    let project = retrieved.into_project();
    switches(&project, &mut reading.facts);
    let kept: BTreeSet<String> = {
        let components = project.components().iter();
        let components = components.filter(|component| scope.has(component));
        let kept = components.map(|component| component.path().to_owned());
        let unreadable = project.unreadable().iter().map(|file| &file.path);
        let unreadable = unreadable
            .filter(|path| component_of(path).is_some_and(|name| scope.may_have(&name)))
            .cloned();
        kept.chain(unreadable).collect()
    };
    reading.actual = project.select(|path| kept.contains(path));
    Ok(())
}

/// Settings that hold switches of the org.
const SETTINGS: &[(MetadataType, &str)] = &[
    (MetadataType::ExternalClientAppSettings, "ExternalClientApp"),
    (MetadataType::OauthOidcSettings, "OauthOidc"),
];

fn component_of(path: &str) -> Option<ComponentName> {
    layout::component_of(path).or_else(|| layout::content_of(path))
}

/// Lists every component of every app.
async fn list(client: &Client) -> Result<Listed, ReadError> {
    let kinds = MetadataType::ALL.iter().copied();
    let kinds = kinds.filter(|kind| kind.is_of_apps());
    let queries: Vec<_> = kinds
        .map(|kind| ListQuery::new(kind.manifest_name()))
        .collect();
    let inventory = list_metadata(client, &queries, CONCURRENCY).await;
    let mut listed = Listed::default();
    for (query, error) in inventory.failures {
        let Some(kind) = MetadataType::from_root(&query.kind) else {
            continue;
        };
        let code = error.api_error().map(|refusal| refusal.code.as_str());
        if code == Some("INVALID_TYPE") {
            // An unknown type has no components in the org.
            continue;
        }
        let reason = unreadable(&error, REMEDY).ok_or(ReadError::List(error))?;
        listed.refused.insert(kind, reason);
    }
    let components = inventory.components.iter();
    listed.components = components
        .map(|found| ComponentName::new(&found.kind, &found.full_name))
        .collect();
    Ok(listed)
}

fn of_retrieve(error: RetrieveError) -> Result<Unreadable, ReadError> {
    let reason = match &error {
        RetrieveError::Call(error) => unreadable(error, REMEDY),
        RetrieveError::Failed { reason, .. } if is_about_access(reason) => {
            Some(refused(reason, REMEDY))
        }
        _ => None,
    };
    reason.ok_or(ReadError::Retrieve(error))
}

fn all_unreadable(scope: &Scope<'_>, reason: &Unreadable, facts: &mut Facts) {
    let all = scope.wanted.iter();
    facts
        .unreadable
        .extend(all.map(|component| (component.clone(), reason.clone())));
}

/// Tells what the org does not have from what it did not show.
fn missing(scope: &Scope<'_>, listed: &Listed, retrieved: &Retrieved, facts: &mut Facts) {
    let is_listed = |name: &ComponentName| listed.components.contains(name);
    let is_of_listed_type = |name: &ComponentName| {
        let kind = name.kind.known();
        kind.is_some_and(|kind| kind.is_of_apps() && !listed.refused.contains_key(&kind))
    };
    let asked: BTreeSet<_> = scope.wanted.iter().chain(&listed.components).collect();
    for member in &retrieved.missing {
        let (name, reason) = match member {
            MissingMember::Silent(name) => {
                let reason = "the org did not return it, and gives no reason";
                (asked.get(name).copied(), reason.to_owned())
            }
            MissingMember::Reported(message) => {
                let about = asked.iter().find(|name| is_about(&message.problem, name));
                (about.copied(), format!("the org says: {}", message.problem))
            }
            _ => continue,
        };
        let Some(name) = name.filter(|name| scope.may_have(name)) else {
            continue;
        };
        let is_absent = match member {
            MissingMember::Reported(message) => {
                message.problem.ends_with("cannot be found") && !is_listed(name)
            }
            _ => is_of_listed_type(name) && !is_listed(name),
        };
        if !is_absent {
            let unreadable = Unreadable {
                reason,
                remedy: Some("see that the user of the session may read it in Setup".to_owned()),
            };
            facts.unreadable.insert(name.clone(), unreadable);
        }
    }
}

/// Whether a message of a retrieve is about a component: `Entity of type 'T' named 'N' cannot be
/// found`, or another text with the name in quotes.
fn is_about(problem: &str, name: &ComponentName) -> bool {
    let quoted = |text: &str| problem.contains(&format!("'{text}'"));
    quoted(&name.name) && quoted(name.kind.manifest_name())
        || quoted(&name.name) && quoted(name.kind.as_str())
        || problem.ends_with(&format!(":{}", name.name))
}

/// The switches of the org, where its settings show them.
fn switches(project: &Project, facts: &mut Facts) {
    let mut apps = project.of_type::<ExternalClientAppSettings>();
    let apps = apps.find_map(|(_, settings)| settings.enable_external_client_apps);
    let mut code = project.of_type::<OauthOidcSettings>();
    let code = code.find_map(|(_, settings)| settings.is_code_credentials_flow_enabled);
    let switches = [
        (Switch::ExternalClientApps, apps),
        (Switch::CodeCredentialsFlow, code),
    ];
    let known = switches.into_iter();
    facts
        .switches
        .extend(known.filter_map(|(switch, is_on)| Some((switch, is_on?))));
}
