//! `.ecaOauth` files.

use crate::types::ExternalAppIdTokenConfig;
use crate::values::text::{NameList, ScopeList, SecretText};
use eca_model_derive::Record;

/// The developer's part of an app's OAuth configuration: scopes, custom attributes, the first-party
/// switch and the certificate of client attestations. It can be packaged.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppOauthSettings",
    suffix = "ecaOauth",
    since = 57
)]
pub struct ExtlClntAppOauthSettings {
    /// Whether the custom attributes go into asset tokens.
    #[field(since = 61, default = "false")]
    pub are_attributes_included_in_asset_token: Option<bool>,
    /// Whether custom permissions go into asset tokens.
    #[field(since = 61, default = "false")]
    pub are_custom_perms_included_in_asset_token: Option<bool>,
    /// The audiences of asset tokens, as one string.
    #[field(since = 61)]
    pub asset_token_audiences: Option<String>,
    /// The org certificate that signs asset tokens. At most 4 KB.
    #[field(since = 61, references = "Certificate")]
    pub asset_token_signing_certificate: Option<String>,
    /// How long asset tokens are valid, in seconds. The guide is unclear about the reference
    /// point.
    #[field(since = 61)]
    pub asset_token_validity: Option<i32>,
    /// Historic: the redirect address. Now a member of the global settings.
    #[field(until = 57)]
    pub callback_url: Option<String>,
    /// Historic: the certificate that verifies JWT bearer assertions. Now a member of the global
    /// settings.
    #[field(until = 57)]
    pub certificate: Option<String>,
    /// The certificate whose key signs the client attestation JWTs of the OAuth 2.0 for
    /// First-Party Applications flows (RS256). The base64 body of an X.509 certificate of at
    /// most 4 KB, without PEM armour. Public, not a secret.
    #[field(since = 62)]
    pub client_assertion_certificate: Option<String>,
    /// Custom scopes by developer name, separated by commas. In the schema, but not in the guide's
    /// page of this type.
    #[field(since = 61, references = "OauthCustomScope")]
    pub comma_separated_custom_scopes: Option<NameList>,
    /// The OAuth scopes that the app may ask for. An org writes them with a comma and a space, in
    /// the order of its own list.
    #[field(since = 58)]
    pub comma_separated_oauth_scopes: Option<ScopeList>,
    /// Historic: the OAuth scopes, under a misspelled name.
    #[field(until = 57)]
    pub comma_seperated_oauth_scopes: Option<ScopeList>,
    /// Historic: the client id. Now a member of the global settings.
    #[field(until = 57, generated)]
    pub consumer_key: Option<String>,
    /// Historic: the client secret. Must never be in a file.
    #[field(until = 57, secret)]
    pub consumer_secret: Option<SecretText>,
    /// Attributes that go into the identity response and into tokens. Their keys are unique.
    #[field(since = 59, max_items = 128)]
    pub custom_attributes: Vec<ExtlClntAppOauthSettingsAttribute>,
    /// The developer name of the app that these settings belong to.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// Historic: how ID tokens look. Now a member of the global settings.
    #[field(until = 57)]
    pub id_token_config: Option<ExternalAppIdTokenConfig>,
    /// Historic: whether the client credentials flow is available. Now a member of the global
    /// settings.
    #[field(until = 57)]
    pub is_client_credential_enabled: Option<bool>,
    /// Historic: whether the web server flow works without the client secret. Now a member of the
    /// global settings.
    #[field(until = 57)]
    pub is_consumer_secret_optional: Option<bool>,
    /// Whether the app may call the authorization challenge endpoint of an Experience Cloud site,
    /// that is, log users in headless.
    #[field(since = 62, default = "false", always_retrieved)]
    pub is_first_party_app_enabled: Option<bool>,
    /// Historic: whether the app may introspect every token of the org. Now a member of the global
    /// settings.
    #[field(until = 57)]
    pub is_introspect_all_tokens: Option<bool>,
    /// Historic: whether a refresh needs the client secret. Now a member of the global settings.
    #[field(until = 57)]
    pub is_secret_required_for_refresh_token: Option<bool>,
    /// The name that people see.
    pub label: Option<String>,
    /// `<15-character org id>:<15-character consumer id>`, made by the org: which consumer holds
    /// key and secret. A wrong value fails the deploy; leave it out unless the app shares the
    /// consumer of its source org.
    #[field(generated)]
    pub oauth_link: Option<String>,
    /// Where the org sends a logout request when the user logs out. In API 58 it stood in the
    /// global settings.
    #[field(gap = 58..=58)]
    pub single_logout_url: Option<String>,
    /// Address ranges from which users need not verify themselves.
    #[field(since = 58, max_items = 128)]
    pub trusted_ip_ranges: Vec<ExtlClntAppOauthIpRange>,
}

/// A range of trusted addresses.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExtlClntAppOauthIpRange {
    /// What the range is for.
    #[field(since = 58)]
    pub description: Option<String>,
    /// The last address, inclusive.
    #[field(since = 58, required)]
    pub end_ip_address: Option<String>,
    /// The first address, inclusive.
    #[field(since = 58, required)]
    pub start_ip_address: Option<String>,
}

/// A custom attribute of the OAuth settings.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExtlClntAppOauthSettingsAttribute {
    /// The field that gives the value, such as `Organization.Country`.
    #[field(since = 59, required)]
    pub formula: Option<String>,
    /// The attribute's name, unique in the file.
    #[field(since = 59, required)]
    pub key: Option<String>,
}
