//! Deploys a project into a new org, and makes the users that projects name.

use std::path::Path;

use eca_deploy::{ComponentSet, Package};
use eca_emulator::Org;
use eca_model::types::ExtlClntAppOauthConfigurablePolicies;
use eca_model::{ComponentName, MetadataType, Project};

use crate::context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::package_args;

/// Deploys a project into the org. A new org has only its administrator, so this first creates the
/// run-as users of the apps, and afterwards assigns the permission sets that approve them.
pub(super) fn seed(org: &Org, folder: &Path) -> Result<(), Failure> {
    let project = context::load(folder)?;
    make_run_as_users(org, &project);
    let package = package_args::build(&project, folder)?;
    org.deploy(package.zip().as_bytes()).map_err(|error| {
        let reasons = error.reasons.join("\n");
        let message = format!("{} cannot be deployed:\n{reasons}", folder.display());
        Failure::new(Exit::Usage, message).hint("eca lint finds most of this without an org")
    })?;
    assign_permission_sets(org, &project);
    Ok(())
}

/// Makes what a deploy of the project needs and metadata cannot have: the run-as users of its apps,
/// and the permission sets that its policies name and that it does not have itself. A folder
/// without a project needs nothing.
pub(super) fn make_users(org: &Org, folder: &Path) {
    if !folder.join("sfdx-project.json").is_file() {
        return;
    }
    // The command that runs against the org says what is wrong with the project.
    let Ok(project) = context::load(folder) else {
        return;
    };
    make_users_of(org, &project);
}

/// The same for a project in memory.
pub(crate) fn make_users_of(org: &Org, project: &Project) {
    make_run_as_users(org, project);
    if let Some(package) = missing_permission_sets(project) {
        // They have a label and nothing else: the org takes them.
        let _ = org.deploy(package.zip().as_bytes());
    }
    assign_permission_sets(org, project);
}

fn make_run_as_users(org: &Org, project: &Project) {
    for (_, policies) in project.of_type::<ExtlClntAppOauthConfigurablePolicies>() {
        if let Some(username) = policies.client_credentials_flow_user.as_deref() {
            // It may exist: two apps can have the same run-as user.
            let _ = org.create_integration_user(username);
        }
    }
}

/// A package with the permission sets that policies name and the project does not have.
fn missing_permission_sets(project: &Project) -> Option<Package> {
    let policies = project.of_type::<ExtlClntAppOauthConfigurablePolicies>();
    let named = policies
        .into_iter()
        .filter_map(|(_, policies)| policies.comma_separated_permission_set.as_ref())
        .flat_map(|sets| sets.iter().map(ToString::to_string).collect::<Vec<_>>());
    let named = named.filter(|name| {
        let name = ComponentName::new(MetadataType::PermissionSet.manifest_name(), name);
        project.component(&name).is_none()
    });
    let files = named.map(|name| {
        let text = "<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>Made for this org</label>\
                    </PermissionSet>";
        (format!("permissionsets/{name}.permissionset"), text.into())
    });
    let stubs = Project::from_entries(files.collect::<Vec<(String, Vec<u8>)>>());
    // Nothing in the stubs says that they are about an app.
    let all = ComponentSet::from_project(&stubs);
    Package::builder(&stubs).components(all).build().ok()
}

/// Assignments of permission sets are not metadata, and the app requires them.
fn assign_permission_sets(org: &Org, project: &Project) {
    for (_, policies) in project.of_type::<ExtlClntAppOauthConfigurablePolicies>() {
        let username = policies.client_credentials_flow_user.as_deref();
        let sets = policies.comma_separated_permission_set.iter();
        for (username, sets) in username.into_iter().zip(sets) {
            for set in sets.iter() {
                // A permission set that does not exist yet approves no user.
                let _ = org.assign_permission_set(username, set);
            }
        }
    }
}
