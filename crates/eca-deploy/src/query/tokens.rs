//! The tokens that apps hold.

use serde::Serialize;

use crate::client::Client;
use crate::error::Error;
use crate::query::QueryRows;
use crate::wire::soql::{Soql, lists};
use crate::wire::tree::Node;

/// A query returns at most so many (Object Reference, "OauthToken").
const MOST_ROWS: usize = 2_500;

/// A record of `OauthToken`: a refresh token (Object Reference). Flows without refresh tokens, such
/// as client credentials and JWT bearer, leave none.
///
/// The text of the token and the one that revokes it are not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OauthTokenRecord {
    /// The label of the app.
    pub app_name: String,
    /// The id of the user.
    pub user_id: String,
    /// When it was last used, ISO 8601.
    pub last_used: Option<String>,
}

impl OauthTokenRecord {
    fn read(node: &Node<'_>) -> Option<Self> {
        Some(Self {
            app_name: node.string_of(&["AppName"])?,
            user_id: node.string_of(&["UserId"])?,
            last_used: node.string_of(&["LastUsedDate"]),
        })
    }
}

/// The tokens of the apps with these labels.
///
/// A user without the permission "Customize Application" sees none but the own tokens, and the org
/// does not say so: ask for it with [`has_user_permission`](crate::has_user_permission). A query on
/// this object ends after 2,500 rows, which [`QueryRows::is_complete`] tells.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn oauth_tokens(
    client: &Client,
    app_names: &[String],
) -> Result<QueryRows<OauthTokenRecord>, Error> {
    let queries = lists(app_names).into_iter().map(|names| Soql {
        name: "query on OauthToken",
        text: format!(
            "SELECT AppName, UserId, LastUsedDate FROM OauthToken WHERE AppName IN ({names})"
        ),
        read: OauthTokenRecord::read,
    });
    let mut all = QueryRows::new();
    for query in queries {
        let mut found = client.rows(&query).await?;
        found.is_complete &= found.rows.len() < MOST_ROWS;
        all.extend(found);
    }
    Ok(all)
}
