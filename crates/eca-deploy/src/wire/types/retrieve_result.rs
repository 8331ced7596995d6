//! What a retrieve says about itself.

use std::fmt;

use base64::Engine as _;
use bytes::Bytes;
use serde::Serialize;

use crate::id::RetrieveId;
use crate::wire::tree::Node;
use crate::wire::types::status::RetrieveStatus;

/// A retrieve as the org describes it (WSDL 66.0, `RetrieveResult`). Its `Debug` shows no content.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetrieveResult {
    /// The id; absent in answers that leave it out.
    pub id: Option<RetrieveId>,
    /// Where the retrieve is.
    pub status: RetrieveStatus,
    /// Whether it has ended: the only end mark.
    pub done: bool,
    /// Whether it ended well; missing members do not change it.
    pub success: bool,
    /// The code of a failure of the retrieve as a whole.
    pub error_status_code: Option<String>,
    /// The words of a failure of the retrieve as a whole.
    pub error_message: Option<String>,
    /// About single members, such as those that the org does not have.
    pub messages: Vec<RetrieveMessage>,
    /// One per file of the zip.
    pub file_properties: Vec<FileProperties>,
    /// The zip; `None` until it is ready and asked for. The org deletes it with the first answer
    /// that carries it (Metadata API Developer Guide, "checkRetrieveStatus()").
    pub zip_file: Option<Bytes>,
}

/// What the org says about one member of a retrieve (WSDL 66.0, `RetrieveMessage`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RetrieveMessage {
    /// File in the zip, often `package.xml`.
    pub file_name: String,
    /// Salesforce's words.
    pub problem: String,
}

/// What the org knows about a file (WSDL 66.0, `FileProperties`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FileProperties {
    /// Path in the zip.
    pub file_name: String,
    /// Name of the component.
    pub full_name: String,
    /// Type in the WSDL's spelling.
    #[serde(rename = "type")]
    pub kind: String,
    /// The component's own id in the org.
    pub id: Option<String>,
    /// User id of who made it.
    pub created_by_id: Option<String>,
    /// Their name.
    pub created_by_name: Option<String>,
    /// When, ISO 8601.
    pub created_date: Option<String>,
    /// User id of who last changed it.
    pub last_modified_by_id: Option<String>,
    /// Their name.
    pub last_modified_by_name: Option<String>,
    /// When, ISO 8601.
    pub last_modified_date: Option<String>,
    /// `unmanaged`, `installed`, … as the org spells it.
    pub manageable_state: Option<String>,
    /// Namespace of the package it belongs to.
    pub namespace_prefix: Option<String>,
}

impl RetrieveResult {
    /// Reads a `RetrieveResult` leniently. `Err` only for a zip that is not base64, `Ok(None)` if
    /// there is not even a status.
    pub(crate) fn read(node: &Node<'_>) -> Result<Option<Self>, base64::DecodeError> {
        let Some(status) = node.text_of(&["status"]) else {
            return Ok(None);
        };
        let Ok(status) = status.parse::<RetrieveStatus>();
        let zip_file = node.text_of(&["zipFile"]).map(decode).transpose()?;
        Ok(Some(Self {
            id: node.text_of(&["id"]).and_then(|id| id.parse().ok()),
            done: node
                .bool_of(&["done"])
                .unwrap_or_else(|| status.looks_final()),
            success: node
                .bool_of(&["success"])
                .unwrap_or(status == RetrieveStatus::Succeeded),
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
    /// Reads one `FileProperties`, of a retrieve or of a list.
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

impl fmt::Debug for RetrieveResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetrieveResult")
            .field("id", &self.id)
            .field("status", &self.status)
            .field("done", &self.done)
            .field("success", &self.success)
            .field("error_status_code", &self.error_status_code)
            .field("error_message", &self.error_message)
            .field("messages", &self.messages)
            .field("file_properties", &self.file_properties.len())
            .field("zip_file_bytes", &self.zip_file.as_ref().map(Bytes::len))
            .finish()
    }
}

/// Base64 as XML Schema allows it: broken into lines.
fn decode(text: &str) -> Result<Bytes, base64::DecodeError> {
    let engine = base64::engine::general_purpose::STANDARD;
    if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        let packed: Vec<u8> = text
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        return engine.decode(packed).map(Bytes::from);
    }
    engine.decode(text).map(Bytes::from)
}
