//! The file `OauthOidc.settings`.

use eca_model_derive::Record;

/// The org's switches for OAuth flows, which apply to all apps. There is one file, and manifests
/// list it as the member OauthOidc of the type Settings.
///
/// It is not a type of external client apps; this crate has it because a flow that the org blocks
/// is blocked for them too.
///
/// # Sources
/// Metadata API Developer Guide, `OauthOidcSettings`; metadata WSDL 57.0 to 66.0.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "settings",
    suffix = "settings",
    manifest = "Settings",
    fixed_name = "OauthOidc",
    since = 56
)]
pub struct OauthOidcSettings {
    /// For Salesforce's own use.
    #[field(since = 65)]
    pub agent_auth_linking: Option<bool>,
    /// Whether the username-password flow is blocked.
    #[field(name = "blockOAuthUnPwFlow", default = "false")]
    pub block_oauth_username_password_flow: Option<bool>,
    /// Whether the user-agent flow is blocked.
    #[field(name = "blockOAuthUsrAgtFlow", default = "false")]
    pub block_oauth_user_agent_flow: Option<bool>,
    /// For Salesforce's own use. The guide lists it; only the WSDL of 57.0 has it.
    #[field(since = 57, until = 57)]
    pub enable_hdless_fgt_psw_flow: Option<bool>,
    /// Whether every variant of the authorization code flow needs PKCE, in all apps of the org.
    #[field(since = 59, default = "false")]
    pub is_pkce_required: Option<bool>,
    /// Whether the org lets apps use the authorization code and credentials flow.
    #[field(name = "oAuthCdCrdtFlowEnable", since = 57, default = "false")]
    pub is_code_credentials_flow_enabled: Option<bool>,
}
