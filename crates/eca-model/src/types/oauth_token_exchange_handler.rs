//! `.oauthtokenexchangehandler` files.

use eca_model_derive::Record;

/// What exchanges a token of another identity provider for one of this org: an Apex class, and the
/// apps that may use it.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "oauthtokenexchangehandlers",
    suffix = "oauthtokenexchangehandler",
    since = 60
)]
pub struct OauthTokenExchangeHandler {
    /// What the handler is for.
    #[field(required)]
    pub description: Option<String>,
    /// The handler's name.
    #[field(required)]
    pub developer_name: Option<String>,
    /// The apps that may use it.
    #[field(key = "connectedApp, externalClientApp")]
    pub enablements: Vec<OauthTokenExchHandlerApp>,
    /// Whether it accepts access tokens.
    #[field(required)]
    pub is_access_token_supported: Option<bool>,
    /// Whether it may create contacts.
    #[field(since = 65, required)]
    pub is_contact_creation_allowed: Option<bool>,
    /// Whether it is enabled.
    #[field(required)]
    pub is_enabled: Option<bool>,
    /// Whether it accepts ID tokens.
    #[field(required)]
    pub is_id_token_supported: Option<bool>,
    /// Whether it accepts other JWTs.
    #[field(required)]
    pub is_jwt_supported: Option<bool>,
    /// Whether subscribers of a package may not refer to it.
    pub is_protected: Option<bool>,
    /// Whether it accepts refresh tokens.
    #[field(required)]
    pub is_refresh_token_supported: Option<bool>,
    /// Whether it accepts SAML 2.0 assertions.
    #[field(required)]
    pub is_saml2_supported: Option<bool>,
    /// Whether it may create users.
    #[field(required)]
    pub is_user_creation_allowed: Option<bool>,
    /// The name that people see.
    #[field(required)]
    pub master_label: Option<String>,
    /// The Apex class that validates tokens and finds their users.
    #[field(required, references = "ApexClass")]
    pub token_handler_apex: Option<String>,
}

/// An app that may use a token exchange handler.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct OauthTokenExchHandlerApp {
    /// The user name that the Apex class runs as.
    #[field(since = 60, required, references = "User")]
    pub apex_execution_user: Option<String>,
    /// The connected app, when it is one.
    #[field(since = 60, references = "ConnectedApp")]
    pub connected_app: Option<String>,
    /// The developer name of the external client app, when it is one.
    #[field(since = 60, references = "ExternalClientApplication")]
    pub external_client_app: Option<String>,
    /// Whether the handler is the app's default one.
    #[field(since = 60, required)]
    pub is_default: Option<bool>,
}
