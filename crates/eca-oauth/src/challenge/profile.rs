//! The details of a server's authorization challenge that the draft leaves open.

use std::collections::BTreeMap;
use std::str::FromStr;

use http::HeaderName;
use serde::{Deserialize, Serialize};

use crate::challenge::invalid_profile::InvalidProfile;
use crate::challenge::parameter_name::ParameterName;
use crate::challenge::passwordless::PasswordlessParameters;
use crate::challenge::registration::RegistrationParameters;
use crate::client::authentication::ClientAuthentication;
use crate::urls::{ChallengeEndpoint, InvalidUrl};

/// How one server implements authorization challenges.
///
/// **There is no built-in profile of Salesforce.** Its public pages state that the headless flows
/// of External Client Apps follow the draft and need a client attestation JWT; they do not show the
/// path of the endpoint, where in the request the JWT goes, or the names of the parameters for user
/// name and password. These three must come from the documentation or traffic of your
/// org. The embedded org of this project has its own profile, which proves nothing about
/// Salesforce's.
///
/// ```
/// let profile: eca_oauth::ChallengeProfile = toml::from_str(r#"
///     endpoint = "https://acme.my.site.com/portal/path/of/your/org"   # or "discover"
///     attestation = { header = "Header-Of-Your-Org" }
///
///     [login]
///     username = "name-of-the-parameter"
///     password = "name-of-the-other"
///     first_step = ["username"]
/// "#)?;
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ChallengeProfile {
    /// Where challenges go.
    pub endpoint: EndpointSource,
    /// Where in a request the client attestation goes.
    pub attestation: AttestationCarrier,
    /// The parameters of a login with user name and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<LoginParameters>,
    /// The parameters of a login with a one-time password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passwordless: Option<PasswordlessParameters>,
    /// The parameters of a registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<RegistrationParameters>,
    /// Whether `response_type=code` is sent. Drafts from 03 on require it, earlier ones do not
    /// define it (section 5.1). Default true: a server must ignore unrecognized parameters (RFC
    /// 6749 section 3.1).
    #[serde(default = "yes")]
    pub response_type: bool,
    /// Whether `client_id` is sent. Default true: required unless the client authenticates or the
    /// session identifies it (section 5.1), and harmless then.
    #[serde(default = "yes")]
    pub client_id: bool,
    /// How the client secret is sent to the challenge endpoint, beside the attestation. Default
    /// `none`: the attestation is the client's authentication there.
    #[serde(default = "none")]
    pub client_secret: ClientAuthentication,
}

fn yes() -> bool {
    true
}

fn none() -> ClientAuthentication {
    ClientAuthentication::None
}

impl ChallengeProfile {
    /// A profile for logins with user name and password, with the defaults of the other fields.
    pub fn new(
        endpoint: EndpointSource,
        attestation: AttestationCarrier,
        login: LoginParameters,
    ) -> Self {
        let mut profile = Self::without_flows(endpoint, attestation);
        profile.login = Some(login);
        profile
    }

    /// A profile with endpoint and carrier only; set the flows that are known.
    pub fn without_flows(endpoint: EndpointSource, attestation: AttestationCarrier) -> Self {
        Self {
            endpoint,
            attestation,
            login: None,
            passwordless: None,
            registration: None,
            response_type: yes(),
            client_id: yes(),
            client_secret: none(),
        }
    }
}

/// The source of the challenge endpoint; as text, a URL or `discover`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum EndpointSource {
    /// This endpoint.
    At(ChallengeEndpoint),
    /// The site's metadata names it (RFC 8414), see
    /// [`ServerMetadata`](crate::endpoints::discovery::ServerMetadata).
    Discover,
}

impl TryFrom<String> for EndpointSource {
    type Error = InvalidUrl;

    fn try_from(text: String) -> Result<Self, InvalidUrl> {
        match text.as_str() {
            "discover" => Ok(Self::Discover),
            url => url.parse().map(Self::At),
        }
    }
}

impl From<EndpointSource> for String {
    fn from(source: EndpointSource) -> Self {
        match source {
            EndpointSource::At(endpoint) => endpoint.into(),
            EndpointSource::Discover => "discover".to_owned(),
        }
    }
}

/// Where in a request the client attestation goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum AttestationCarrier {
    /// In a header, as attestation-based client authentication has it since its draft 03
    /// (`OAuth-Client-Attestation`).
    Header(AttestationHeader),
    /// In two form fields, as that draft had it before (`client_assertion` and
    /// `client_assertion_type`, RFC 7521 section 4.2).
    FormFields {
        /// The parameter that holds the JWT.
        assertion: ParameterName,
        /// The parameter for its type.
        assertion_type: ParameterName,
        /// The value of that parameter.
        assertion_type_value: String,
    },
}

/// The name of a header that may carry an attestation: not one that frames the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AttestationHeader(HeaderName);

impl AttestationHeader {
    /// The name.
    pub fn name(&self) -> &HeaderName {
        &self.0
    }
}

impl FromStr for AttestationHeader {
    type Err = InvalidProfile;

    fn from_str(text: &str) -> Result<Self, InvalidProfile> {
        const FRAME: [&str; 7] = [
            "accept",
            "connection",
            "content-length",
            "content-type",
            "host",
            "te",
            "transfer-encoding",
        ];
        match text.parse::<HeaderName>() {
            Ok(name) if !FRAME.contains(&name.as_str()) => Ok(Self(name)),
            _ => Err(InvalidProfile::Header(text.to_owned())),
        }
    }
}

impl TryFrom<String> for AttestationHeader {
    type Error = InvalidProfile;

    fn try_from(text: String) -> Result<Self, InvalidProfile> {
        text.parse()
    }
}

impl From<AttestationHeader> for String {
    fn from(header: AttestationHeader) -> Self {
        header.0.as_str().to_owned()
    }
}

/// How a user name and a password are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LoginParameters {
    /// The parameter for the user name.
    pub username: ParameterName,
    /// The parameter for the password.
    pub password: ParameterName,
    /// Parameters with a constant value, such as one that selects this flow. They are sent in the
    /// first request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: BTreeMap<ParameterName, String>,
    /// The fields of the first request; both follow once the server asks for more. Empty, the
    /// first request only opens the session; with both, one request may do.
    pub first_step: Vec<LoginField>,
}

impl LoginParameters {
    /// These names, and the fields of the first request.
    pub fn new(
        username: ParameterName,
        password: ParameterName,
        first_step: impl IntoIterator<Item = LoginField>,
    ) -> Self {
        Self {
            username,
            password,
            fixed: BTreeMap::new(),
            first_step: first_step.into_iter().collect(),
        }
    }
}

/// A field of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LoginField {
    /// The user name.
    Username,
    /// The password.
    Password,
}
