//! Objects of Setup: apps, who may use them, their tokens, and who changed what. What a user may
//! not see does not exist, or has the user's own rows only.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use eca_model::MetadataType;
use serde_json::{Value, json};

use crate::data::table::{Table, View, build};
use crate::state::State;
use crate::state::components::Component;
use crate::state::permissions::UserPermission;
use crate::state::users::{User, UserKind};
use crate::testing::clock::timestamp;

/// The rows of `OauthToken` on a page, and in all (Object Reference, "OauthToken").
const TOKENS_PER_PAGE: usize = 500;
const MOST_TOKENS: usize = 2_500;

pub(super) fn table(view: &View<'_>, object: &str) -> Option<Table> {
    let name = |name: &str| object.eq_ignore_ascii_case(name);
    let views_setup = view.may(UserPermission::ViewSetup);
    if name("ExternalClientApplication") && view.may(UserPermission::ExternalClientAppViewer) {
        Some(apps(view.state))
    } else if name("OauthToken") {
        Some(tokens(view))
    } else if name("PermissionSetAssignment") {
        Some(assignments(view, views_setup))
    } else if name("PermissionSetGroupComponent") && views_setup {
        Some(group_components())
    } else if name("SetupAuditTrail") && views_setup {
        Some(audit_trail(view.state))
    } else if name("SetupEntityAccess") && views_setup {
        Some(entity_access(view.state))
    } else {
        None
    }
}

fn apps(state: &State) -> Table {
    let apps = state
        .metadata
        .of_type(MetadataType::ExternalClientApplication);
    build(
        "ExternalClientApplication",
        &[
            "Id",
            "DeveloperName",
            "MasterLabel",
            "NamespacePrefix",
            "CreatedDate",
            "LastModifiedDate",
        ],
        apps.map(|(key, app)| {
            vec![
                json!(app.id.as_str()),
                json!(key.name),
                json!(app.record.filled("label").unwrap_or(&key.name)),
                Value::Null,
                json!(timestamp(app.created)),
                json!(timestamp(app.modified)),
            ]
        })
        .collect(),
    )
}

/// Refresh tokens that still work. A user without "Customize Application" sees the own ones.
fn tokens(view: &View<'_>) -> Table {
    let state = view.state;
    let sees_all = view.may(UserPermission::CustomizeApplication);
    let rows = state.grants.refreshes().filter_map(|token| {
        let user = state.users.get(&token.username)?;
        if !sees_all && view.user.is_none_or(|viewer| viewer.id != user.id) {
            return None;
        }
        let app = state.metadata.app(&token.app)?;
        if !app.accepts_refresh(token.issued, token.used, view.now) {
            return None;
        }
        let header = state
            .metadata
            .get(MetadataType::ExternalClientApplication, &token.app)?;
        Some(vec![
            Value::Null,
            json!(header.record.filled("label").unwrap_or(&token.app)),
            Value::Null,
            json!(user.id.as_str()),
            json!(timestamp(token.issued)),
            json!(timestamp(token.used)),
        ])
    });
    let table = build(
        "OauthToken",
        &[
            "Id",
            "AppName",
            "AppMenuItemId",
            "UserId",
            "CreatedDate",
            "LastUsedDate",
        ],
        rows.collect(),
    );
    Table {
        largest_page: TOKENS_PER_PAGE,
        most_rows: MOST_TOKENS,
        ..table
    }
}

/// What a user has a permission by: the profile, which owns a permission set, and permission sets.
fn assignments(view: &View<'_>, views_setup: bool) -> Table {
    const FIELDS: &[&str] = &[
        "Id",
        "AssigneeId",
        "Assignee.Username",
        "Assignee.IsActive",
        "PermissionSetId",
        "PermissionSet.Name",
        "PermissionSet.IsOwnedByProfile",
        "PermissionSet.PermissionsApiUserOnly",
        "PermissionSet.PermissionsCustomizeApplication",
        "PermissionSet.PermissionsModifyMetadata",
        "PermissionSet.PermissionsViewSetup",
        "PermissionSetGroupId",
        "ExpirationDate",
        "IsActive",
    ];
    let state = view.state;
    let row = |user: &User, set: &PermissionSet<'_>| {
        let may = |permission| json!(set.grants(permission));
        vec![
            json!(record_id("0Pa", &format!("{}/{}", user.id, set.name()))),
            json!(user.id.as_str()),
            json!(user.username),
            json!(user.is_active),
            json!(set.id(state)),
            json!(set.name()),
            json!(set.is_owned_by_profile),
            json!(set.is_api_only()),
            may(UserPermission::CustomizeApplication),
            may(UserPermission::ModifyMetadata),
            may(UserPermission::ViewSetup),
            Value::Null,
            Value::Null,
            json!(true),
        ]
    };
    let mut rows = Vec::new();
    for user in state.users.iter() {
        if !views_setup && view.user.is_none_or(|viewer| viewer.id != user.id) {
            continue;
        }
        let kind = MetadataType::Profile;
        let mut profiles = user.profile_names().iter();
        let profile = PermissionSet {
            label: user.profile_label(),
            is_owned_by_profile: true,
            component: profiles.find_map(|name| state.metadata.get(kind, name)),
            kind: Some(user.kind),
        };
        rows.push(row(user, &profile));
        for name in &user.permission_sets {
            let set = PermissionSet {
                label: name,
                is_owned_by_profile: false,
                component: state.metadata.get(MetadataType::PermissionSet, name),
                kind: None,
            };
            rows.push(row(user, &set));
        }
    }
    build("PermissionSetAssignment", FIELDS, rows)
}

