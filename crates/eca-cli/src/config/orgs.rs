//! The orgs of `eca.toml`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use eca_apply::Gate;
use eca_attest::Audience;
use eca_deploy::DeployApi;
use eca_model::{ApiVersion, Position};
use eca_oauth::{
    ChallengeProfile, ClientId, InstanceUrl, LoginUrl, Scopes, SiteUrl, SubjectTokenType,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::config::secret_source::{SecretMember, SecretSource};
use crate::config::values::ValuesConfig;
use crate::failure::chain;

/// An org with its name and its place in `eca.toml`.
#[derive(Debug)]
pub(crate) struct OrgEntry {
    pub(crate) name: String,
    pub(crate) config: OrgConfig,
    /// `eca.toml` and its text.
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl OrgEntry {
    /// A member of this org, with its place.
    pub(crate) fn secret(&self, source: &SecretSource, name: &'static str) -> SecretMember {
        let mut place = self.path.display().to_string();
        if let Some(offset) = source.offset() {
            place = format!("{place}:{}", Position::from_offset(&self.text, offset));
        }
        SecretMember {
            place,
            org: self.name.clone(),
            name,
        }
    }

    /// A path, relative to the file.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        folder.join(path)
    }
}

/// One org.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct OrgConfig {
    /// The org's My Domain, the host of its APIs.
    #[serde(deserialize_with = "from_text")]
    pub(crate) instance_url: InstanceUrl,
    /// The host of the token endpoint; by default the instance URL.
    #[serde(default, deserialize_with = "some_from_text")]
    pub(crate) host: Option<LoginUrl>,
    /// The `aud` of JWTs for this org. Never taken from `host`: the two usually differ.
    #[serde(default, deserialize_with = "some_from_text")]
    pub(crate) audience: Option<Audience>,
    /// Other instances whose tokens are accepted, such as the one before a change of My Domain.
    #[serde(default)]
    pub(crate) allow_instance: Vec<InstanceUrl>,
    /// Other audiences for which assertions are signed.
    #[serde(default, deserialize_with = "list_from_text")]
    pub(crate) allow_audience: Vec<Audience>,
    /// The API version; by default that of the project.
    #[serde(default, deserialize_with = "some_from_text")]
    pub(crate) api_version: Option<ApiVersion>,
    /// The API for deploys; by default REST.
    pub(crate) deploy_api: Option<DeployApiConfig>,
    /// The source of access tokens.
    pub(crate) auth: Auth,
    /// Headless logins of a site's users.
    pub(crate) headless: Option<HeadlessConfig>,
    /// The same over the Headless Identity APIs.
    pub(crate) identity: Option<IdentityConfig>,
    /// What may be applied without being allowed on the command line.
    #[serde(default, deserialize_with = "list_from_text")]
    pub(crate) allow: Vec<Gate>,
    /// Members that differ in this org.
    #[serde(default)]
    pub(super) values: ValuesConfig,
}

/// The API for deploys.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DeployApiConfig {
    Rest,
    Soap,
}

impl From<DeployApiConfig> for DeployApi {
    fn from(config: DeployApiConfig) -> Self {
        match config {
            DeployApiConfig::Rest => Self::Rest,
            DeployApiConfig::Soap => Self::Soap,
        }
    }
}

/// A source of access tokens. In the file, `method` is the variant's name, beside its members.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Auth {
    /// A given access token.
    AccessToken(AccessTokenConfig),
    /// The OAuth client credentials flow.
    ClientCredentials(ClientCredentialsConfig),
    /// The OAuth token exchange flow.
    TokenExchange(ExchangeConfig),
    /// The OAuth JWT bearer flow. The org's `audience` is required.
    Jwt(JwtConfig),
    /// The refresh token that `eca login --save` stored.
    Login(LoginConfig),
    /// An SFDX auth URL.
    SfdxAuthUrl(SfdxAuthUrlConfig),
    /// A login of the Salesforce CLI.
    Sf(SfConfig),
}

