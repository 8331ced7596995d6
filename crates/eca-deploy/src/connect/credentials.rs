//! Stored credentials, by their names. Values are neither asked for nor kept.

use serde::Serialize;

use crate::client::Client;
use crate::error::Error;
use crate::wire::connect::{get, part};
use crate::wire::tree::Node;

/// A principal of an external credential.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct CredentialPrincipal {
    /// Its name.
    pub name: String,
    /// `NamedPrincipal`, `PerUserPrincipal` or `AwsStsPrincipal`.
    pub kind: String,
}

/// What the org has for a principal. The names of the parameters are read, never their values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StoredCredential {
    /// The names of the parameters that have a value.
    pub names: Vec<String>,
    /// `Configured`, `NotConfigured` or `Unknown`. It proves little: a custom credential that
    /// works can read `Unknown`.
    pub status: Option<String>,
}

impl StoredCredential {
    /// Whether something is stored.
    pub fn is_there(&self) -> bool {
        !self.names.is_empty() || self.status.as_deref() == Some("Configured")
    }

    fn read(node: &Node<'_>) -> Self {
        let credentials = node.all("credentials").flat_map(Node::children);
        Self {
            names: credentials.map(|one| one.name().to_owned()).collect(),
            status: node.string_of(&["authenticationStatus"]),
        }
    }
}

/// The principals of an external credential, by its developer name (Connect REST API Developer
/// Guide, "External Credential", 56.0).
///
/// # Errors
/// The org's refusal, or no response.
pub async fn credential_principals(
    client: &Client,
    external_credential: &str,
) -> Result<Vec<CredentialPrincipal>, Error> {
    let resource = format!(
        "named-credentials/external-credentials/{}",
        part(external_credential)
    );
    let read = |node: &Node<'_>| {
        let principal = |node: &Node<'_>| {
            Some(CredentialPrincipal {
                name: node.string_of(&["principalName"])?,
                kind: node.string_of(&["principalType"])?,
            })
        };
        node.all("principals").filter_map(principal).collect()
    };
    client
        .execute(get("REST external credential", resource, read))
        .await
}

/// What the org has for a principal (Connect REST API Developer Guide, "Credential", 56.0).
///
/// # Errors
/// The org's refusal, or no response.
pub async fn stored_credential(
    client: &Client,
    external_credential: &str,
    principal: &CredentialPrincipal,
) -> Result<StoredCredential, Error> {
    let resource = format!(
        "named-credentials/credential?externalCredential={}&principalName={}&principalType={}",
        part(external_credential),
        part(&principal.name),
        part(&principal.kind)
    );
    client
        .execute(get("REST credential", resource, StoredCredential::read))
        .await
}