/// A permission set, or the one that a profile owns.
struct PermissionSet<'a> {
    /// The name, or the label of the profile.
    label: &'a str,
    is_owned_by_profile: bool,
    component: Option<&'a Component>,
    /// Whose profile it is.
    kind: Option<UserKind>,
}

impl PermissionSet<'_> {
    fn name(&self) -> String {
        if self.is_owned_by_profile {
            format!("X{}", record_id("00e", self.label))
        } else {
            self.label.to_owned()
        }
    }

    fn id(&self, state: &State) -> String {
        permission_set_id(state, &self.name())
    }

    fn grants(&self, permission: UserPermission) -> bool {
        self.kind == Some(UserKind::Administrator)
            || self
                .component
                .is_some_and(|component| permission.is_granted_in(component))
    }

    fn is_api_only(&self) -> bool {
        let is_on = |component: &Component| {
            let mut all = component.record.records("userPermissions");
            all.any(|one| {
                one.filled("name") == Some("ApiUserOnly") && one.flag("enabled") == Some(true)
            })
        };
        self.kind == Some(UserKind::Integration) || self.component.is_some_and(is_on)
    }
}

/// This org has no groups of permission sets.
fn group_components() -> Table {
    build(
        "PermissionSetGroupComponent",
        &[
            "Id",
            "PermissionSetGroupId",
            "PermissionSetId",
            "PermissionSet.Name",
        ],
        Vec::new(),
    )
}

/// Permission sets and profiles that pre-approve their users for an app.
fn entity_access(state: &State) -> Table {
    let metadata = &state.metadata;
    let mut rows = Vec::new();
    for (key, app) in metadata.of_type(MetadataType::ExternalClientApplication) {
        let policies = metadata.of_app(
            MetadataType::ExtlClntAppOauthConfigurablePolicies,
            &key.name,
        );
        let Some((_, policies)) = policies else {
            continue;
        };
        let mut row = |set: &str, profile: Option<&str>| {
            rows.push(vec![
                json!(record_id("0J0", &format!("{}/{set}", app.id))),
                json!(permission_set_id(state, set)),
                json!(set),
                json!(profile.is_some()),
                json!(profile),
                json!(app.id.as_str()),
                json!("ExternalClientApplication"),
            ]);
        };
        for set in policies.record.list("commaSeparatedPermissionSet") {
            row(metadata.permission_set_by_id(set).unwrap_or(set), None);
        }
        for profile in policies.record.list("commaSeparatedProfile") {
            let label = if profile == "Admin" {
                "System Administrator"
            } else {
                profile
            };
            row(&format!("X{}", record_id("00e", label)), Some(label));
        }
    }
    build(
        "SetupEntityAccess",
        &[
            "Id",
            "ParentId",
            "Parent.Name",
            "Parent.IsOwnedByProfile",
            "Parent.Profile.Name",
            "SetupEntityId",
            "SetupEntityType",
        ],
        rows,
    )
}

/// `Display` and `Section` can be neither filtered nor sorted by (Object Reference,
/// "SetupAuditTrail").
fn audit_trail(state: &State) -> Table {
    let changes = state.audit_trail.iter().enumerate();
    let table = build(
        "SetupAuditTrail",
        &[
            "Id",
            "Action",
            "Section",
            "Display",
            "CreatedById",
            "CreatedBy.Username",
            "CreatedDate",
        ],
        changes
            .map(|(number, change)| {
                vec![
                    json!(format!("0Ym{:012}AAA", number + 1)),
                    json!(change.action),
                    json!("External Client Apps"),
                    json!(change.display),
                    json!(change.user.as_str()),
                    json!(change.username),
                    json!(timestamp(change.time)),
                ]
            })
            .collect(),
    );
    Table {
        only_shown: &["Section", "Display"],
        ..table
    }
}

/// The id of a permission set. Deployed ones have a record.
fn permission_set_id(state: &State, name: &str) -> String {
    match state.metadata.get(MetadataType::PermissionSet, name) {
        Some(set) => set.id.as_str().to_owned(),
        None => record_id("0PS", name),
    }
}

/// An id for what has no record here, the same each time.
fn record_id(prefix: &str, name: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (prefix, name).hash(&mut hasher);
    format!("{prefix}{:012}AAA", hasher.finish() % 1_000_000_000_000)
}