impl Auth {
    /// The method's name in the file.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::AccessToken(_) => "access-token",
            Self::ClientCredentials(_) => "client-credentials",
            Self::Jwt(_) => "jwt",
            Self::TokenExchange(_) => "token-exchange",
            Self::Login(_) => "login",
            Self::SfdxAuthUrl(_) => "sfdx-auth-url",
            Self::Sf(_) => "sf",
        }
    }

    /// The consumer key that tokens are issued to, where the file names it.
    pub(crate) fn client_id(&self) -> Option<&ClientId> {
        match self {
            Self::ClientCredentials(config) => Some(&config.client_id),
            Self::TokenExchange(config) => Some(&config.client_id),
            Self::Jwt(config) => Some(&config.client_id),
            Self::Login(config) => Some(&config.client_id),
            Self::AccessToken(_) | Self::SfdxAuthUrl(_) | Self::Sf(_) => None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct AccessTokenConfig {
    pub(crate) access_token: SecretSource,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
#[expect(
    clippy::struct_field_names,
    reason = "the names of the members in the file"
)]
pub(crate) struct ClientCredentialsConfig {
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: Option<SecretSource>,
    pub(crate) client_assertion: Option<AssertionConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct SfdxAuthUrlConfig {
    pub(crate) sfdx_auth_url: SecretSource,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct SfConfig {
    /// User name or alias; by default the default org of the Salesforce CLI.
    pub(crate) target_org: Option<String>,
}

/// The claims of the JWT bearer flow, and the key that signs them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct JwtConfig {
    pub(crate) client_id: ClientId,
    pub(crate) username: String,
    pub(crate) key: KeyConfig,
    pub(crate) certificate: Option<PathBuf>,
}

/// A key file. In `eca.toml` its members are among those of the section with the key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct KeyConfig {
    #[serde(rename = "key")]
    pub(crate) path: PathBuf,
    #[serde(rename = "key-password")]
    pub(crate) password: Option<SecretSource>,
    /// The name of the key in a file with several keys.
    #[serde(rename = "key-alias")]
    pub(crate) alias: Option<String>,
}

/// A login in a browser.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct LoginConfig {
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: Option<SecretSource>,
    pub(crate) client_assertion: Option<AssertionConfig>,
    pub(crate) scope: Option<Scopes>,
    /// The port of `http://localhost:PORT/callback`, one of the app's callback URLs.
    pub(crate) redirect_port: Option<u16>,
    /// The file of the refresh token.
    pub(crate) token_file: Option<PathBuf>,
}

/// Exchanges the token of another identity provider for one of the org.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct ExchangeConfig {
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: Option<SecretSource>,
    pub(crate) client_assertion: Option<AssertionConfig>,
    /// Read for each exchange: subject tokens are often valid for minutes only.
    pub(crate) subject_token: SecretSource,
    pub(crate) subject_token_type: SubjectTokenType,
    /// The developer name of the handler; by default that of the app.
    pub(crate) handler: Option<String>,
    pub(crate) scope: Option<Scopes>,
}

/// A signed assertion instead of a secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct AssertionConfig {
    pub(crate) key: KeyConfig,
    /// The `aud`; by default the token endpoint, as Salesforce requires of a `client_assertion`.
    #[serde(default, deserialize_with = "some_from_text")]
    pub(crate) audience: Option<Audience>,
}

/// Headless logins of a site's users.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct HeadlessConfig {
    #[serde(deserialize_with = "from_text")]
    pub(crate) site_url: SiteUrl,
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: SecretSource,
    pub(crate) scope: Option<Scopes>,
    /// Signs the client attestations.
    pub(crate) key: KeyConfig,
    pub(crate) certificate: Option<PathBuf>,
    /// The `aud` of client attestations. Never taken from `site-url`.
    #[serde(deserialize_with = "from_text")]
    pub(crate) audience: Audience,
    /// The profile of the site's authorization challenge.
    pub(crate) profile: ChallengeProfile,
}

/// Headless logins over the Headless Identity APIs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct IdentityConfig {
    #[serde(deserialize_with = "from_text")]
    pub(crate) site_url: SiteUrl,
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: Option<SecretSource>,
    /// One of the app's callback URLs. It receives no request.
    pub(crate) redirect_uri: String,
    pub(crate) scope: Option<Scopes>,
    /// The proof that the site requires before it sends one-time passwords; by default none.
    pub(crate) gate: Option<GateConfig>,
    /// Where user name and password are sent; by default in a header.
    pub(crate) credentials: Option<CredentialsConfig>,
}

/// Where credentials are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CredentialsConfig {
    /// In a Basic header.
    Header,
    /// In the form, as "Require user credentials in the POST body" wants it.
    Body,
}

/// The proof that a request comes from an app.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum GateConfig {
    /// The access token of an internal integration user.
    AccessToken(SecretSource),
    /// The token of reCAPTCHA v2 or v3 from the user's browser.
    Recaptcha(SecretSource),
    /// The token of reCAPTCHA Enterprise.
    RecaptchaEvent(RecaptchaEventConfig),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct RecaptchaEventConfig {
    pub(crate) token: SecretSource,
    pub(crate) site_key: String,
    pub(crate) expected_action: String,
    pub(crate) project_id: String,
}

/// Reads a member by `FromStr`. The error includes its causes.
pub(super) fn from_text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Error + 'static>,
{
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|error: T::Err| D::Error::custom(chain(&error)))
}

/// The same for a list.
fn list_from_text<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Error + 'static>,
{
    let texts = Vec::<String>::deserialize(deserializer)?;
    let parsed = texts.iter().map(|text| text.parse());
    parsed
        .collect::<Result<_, T::Err>>()
        .map_err(|error| D::Error::custom(chain(&error)))
}

/// The same for an optional member.
pub(super) fn some_from_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Error + 'static>,
{
    from_text(deserializer).map(Some)
}
