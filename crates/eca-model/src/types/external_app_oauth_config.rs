//! The OAuth configuration inside an app's header, of the pilot in API 56.

use crate::types::{ConnectedAppOauthAccessScope, ExternalAppIdTokenConfig};
use crate::values::text::SecretText;
use eca_model_derive::Record;

/// Historic: the OAuth configuration that stood in an app's header before it became types of its
/// own.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExternalAppOauthConfig {
    /// The redirect address.
    #[field(since = 56, until = 56, required)]
    pub callback_url: Option<String>,
    /// The certificate that verifies the app's JWT bearer assertions.
    #[field(since = 56, until = 56)]
    pub certificate: Option<String>,
    /// The client id, made by the org.
    #[field(since = 56, until = 56, generated)]
    pub consumer_key: Option<String>,
    /// The client secret. Must never be in a file.
    #[field(since = 56, until = 56, secret)]
    pub consumer_secret: Option<SecretText>,
    /// How ID tokens look.
    #[field(since = 56, until = 56)]
    pub id_token_config: Option<ExternalAppIdTokenConfig>,
    /// Whether the client credentials flow is available.
    #[field(since = 56, until = 56)]
    pub is_client_credential_enabled: Option<bool>,
    /// Whether the web server flow works without the client secret.
    #[field(since = 56, until = 56)]
    pub is_consumer_secret_optional: Option<bool>,
    /// Whether the app may introspect every token of the org.
    #[field(since = 56, until = 56)]
    pub is_introspect_all_tokens: Option<bool>,
    /// Whether a refresh needs the client secret.
    #[field(since = 56, until = 56)]
    pub is_secret_required_for_refresh_token: Option<bool>,
    /// The OAuth scopes.
    #[field(since = 56, until = 56)]
    pub selected_scopes: Option<ExternalAppOauthConsumerScope>,
    /// Where the org sends a logout request.
    #[field(since = 56, until = 56)]
    pub single_logout_url: Option<String>,
}

/// Historic: OAuth scopes, one element each.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExternalAppOauthConsumerScope {
    /// The scopes, in the vocabulary of connected apps.
    #[field(since = 56, until = 56)]
    pub scope: Vec<ConnectedAppOauthAccessScope>,
}
