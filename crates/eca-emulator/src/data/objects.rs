//! The objects that clients query: the org as rows.

use std::time::Duration;

use serde_json::{Value, json};

use crate::data::access;
use crate::data::table::{Api, Table, View, build};
use crate::ids::RecordId;
use crate::kind::OrgKind;
use crate::metadata::wire::result::deploy_result;
use crate::state::users::UserKind;
use crate::state::{OrgConfig, State};
use crate::testing::clock::timestamp;

/// All objects of both APIs.
pub(crate) const NAMES: &[&str] = &[
    "DeployRequest",
    "ExternalClientApplication",
    "LoginHistory",
    "Network",
    "OauthToken",
    "Organization",
    "PermissionSetAssignment",
    "PermissionSetGroupComponent",
    "SetupAuditTrail",
    "SetupEntityAccess",
    "User",
];

/// The longest life of a scratch org (Salesforce DX Developer Guide, "Create Scratch Orgs").
const SCRATCH_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// The object with this name, ignoring case, as far as the user sees it. An org that is not a Dev
/// Hub has no `ScratchOrgInfo`, and one without source tracking no `SourceMember`; clients query
/// both to find that out.
pub(crate) fn table(view: &View<'_>, api: Api, object: &str) -> Option<Table> {
    let (state, config) = (view.state, view.config);
    let name = |name: &str| object.eq_ignore_ascii_case(name);
    match api {
        Api::Data if name("Organization") => Some(organization(config, &state.org_id)),
        Api::Data if name("User") => Some(users(state)),
        // Clients query this object in either API; for the Tooling API it is inferred.
        Api::Data | Api::Tooling if name("LoginHistory") => Some(logins(state)),
        Api::Data if name("Network") => Some(networks(config)),
        Api::Tooling if name("DeployRequest") => Some(deploys(state, config)),
        Api::Data => access::table(view, object),
        Api::Tooling => None,
    }
}

fn organization(config: &OrgConfig, org_id: &RecordId) -> Table {
    build(
        "Organization",
        &[
            "Id",
            "Name",
            "InstanceName",
            "IsSandbox",
            "TrialExpirationDate",
            "NamespacePrefix",
            "OrganizationType",
        ],
        vec![vec![
            json!(org_id.as_str()),
            json!("Embedded Org"),
            json!("LOCAL1"),
            json!(config.kind.is_sandbox()),
            match config.kind {
                OrgKind::Scratch => json!(timestamp(config.created_at + SCRATCH_LIFETIME)),
                _ => Value::Null,
            },
            Value::Null,
            json!("Developer Edition"),
        ]],
    )
}

fn users(state: &State) -> Table {
    build(
        "User",
        &[
            "Id",
            "Username",
            "Name",
            "Email",
            "IsActive",
            "UserType",
            "Profile.Name",
        ],
        state
            .users
            .iter()
            .map(|user| {
                vec![
                    json!(user.id.as_str()),
                    json!(user.username),
                    json!(user.display_name()),
                    json!(user.email()),
                    json!(user.is_active),
                    json!(match user.kind {
                        UserKind::Administrator | UserKind::Integration => "Standard",
                        UserKind::External => "CspLitePortal",
                    }),
                    json!(user.profile_label()),
                ]
            })
            .collect(),
    )
}

/// Setup's "Login History": the true reason of a refused login, which no query can filter by.
fn logins(state: &State) -> Table {
    let table = build(
        "LoginHistory",
        &[
            "Id",
            "UserId",
            "LoginTime",
            "LoginType",
            "Application",
            "Status",
            "SourceIp",
        ],
        state
            .logins
            .iter()
            .enumerate()
            .map(|(number, login)| {
                vec![
                    json!(format!("0Ya{:012}AAA", number + 1)),
                    json!(login.user.as_str()),
                    json!(timestamp(login.time)),
                    json!("Remote Access 2.0"),
                    json!(login.app),
                    json!(login.status),
                    json!(login.source.to_string()),
                ]
            })
            .collect(),
    );
    Table {
        only_shown: &["Application", "Status", "SourceIp"],
        ..table
    }
}

fn networks(config: &OrgConfig) -> Table {
    build(
        "Network",
        &["Id", "Name", "Status", "UrlPathPrefix"],
        vec![vec![
            json!(config.site_id.as_str()),
            json!(config.site_path.trim_start_matches('/')),
            json!("Live"),
            json!(config.site_path.trim_start_matches('/')),
        ]],
    )
}

/// The records of Setup's "Deployment Status" page. The fields of the object are not published;
/// these are the ones that published clients query. They are the members of a deploy's result,
/// under names that begin with a capital.
fn deploys(state: &State, config: &OrgConfig) -> Table {
    const FIELDS: &[&str] = &[
        "Id",
        "Status",
        "CheckOnly",
        "CreatedById",
        "CreatedBy.Name",
        "CreatedDate",
        "StartDate",
        "CompletedDate",
        "StateDetail",
        "ErrorMessage",
        "NumberComponentErrors",
        "NumberComponentsDeployed",
        "NumberComponentsTotal",
        "NumberTestErrors",
        "NumberTestsCompleted",
        "NumberTestsTotal",
        "RollbackOnError",
        "IgnoreWarnings",
    ];
    let row = |job| -> Vec<Value> {
        let result = deploy_result(job, state, config, config.api_version, false);
        let member = |field: &str| match field {
            "CreatedById" => result["createdBy"].clone(),
            "CreatedBy.Name" => result["createdByName"].clone(),
            _ => result[&(field[..1].to_ascii_lowercase() + &field[1..])].clone(),
        };
        FIELDS.iter().map(|field| member(field)).collect()
    };
    build(
        "DeployRequest",
        FIELDS,
        state.jobs.deploys.iter().map(row).collect(),
    )
}
