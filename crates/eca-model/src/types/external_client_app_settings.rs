//! The file `ExternalClientApp.settings`.

use eca_model_derive::Record;

/// The org's switches for external client apps. There is one file, and manifests list it as the
/// member ExternalClientApp of the type Settings.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "settings",
    suffix = "settings",
    manifest = "Settings",
    fixed_name = "ExternalClientApp",
    since = 57
)]
pub struct ExternalClientAppSettings {
    /// Whether the REST API for OAuth credentials returns client secrets.
    #[field(since = 60)]
    pub enable_client_secret_in_rest_api_access: Option<bool>,
    /// Whether the Metadata API returns consumer secrets. Deprecated.
    pub enable_consumer_secret_api_access: Option<bool>,
    /// Historic: whether external client apps are on. Retrieves of later versions still write it,
    /// as nil.
    #[field(since = 58, until = 62)]
    pub enable_external_client_apps: Option<bool>,
    /// Whether packages may contain the OAuth settings of apps of a developer org.
    #[field(since = 60)]
    pub enable_package_eca_oauth_from_dev_org: Option<bool>,
}
