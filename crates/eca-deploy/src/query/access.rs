//! Whom an administrator pre-approved for an app, and who holds these permission sets.

use serde::Serialize;

use crate::client::Client;
use crate::error::Error;
use crate::query::QueryRows;
use crate::wire::soql::{Soql, lists, text};
use crate::wire::tree::Node;

/// A row of `SetupEntityAccess` for an external client app: a permission set, or a profile, whose
/// users may use it (Object Reference, "SetupEntityAccess", type `ExternalClientApplication` from
/// API 60.0 on). A query asks for the permission "View Setup and Configuration".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AppAccess {
    /// The id of the app.
    pub app_id: String,
    /// The id of the permission set (`0PS…`).
    pub permission_set_id: String,
    /// The name of the permission set, or of the profile that owns it.
    pub granted_by: AccessGrant,
}

/// What grants access to an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AccessGrant {
    /// A permission set, by its name.
    PermissionSet(String),
    /// A profile, by its label: profiles have a permission set of their own.
    Profile(String),
}

/// An active user's assignment of a permission set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct PermissionSetHolder {
    /// The name of the permission set.
    pub permission_set: String,
    /// The id of the user.
    pub user_id: String,
}

/// A permission set in a group.
struct Grouped {
    permission_set: String,
    group_id: String,
}

/// A user's assignment of a group.
struct GroupHolder {
    group_id: String,
    user_id: String,
}

impl AppAccess {
    fn read(node: &Node<'_>) -> Option<Self> {
        let parent = node.child(&["Parent"])?;
        let profile = parent.child(&["Profile"]);
        let is_of_profile = parent.bool_of(&["IsOwnedByProfile"]) == Some(true);
        Some(Self {
            app_id: node.string_of(&["SetupEntityId"])?,
            permission_set_id: node.string_of(&["ParentId"])?,
            granted_by: if is_of_profile {
                AccessGrant::Profile(profile?.string_of(&["Name"])?)
            } else {
                AccessGrant::PermissionSet(parent.string_of(&["Name"])?)
            },
        })
    }
}

/// What pre-approves users for apps.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn app_access(client: &Client) -> Result<QueryRows<AppAccess>, Error> {
    let query = Soql {
        name: "query on SetupEntityAccess",
        text: "SELECT SetupEntityId, ParentId, Parent.Name, Parent.IsOwnedByProfile, Parent.Profile.Name \
               FROM SetupEntityAccess WHERE SetupEntityType = 'ExternalClientApplication'"
            .to_owned(),
        read: AppAccess::read,
    };
    client.rows(&query).await
}

/// The active users who hold these permission sets, alone or in a group, each once. An assignment
/// that has expired does not count.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn permission_set_holders(
    client: &Client,
    permission_sets: &[String],
) -> Result<QueryRows<PermissionSetHolder>, Error> {
    const ACTIVE: &str = "IsActive = true AND Assignee.IsActive = true";
    let direct = lists(permission_sets).into_iter().map(|names| Soql {
        name: "query on PermissionSetAssignment",
        text: format!(
            "SELECT AssigneeId, PermissionSet.Name FROM PermissionSetAssignment \
             WHERE {ACTIVE} AND PermissionSet.Name IN ({names})"
        ),
        read: |node| {
            Some(PermissionSetHolder {
                permission_set: node.child(&["PermissionSet"])?.string_of(&["Name"])?,
                user_id: node.string_of(&["AssigneeId"])?,
            })
        },
    });
    let mut holders = client.rows_of(direct).await?;
    let grouped = lists(permission_sets).into_iter().map(|names| Soql {
        name: "query on PermissionSetGroupComponent",
        text: format!(
            "SELECT PermissionSetGroupId, PermissionSet.Name FROM PermissionSetGroupComponent \
             WHERE PermissionSet.Name IN ({names})"
        ),
        read: |node| {
            Some(Grouped {
                permission_set: node.child(&["PermissionSet"])?.string_of(&["Name"])?,
                group_id: node.string_of(&["PermissionSetGroupId"])?,
            })
        },
    });
    let grouped = client.rows_of(grouped).await?;
    holders.is_complete &= grouped.is_complete;
    let mut groups: Vec<_> = grouped
        .rows
        .iter()
        .map(|row| row.group_id.clone())
        .collect();
    groups.sort_unstable();
    groups.dedup();
    let assigned = lists(&groups).into_iter().map(|ids| Soql {
        name: "query on PermissionSetAssignment",
        text: format!(
            "SELECT AssigneeId, PermissionSetGroupId FROM PermissionSetAssignment \
             WHERE {ACTIVE} AND PermissionSetGroupId IN ({ids})"
        ),
        read: |node| {
            Some(GroupHolder {
                group_id: node.string_of(&["PermissionSetGroupId"])?,
                user_id: node.string_of(&["AssigneeId"])?,
            })
        },
    });
    let assigned = client.rows_of(assigned).await?;
    holders.is_complete &= assigned.is_complete;
    for row in &grouped.rows {
        let users = assigned.rows.iter();
        let users = users.filter(|user| user.group_id == row.group_id);
        holders.rows.extend(users.map(|user| PermissionSetHolder {
            permission_set: row.permission_set.clone(),
            user_id: user.user_id.clone(),
        }));
    }
    holders.rows.sort_unstable();
    holders.rows.dedup();
    Ok(holders)
}

/// Whether a user holds a user permission, by a permission set or the profile:
/// `CustomizeApplication`. The name becomes part of a field's name and must be one.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn has_user_permission(
    client: &Client,
    user_id: &str,
    permission: &str,
) -> Result<bool, Error> {
    let permission: String = permission
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let query = format!(
        "SELECT COUNT() FROM PermissionSetAssignment WHERE AssigneeId = {} \
         AND PermissionSet.Permissions{permission} = true",
        text(user_id)
    );
    let count = client
        .count("query on PermissionSetAssignment", query)
        .await?;
    Ok(count > 0)
}
