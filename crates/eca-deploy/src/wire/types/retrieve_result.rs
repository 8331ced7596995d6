//! The status of a retrieve, and the properties of the files in it.

use base64::Engine as _;
use serde::Serialize;

use crate::wire::tree::Node;

/// A retrieve as the org describes it (WSDL 66.0, `RetrieveResult`).
pub(crate) struct RetrieveResult {
    /// The WSDL's `RetrieveStatus`.
    pub(crate) status: String,
    /// Whether the retrieve has ended.
    pub(crate) done: bool,
    /// Whether it succeeded; missing members do not change it.
    pub(crate) success: bool,
    /// The code of a failure of the retrieve as a whole.
    pub(crate) error_status_code: Option<String>,
    /// The message of a failure of the retrieve as a whole.
    pub(crate) error_message: Option<String>,
    /// About single members, such as those that the org does not have.
    pub(crate) messages: Vec<RetrieveMessage>,
    /// One per file of the zip.
    pub(crate) file_properties: Vec<FileProperties>,
    /// The zip, if it is ready and was requested. The org deletes it with the first response that
    /// carries it (Metadata API Developer Guide, "checkRetrieveStatus()").
    pub(crate) zip_file: Option<Vec<u8>>,
}

/// A message about one member of a retrieve (WSDL 66.0, `RetrieveMessage`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RetrieveMessage {
    /// File in the zip, often `package.xml`.
    pub file_name: String,
    /// Salesforce's message.
    pub problem: String,
}

/// The org's properties of a file (WSDL 66.0, `FileProperties`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileProperties {
    /// Path in the zip.
    pub file_name: String,
    /// Name of the component.
    pub full_name: String,
    /// Metadata type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The component's id in the org.
    pub id: Option<String>,
    /// User id of its creator.
    pub created_by_id: Option<String>,
    /// Name of its creator.
    pub created_by_name: Option<String>,
    /// When it was created, ISO 8601.
    pub created_date: Option<String>,
    /// User id of the user who last changed it.
    pub last_modified_by_id: Option<String>,
    /// Name of the user who last changed it.
    pub last_modified_by_name: Option<String>,
    /// When it was last changed, ISO 8601.
    pub last_modified_date: Option<String>,
    /// `unmanaged`, `installed`, …
    pub manageable_state: Option<String>,
    /// Namespace of the package it belongs to.
    pub namespace_prefix: Option<String>,
}

impl RetrieveResult {
    /// `Err` only for a zip that is not base64, `Ok(None)` if there is no status.
    pub(crate) fn read(node: &Node<'_>) -> Result<Option<Self>, base64::DecodeError> {
        let Some(status) = node.string_of(&["status"]) else {
            return Ok(None);
        };
        let zip_file = node.text_of(&["zipFile"]).map(decode).transpose()?;
        let succeeded = status == "Succeeded";
        Ok(Some(Self {
            done: node
                .bool_of(&["done"])
                .unwrap_or(succeeded || status == "Failed"),
            success: node.bool_of(&["success"]).unwrap_or(succeeded),
            error_status_code: node.string_of(&["errorStatusCode"]),
            error_message: node.string_of(&["errorMessage"]),
            messages: node
                .all("messages")
                .map(|message| RetrieveMessage {
                    file_name: message.string_of(&["fileName"]).unwrap_or_default(),
                    problem: message.string_of(&["problem"]).unwrap_or_default(),
                })
                .collect(),
            file_properties: node
                .all("fileProperties")
                .map(FileProperties::read)
                .collect(),
            zip_file,
            status,
        }))
    }
}

impl FileProperties {
    pub(crate) fn read(node: &Node<'_>) -> Self {
        Self {
            file_name: node.string_of(&["fileName"]).unwrap_or_default(),
            full_name: node.string_of(&["fullName"]).unwrap_or_default(),
            kind: node.string_of(&["type"]).unwrap_or_default(),
            id: node.string_of(&["id"]),
            created_by_id: node.string_of(&["createdById"]),
            created_by_name: node.string_of(&["createdByName"]),
            created_date: node.string_of(&["createdDate"]),
            last_modified_by_id: node.string_of(&["lastModifiedById"]),
            last_modified_by_name: node.string_of(&["lastModifiedByName"]),
            last_modified_date: node.string_of(&["lastModifiedDate"]),
            manageable_state: node.string_of(&["manageableState"]),
            namespace_prefix: node.string_of(&["namespacePrefix"]),
        }
    }
}

/// Base64 as XML Schema allows it: broken into lines.
fn decode(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    let bytes = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
    base64::engine::general_purpose::STANDARD.decode(bytes.collect::<Vec<_>>())
}
