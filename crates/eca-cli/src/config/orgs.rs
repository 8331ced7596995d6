//! The orgs of `eca.toml`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use eca_attest::Audience;
use eca_deploy::DeployApi;
use eca_model::ApiVersion;
use eca_oauth::{
    ChallengeProfile, ClientId, InstanceUrl, LoginUrl, Scopes, SiteUrl, SubjectTokenType,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::config::SecretSource;
use crate::failure::chain;

/// An org with its name, and the folder that its paths are relative to.
#[derive(Debug)]
pub(crate) struct OrgEntry {
    pub(crate) name: String,
    pub(crate) config: OrgConfig,
    pub(super) folder: PathBuf,
}

impl OrgEntry {
    /// A path of the file, which is relative to it.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}

/// One org.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct OrgConfig {
    /// Where the APIs are: the org's My Domain.
    #[serde(deserialize_with = "from_text")]
    pub(crate) instance_url: InstanceUrl,
    /// Where tokens are asked from; the instance URL when left out.
    #[serde(default, deserialize_with = "some_from_text")]
    pub(crate) host: Option<LoginUrl>,
    /// The `aud` of JWTs for this org. Never taken from `host`: the two differ more often than
    /// not.
    #[serde(default, deserialize_with = "some_from_text")]
    pub(crate) audience: Option<Audience>,
    /// The API version to speak; the project's when left out.
    #[serde(default, deserialize_with = "some_from_text")]
    pub(crate) api_version: Option<ApiVersion>,
    /// Which API carries deploys; REST when left out.
    pub(crate) deploy_api: Option<DeployApiConfig>,
    /// How to get a token.
    pub(crate) auth: Auth,
    /// How users of a site log in without a browser.
    pub(crate) headless: Option<HeadlessConfig>,
    /// The same by the Headless Identity APIs.
    pub(crate) identity: Option<IdentityConfig>,
}

/// Which API carries deploys.
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

/// How to get a token. The file has the variant's name as `method`, beside its members.
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
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct AccessTokenConfig {
    pub(crate) access_token: SecretSource,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
#[expect(clippy::struct_field_names, reason = "the members are called so")]
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
    /// User name or alias; the default org of the Salesforce CLI when left out.
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

/// A key file. In the file its members stand among those of the section that has a key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct KeyConfig {
    #[serde(rename = "key")]
    pub(crate) path: PathBuf,
    #[serde(rename = "key-password")]
    pub(crate) password: Option<SecretSource>,
    /// The entry, when the file holds several keys.
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

/// Another identity provider's token for one of the org.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct ExchangeConfig {
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: Option<SecretSource>,
    pub(crate) client_assertion: Option<AssertionConfig>,
    /// Asked for each exchange: subject tokens are often good for minutes only.
    pub(crate) subject_token: SecretSource,
    pub(crate) subject_token_type: SubjectTokenType,
    /// The developer name of the handler; the app's default one when left out.
    pub(crate) handler: Option<String>,
    pub(crate) scope: Option<Scopes>,
}

/// A signed assertion in the place of a secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct AssertionConfig {
    pub(crate) key: KeyConfig,
    /// The `aud`; the token endpoint when left out, which is what Salesforce wants of a
    /// `client_assertion`.
    #[serde(default, deserialize_with = "some_from_text")]
    pub(crate) audience: Option<Audience>,
}

/// How users of a site log in without a browser.
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
    /// What the site's authorization challenge looks like.
    pub(crate) profile: ChallengeProfile,
}

/// How users of a site log in by the Headless Identity APIs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(crate) struct IdentityConfig {
    #[serde(deserialize_with = "from_text")]
    pub(crate) site_url: SiteUrl,
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: Option<SecretSource>,
    /// One of the app's callback URLs. Nothing is sent there.
    pub(crate) redirect_uri: String,
    pub(crate) scope: Option<Scopes>,
    /// What the site wants to see before it sends one-time passwords; nothing when left out.
    pub(crate) gate: Option<GateConfig>,
}

/// What proves that a request comes from an app.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum GateConfig {
    /// The access token of an internal integration user.
    AccessToken(SecretSource),
    /// What a user's browser got from reCAPTCHA v2 or v3.
    Recaptcha(SecretSource),
    /// The same from reCAPTCHA Enterprise.
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

/// A member whose type reads itself from text; an error tells its causes, too.
pub(super) fn from_text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Error + 'static>,
{
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|error: T::Err| D::Error::custom(chain(&error)))
}

/// The same for a member that can be left out.
pub(super) fn some_from_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Error + 'static>,
{
    from_text(deserializer).map(Some)
}
