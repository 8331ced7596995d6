//! The apps of an org as records.

use serde::Serialize;

use crate::client::Client;
use crate::error::Error;
use crate::query::QueryRows;
use crate::wire::soql::Soql;
use crate::wire::tree::Node;

/// A record of `ExternalClientApplication` (Object Reference).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AppRecord {
    /// The id (`0xI…`), by which other objects name the app.
    pub id: String,
    /// The developer name, without a namespace.
    pub developer_name: String,
    /// The label, by which tokens name the app.
    pub label: String,
    /// The namespace of the package that the app comes from.
    pub namespace: Option<String>,
}

impl AppRecord {
    /// The full name of its component.
    pub fn full_name(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}__{}", self.developer_name),
            None => self.developer_name.clone(),
        }
    }

    fn read(node: &Node<'_>) -> Option<Self> {
        let developer_name = node.string_of(&["DeveloperName"])?;
        Some(Self {
            id: node.string_of(&["Id"])?,
            label: node
                .string_of(&["MasterLabel"])
                .unwrap_or_else(|| developer_name.clone()),
            developer_name,
            namespace: node.string_of(&["NamespacePrefix"]),
        })
    }
}

/// The external client apps of the org.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn app_records(client: &Client) -> Result<QueryRows<AppRecord>, Error> {
    let query = Soql {
        name: "query on ExternalClientApplication",
        text:
            "SELECT Id, DeveloperName, MasterLabel, NamespacePrefix FROM ExternalClientApplication"
                .to_owned(),
        read: AppRecord::read,
    };
    client.rows(&query).await
}
