//! Setup's "View Setup Audit Trail".

use serde::Serialize;

use crate::client::Client;
use crate::error::Error;
use crate::query::QueryRows;
use crate::wire::soql::Soql;
use crate::wire::tree::Node;

/// An entry of `SetupAuditTrail` (Object Reference). No public page lists the actions for external
/// client apps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SetupAuditEntry {
    /// The name of the change.
    pub action: Option<String>,
    /// The area of Setup.
    pub section: Option<String>,
    /// The change in words.
    pub display: String,
    /// When it was made, ISO 8601.
    pub created_date: String,
    /// The user name of who made it. Salesforce's own changes have none.
    pub username: Option<String>,
}

impl SetupAuditEntry {
    fn read(node: &Node<'_>) -> Option<Self> {
        Some(Self {
            action: node.string_of(&["Action"]),
            section: node.string_of(&["Section"]),
            display: node.string_of(&["Display"])?,
            created_date: node.string_of(&["CreatedDate"])?,
            username: node
                .child(&["CreatedBy"])
                .and_then(|user| user.string_of(&["Username"])),
        })
    }
}

/// The latest entries, newest first. Neither `Display` nor `Section` can be filtered by, so that
/// the caller chooses among them.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn setup_audit_trail(
    client: &Client,
    limit: u16,
) -> Result<QueryRows<SetupAuditEntry>, Error> {
    let query = Soql {
        name: "query on SetupAuditTrail",
        text: format!(
            "SELECT Action, Section, Display, CreatedDate, CreatedBy.Username FROM SetupAuditTrail \
             ORDER BY CreatedDate DESC LIMIT {limit}"
        ),
        read: SetupAuditEntry::read,
    };
    client.rows(&query).await
}
