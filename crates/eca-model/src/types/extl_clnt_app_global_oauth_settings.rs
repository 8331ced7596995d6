//! `.ecaGlblOauth` files.

use crate::values::text::SecretText;
use eca_model_derive::Record;

/// The OAuth consumer behind an app: callback addresses, key and secret, and which flows are
/// switched on. It cannot be packaged, and Salesforce advises against keeping it in source control.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppGlobalOauthSets",
    suffix = "ecaGlblOauth",
    since = 58
)]
pub struct ExtlClntAppGlobalOauthSettings {
    /// The redirect addresses, separated by line feeds, 2000 characters in all. Https or a custom
    /// scheme.
    #[field(max_length = 2000, setup = "Callback URL")]
    pub callback_url: Option<String>,
    /// The certificate that verifies the app's JWT bearer assertions: base64 body without armour.
    /// A deploy that leaves it out wipes it.
    #[field(since = 60)]
    pub certificate: Option<String>,
    /// The client id. Made by the org, public, bound to that org.
    #[field(generated)]
    pub consumer_key: Option<String>,
    /// The client secret. Must never be in a file.
    #[field(secret)]
    pub consumer_secret: Option<SecretText>,
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// How ID tokens look.
    #[field(setup = "Configure ID token")]
    pub id_token_config: Option<ExternalAppIdTokenConfig>,
    /// Historic: whether the client credentials flow is available. Now
    /// `isClientCredentialsFlowEnabled`.
    #[field(until = 58)]
    pub is_client_credential_enabled: Option<bool>,
    /// Whether the client credentials flow is available. The policies must switch it on too, and
    /// name the user to run as.
    #[field(since = 60, default = "false", always_retrieved)]
    pub is_client_credentials_flow_enabled: Option<bool>,
    /// Whether the Authorization Code and Credentials flow is available. The org has a switch of
    /// its own for it.
    #[field(since = 61, default = "false", always_retrieved)]
    pub is_code_cred_flow_enabled: Option<bool>,
    /// Whether that flow takes credentials in the request body only.
    #[field(since = 61, default = "false", always_retrieved)]
    pub is_code_cred_post_only: Option<bool>,
    /// Whether the web server flow works without the client secret. Must be `false` for headless
    /// first-party flows, which are for private clients only.
    #[field(
        default = "false",
        always_retrieved,
        setup = "Require Secret for Web Server Flow",
        inverted
    )]
    pub is_consumer_secret_optional: Option<bool>,
    /// Whether tokens are bound to a key by DPoP (RFC 9449). Not documented yet; seen in files one
    /// version before the schema has it.
    #[field(since = 68)]
    pub is_d_pop_enabled: Option<bool>,
    /// Whether the device flow is available.
    #[field(since = 60, default = "false", always_retrieved)]
    pub is_device_flow_enabled: Option<bool>,
    /// Whether refresh tokens end after 30 days without use. Then a refresh policy of `Infinite`
    /// no longer holds.
    #[field(name = "isEnforceRefreshTokenTTL", since = 67)]
    pub is_enforce_refresh_token_ttl: Option<bool>,
    /// Whether the app may introspect every token of the org, not only its own.
    #[field(default = "false", always_retrieved, setup = "Introspect all Tokens")]
    pub is_introspect_all_tokens: Option<bool>,
    /// Whether the client authenticates by mutual TLS (RFC 8705). Not documented yet.
    #[field(since = 68)]
    pub is_mtls_enabled: Option<bool>,
    /// Whether users get access tokens in JWT format. SOAP refuses those below API 68.
    #[field(
        since = 61,
        default = "false",
        always_retrieved,
        setup = "Issue JSON Web Token (JWT)-based access tokens for named users"
    )]
    pub is_named_user_jwt_enabled: Option<bool>,
    /// Whether authorization code flows demand PKCE. Must be `true` for headless first-party
    /// flows.
    #[field(
        since = 59,
        default = "true",
        always_retrieved,
        setup = "Require Proof Key for Code Exchange (PKCE) extension for Supported Authorization Flows"
    )]
    pub is_pkce_required: Option<bool>,
    /// Whether each refresh gives a new refresh token and ends the old one.
    #[field(
        since = 60,
        default = "false",
        always_retrieved,
        setup = "Enable Refresh Token Rotation"
    )]
    pub is_refresh_token_rotation_enabled: Option<bool>,
    /// Whether a refresh needs the client secret.
    #[field(
        default = "true",
        always_retrieved,
        setup = "Require Secret for Refresh Token Flow"
    )]
    pub is_secret_required_for_refresh_token: Option<bool>,
    /// Whether a token exchange needs the client secret.
    #[field(since = 60, default = "false", always_retrieved)]
    pub is_secret_required_for_token_exchange: Option<bool>,
    /// Whether the token exchange flow is available. The policies must switch it on too.
    #[field(since = 60, default = "false", always_retrieved)]
    pub is_token_exchange_enabled: Option<bool>,
    /// The name that people see.
    pub label: Option<String>,
    /// Whether this deploy replaces the consumer key. Never to be left `true`: every deploy would
    /// do it again.
    #[field(since = 59, default = "false", always_retrieved)]
    pub should_rotate_consumer_key: Option<bool>,
    /// Whether this deploy replaces the consumer secret. Never to be left `true`.
    #[field(since = 59, default = "false", always_retrieved)]
    pub should_rotate_consumer_secret: Option<bool>,
    /// Historic: where the org sends a logout request. Before and after a member of the OAuth
    /// settings.
    #[field(until = 58)]
    pub single_logout_url: Option<String>,
}

/// How an app's ID tokens look.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExternalAppIdTokenConfig {
    /// Who the ID token is for.
    #[field(since = 56, setup = "ID Token Audiences")]
    pub id_token_audience: Option<String>,
    /// Whether custom attributes are included.
    #[field(since = 56, gap = 58..=58, setup = "Custom Attributes")]
    pub id_token_include_attributes: Option<bool>,
    /// Whether custom permissions are included.
    #[field(since = 61, setup = "Include Custom Permissions")]
    pub id_token_include_custom_permissions: Option<bool>,
    /// Historic: whether custom permissions are included.
    #[field(since = 56, until = 57)]
    pub id_token_include_custom_perms: Option<bool>,
    /// Whether the standard claims about the user are included.
    #[field(since = 56, setup = "Include Standard Claims")]
    pub id_token_include_standard_claims: Option<bool>,
    /// Historic: how long an ID token is valid.
    #[field(since = 56, until = 57)]
    pub id_token_validity: Option<i32>,
    /// How long an ID token is valid, in minutes. The guide's own sample says 0.
    #[field(
        since = 58,
        default = "2",
        range = 1..=720,
        setup = "Token duration in minutes"
    )]
    pub id_token_validity_in_minutes: Option<i32>,
}
