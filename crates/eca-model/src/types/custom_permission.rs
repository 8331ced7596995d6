//! `.customPermission` files.

use eca_model_derive::Record;

/// A permission that an org defines for itself, perhaps on behalf of an app.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "customPermissions",
    suffix = "customPermission",
    since = 47
)]
pub struct CustomPermission {
    /// The connected app that the permission belongs to.
    #[field(references = "ConnectedApp")]
    pub connected_app: Option<String>,
    /// What it permits.
    pub description: Option<String>,
    /// The developer name of the external client app that the permission belongs to. It refers to
    /// the app without being a part of it.
    #[field(since = 61, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// Whether a license is needed.
    #[field(since = 50, required)]
    pub is_licensed: Option<bool>,
    /// The name that people see.
    #[field(required)]
    pub label: Option<String>,
    /// Other custom permissions that it depends on.
    #[field(key = "customPermission")]
    pub required_permission: Vec<CustomPermissionDependencyRequired>,
}

/// A custom permission that another one depends on.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct CustomPermissionDependencyRequired {
    /// The custom permission.
    #[field(required, references = "CustomPermission")]
    pub custom_permission: Option<String>,
    /// Whether it is needed.
    #[field(required)]
    pub dependency: Option<bool>,
}
