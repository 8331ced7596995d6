//! `.ecaPlcy` files.

use crate::types::ExtlClntAppStartPage;
use eca_model_derive::Record;

/// Which plugins of an app are enabled in this org. The org creates a default record on the first
/// deploy.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppPolicies",
    suffix = "ecaPlcy",
    since = 60,
    org_made
)]
pub struct ExtlClntAppConfigurablePolicies {
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// Whether the mobile attestation plugin is on. Not documented yet.
    #[field(since = 68)]
    pub is_attest_plugin_enabled: Option<bool>,
    /// Whether the canvas plugin is on.
    #[field(since = 65, default = "true")]
    pub is_canvas_plugin_enabled: Option<bool>,
    /// Whether the app is on at all.
    #[field(required, default = "true")]
    pub is_enabled: Option<bool>,
    /// Whether the mobile plugin is on.
    #[field(since = 62, default = "true")]
    pub is_mobile_plugin_enabled: Option<bool>,
    /// Whether the notification plugin is on.
    #[field(since = 61, default = "true")]
    pub is_notification_plugin_enabled: Option<bool>,
    /// Whether the OAuth plugin is on. Headless flows need it.
    #[field(default = "true")]
    pub is_oauth_plugin_enabled: Option<bool>,
    /// Whether the push plugin is on.
    #[field(since = 62, default = "true")]
    pub is_push_plugin_enabled: Option<bool>,
    /// Whether the SAML plugin is on.
    #[field(since = 63, default = "true")]
    pub is_saml_plugin_enabled: Option<bool>,
    /// The name that people see.
    pub label: Option<String>,
    /// What a user sees first when opening the app.
    #[field(since = 62, default = "None", always_retrieved)]
    pub start_page: Option<ExtlClntAppStartPage>,
    /// The page that opens, when the start page is Custom.
    #[field(since = 62)]
    pub start_url: Option<String>,
}
