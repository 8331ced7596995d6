//! The objects that clients query: the org as rows.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::ids::RecordId;
use crate::kind::OrgKind;
use crate::metadata::wire::result::deploy_result;
use crate::state::users::UserKind;
use crate::state::{OrgConfig, State};
use crate::testing::clock::timestamp;

/// The rows of an object, each with all of its fields.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [&'static str],
    pub(crate) rows: Vec<Map<String, Value>>,
}

impl Table {
    /// Whether it has a field, ignoring case.
    pub(crate) fn has(&self, name: &str) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|field| field.eq_ignore_ascii_case(name))
    }
}

/// All objects of both APIs.
pub(crate) const NAMES: &[&str] = &[
    "DeployRequest",
    "LoginHistory",
    "Network",
    "Organization",
    "User",
];

/// The longest life of a scratch org (Salesforce DX Developer Guide, "Create Scratch Orgs").
const SCRATCH_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// The API of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    Data,
    Tooling,
}

impl Api {
    /// The part of the path that selects it.
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Self::Data => "",
            Self::Tooling => "tooling/",
        }
    }
}

/// The object with this name, ignoring case. An org that is not a Dev Hub has no `ScratchOrgInfo`,
/// and one without source tracking no `SourceMember`; clients query both to find that out.
pub(crate) fn table(state: &State, config: &OrgConfig, api: Api, object: &str) -> Option<Table> {
    let name = |name: &str| object.eq_ignore_ascii_case(name);
    match api {
        Api::Data if name("Organization") => Some(organization(config, &state.org_id)),
        Api::Data if name("User") => Some(users(state)),
        // Clients query this object in either API; for the Tooling API it is inferred.
        Api::Data | Api::Tooling if name("LoginHistory") => Some(logins(state)),
        Api::Data if name("Network") => Some(networks(config)),
        Api::Tooling if name("DeployRequest") => Some(deploys(state, config)),
        _ => None,
    }
}

fn build(name: &'static str, fields: &'static [&'static str], rows: Vec<Vec<Value>>) -> Table {
    let rows = rows
        .into_iter()
        .map(|row| {
            fields
                .iter()
                .map(|field| (*field).to_owned())
                .zip(row)
                .collect()
        })
        .collect();
    Table { name, fields, rows }
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
        &["Id", "Username", "Name", "Email", "IsActive", "UserType"],
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
                ]
            })
            .collect(),
    )
}

/// Setup's "Login History": the true reason of a refused login.
fn logins(state: &State) -> Table {
    build(
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
    )
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
