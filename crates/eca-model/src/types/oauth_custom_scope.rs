//! `.oauthcustomscope` files.

use eca_model_derive::Record;

/// An OAuth scope that the org defines. External client apps refer to it by its developer name, in
/// `commaSeparatedCustomScopes`.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "oauthcustomscopes",
    suffix = "oauthcustomscope",
    since = 47
)]
pub struct OauthCustomScope {
    /// The connected apps that may ask for it. External client apps name their scopes themselves.
    #[field(since = 49, key = "connectedApp")]
    pub assigned_to: Vec<OauthCustomScopeApp>,
    /// What the scope allows.
    #[field(required)]
    pub description: Option<String>,
    /// The scope's name, as apps refer to it.
    #[field(required)]
    pub developer_name: Option<String>,
    /// Whether subscribers of a package may not refer to it.
    pub is_protected: Option<bool>,
    /// Whether the OpenID discovery document lists it.
    pub is_public: Option<bool>,
    /// The name that people see.
    #[field(required)]
    pub master_label: Option<String>,
}

/// A connected app that may request a custom scope.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct OauthCustomScopeApp {
    /// The connected app.
    #[field(since = 49, required, references = "ConnectedApp")]
    pub connected_app: Option<String>,
}
