//! The results of the CRUD calls.

use std::fmt;

use serde::Serialize;

use crate::wire::tree::Node;

/// The result for one component (WSDL 66.0, `SaveResult`, `UpsertResult`, `DeleteResult`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SaveResult {
    /// The component.
    pub full_name: String,
    /// Whether the call succeeded for it.
    pub success: bool,
    /// Whether it is new in the org; of `upsertMetadata` only.
    pub created: Option<bool>,
    /// Why the call failed for it.
    pub errors: Vec<SaveError>,
}

/// Why a component was not written (WSDL 66.0, `Error`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SaveError {
    /// Salesforce's code.
    pub status_code: String,
    /// Salesforce's message.
    pub message: String,
    /// The fields that it is about.
    pub fields: Vec<String>,
    /// More specific codes, if any.
    pub extended_error_codes: Vec<String>,
}

impl SaveResult {
    /// A result with neither success nor error counts as failed.
    pub(crate) fn read(node: &Node<'_>) -> Self {
        Self {
            full_name: node.string_of(&["fullName"]).unwrap_or_default(),
            success: node.bool_of(&["success"]).unwrap_or(false),
            created: node.bool_of(&["created"]),
            errors: node.all("errors").map(SaveError::read).collect(),
        }
    }
}

impl SaveError {
    fn read(node: &Node<'_>) -> Self {
        Self {
            status_code: node.string_of(&["statusCode"]).unwrap_or_default(),
            message: node.string_of(&["message"]).unwrap_or_default(),
            fields: node
                .all("fields")
                .filter_map(|field| field.text().map(str::to_owned))
                .collect(),
            extended_error_codes: node
                .all("extendedErrorDetails")
                .filter_map(|details| details.string_of(&["extendedErrorCode"]))
                .collect(),
        }
    }
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status_code, self.message)
    }
}
