//! The orgs of `eca.toml`.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use eca_attest::Audience;
use eca_deploy::DeployApi;
use eca_model::ApiVersion;
use eca_oauth::{ChallengeProfile, SubjectTokenType};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::auth::SecretSource;

/// One org.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct OrgConfig {
    /// Where the APIs are: the org's My Domain.
    pub(crate) instance_url: String,
    /// Where tokens are asked from; the instance URL when left out.
    pub(crate) host: Option<String>,
    /// The `aud` of JWTs for this org. Never taken from `host`: the two differ more often than
    /// not.
    #[serde(default, deserialize_with = "parsed")]
    pub(crate) audience: Option<Audience>,
    /// The API version to speak; the project's when left out.
    #[serde(default, deserialize_with = "parsed")]
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

/// How to get a token.
#[derive(Debug, Deserialize)]
#[serde(
    deny_unknown_fields,
    tag = "method",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub(crate) enum Auth {
    /// A token that somebody else got.
    AccessToken { access_token: SecretSource },
    /// The OAuth client credentials flow.
    ClientCredentials {
        client_id: String,
        client_secret: Option<SecretSource>,
        client_assertion: Option<AssertionConfig>,
    },
    /// The OAuth token exchange flow.
    TokenExchange(ExchangeConfig),
    /// The OAuth JWT bearer flow. The org's `audience` is required.
    Jwt(JwtConfig),
    /// The refresh token that `eca login --save` keeps.
    Login(LoginConfig),
    /// An SFDX auth URL.
    SfdxAuthUrl { sfdx_auth_url: SecretSource },
    /// A login of the Salesforce CLI: user name or alias; its default org when left out.
    Sf { target_org: Option<String> },
}

/// What the JWT bearer flow signs with which key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct JwtConfig {
    pub(crate) client_id: String,
    pub(crate) username: String,
    pub(crate) key: PathBuf,
    pub(crate) key_password: Option<SecretSource>,
    pub(crate) key_alias: Option<String>,
    pub(crate) certificate: Option<PathBuf>,
}

/// A key file, the password that opens it, and the entry when it holds several keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyFile<'a> {
    pub(crate) path: &'a Path,
    pub(crate) password: Option<&'a SecretSource>,
    pub(crate) alias: Option<&'a str>,
}

/// A login in a browser.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct LoginConfig {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<SecretSource>,
    pub(crate) client_assertion: Option<AssertionConfig>,
    pub(crate) scope: Option<String>,
    /// The port of `http://localhost:PORT/callback`, one of the app's callback URLs.
    pub(crate) redirect_port: Option<u16>,
    /// Where the refresh token is kept.
    pub(crate) token_file: Option<PathBuf>,
}

/// Another identity provider's token for one of the org.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ExchangeConfig {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<SecretSource>,
    pub(crate) client_assertion: Option<AssertionConfig>,
    /// Asked for each exchange: subject tokens are often good for minutes only.
    pub(crate) subject_token: SecretSource,
    pub(crate) subject_token_type: SubjectTokenType,
    /// The developer name of the handler; the app's default one when left out.
    pub(crate) handler: Option<String>,
    pub(crate) scope: Option<String>,
}

/// A signed assertion in the place of a secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AssertionConfig {
    pub(crate) key: PathBuf,
    pub(crate) key_password: Option<SecretSource>,
    pub(crate) key_alias: Option<String>,
    /// The `aud`; the token endpoint when left out, which is what Salesforce wants of a
    /// `client_assertion`.
    #[serde(default, deserialize_with = "parsed")]
    pub(crate) audience: Option<Audience>,
}

/// How users of a site log in without a browser.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct HeadlessConfig {
    pub(crate) site_url: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretSource,
    pub(crate) scope: Option<String>,
    /// Signs the client attestations.
    pub(crate) key: PathBuf,
    pub(crate) key_password: Option<SecretSource>,
    pub(crate) key_alias: Option<String>,
    pub(crate) certificate: Option<PathBuf>,
    /// The `aud` of client attestations. Never taken from `site-url`.
    #[serde(deserialize_with = "parsed")]
    pub(crate) audience: Option<Audience>,
    /// What the site's authorization challenge looks like.
    pub(crate) profile: ChallengeProfile,
}

/// How users of a site log in by the Headless Identity APIs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct IdentityConfig {
    pub(crate) site_url: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<SecretSource>,
    /// One of the app's callback URLs. Nothing is sent there.
    pub(crate) redirect_uri: String,
    pub(crate) scope: Option<String>,
    /// What the site wants to see before it sends one-time passwords; nothing when left out.
    pub(crate) gate: Option<GateConfig>,
}

/// What proves that a request comes from an app.
#[derive(Debug, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub(crate) enum GateConfig {
    /// The access token of an internal integration user.
    AccessToken(SecretSource),
    /// What a user's browser got from reCAPTCHA v2 or v3.
    Recaptcha(SecretSource),
    /// The same from reCAPTCHA Enterprise.
    RecaptchaEvent {
        token: SecretSource,
        site_key: String,
        expected_action: String,
        project_id: String,
    },
}

impl JwtConfig {
    pub(crate) fn key_file(&self) -> KeyFile<'_> {
        KeyFile {
            path: &self.key,
            password: self.key_password.as_ref(),
            alias: self.key_alias.as_deref(),
        }
    }
}

impl AssertionConfig {
    pub(crate) fn key_file(&self) -> KeyFile<'_> {
        KeyFile {
            path: &self.key,
            password: self.key_password.as_ref(),
            alias: self.key_alias.as_deref(),
        }
    }
}

impl HeadlessConfig {
    pub(crate) fn key_file(&self) -> KeyFile<'_> {
        KeyFile {
            path: &self.key,
            password: self.key_password.as_ref(),
            alias: self.key_alias.as_deref(),
        }
    }
}

/// A member whose type reads itself from text.
pub(super) fn parsed<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(D::Error::custom)
}
