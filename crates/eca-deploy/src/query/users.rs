//! Users.

use serde::Serialize;

use crate::client::Client;
use crate::error::Error;
use crate::query::QueryRows;
use crate::wire::resources;
use crate::wire::soql::{Soql, lists, text};
use crate::wire::tree::Node;

/// A record of `User`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UserRecord {
    /// The id (`005…`).
    pub id: String,
    /// The user name.
    pub username: String,
    /// Whether the user can log in.
    pub is_active: bool,
}

impl UserRecord {
    fn read(node: &Node<'_>) -> Option<Self> {
        Some(Self {
            id: node.string_of(&["Id"])?,
            username: node.string_of(&["Username"])?,
            is_active: node.bool_of(&["IsActive"])?,
        })
    }
}

/// The users with these names. One that is missing does not exist.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn users(client: &Client, usernames: &[String]) -> Result<QueryRows<UserRecord>, Error> {
    let queries = lists(usernames).into_iter().map(|names| Soql {
        name: "query on User",
        text: format!("SELECT Id, Username, IsActive FROM User WHERE Username IN ({names})"),
        read: UserRecord::read,
    });
    client.rows_of(queries).await
}

/// The ids of those of these users who may use the API only ("API Only User").
///
/// # Errors
/// The org's refusal, or no response.
pub async fn api_only_users(
    client: &Client,
    user_ids: &[String],
) -> Result<QueryRows<String>, Error> {
    let queries = lists(user_ids).into_iter().map(|ids| Soql {
        name: "query on PermissionSetAssignment",
        text: format!(
            "SELECT AssigneeId FROM PermissionSetAssignment \
             WHERE PermissionSet.PermissionsApiUserOnly = true AND AssigneeId IN ({ids})"
        ),
        read: |node| node.string_of(&["AssigneeId"]),
    });
    client.rows_of(queries).await
}

/// How many active users have a profile, by its label.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn active_users_of_profile(client: &Client, profile: &str) -> Result<u64, Error> {
    let query = format!(
        "SELECT COUNT() FROM User WHERE IsActive = true AND Profile.Name = {}",
        text(profile)
    );
    client.count("query on User", query).await
}

/// Whose session a client has, where the org says it (REST API Developer Guide, "List Available
/// REST Resources").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OrgSession {
    /// The id of the org (`00D…`).
    pub org_id: Option<String>,
    /// The id of the user (`005…`).
    pub user_id: Option<String>,
}

/// The org and the user of the session of a client.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn org_session(client: &Client) -> Result<OrgSession, Error> {
    let session = client.execute(resources::session()).await?;
    Ok(OrgSession {
        org_id: session.org_id,
        user_id: session.user_id,
    })
}
