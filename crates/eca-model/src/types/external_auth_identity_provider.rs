//! `.externalAuthIdentityProvider` files.

use crate::types::{
    ExtlIdentityProviderParmType, IdentityProviderAuthFlow, IdentityProviderAuthProtocol,
};
use eca_model_derive::Record;

/// An identity provider outside Salesforce that external credentials get their tokens from. Client
/// id and secret are set in Setup or over the Connect API, never in the file.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "externalAuthIdentityProviders",
    suffix = "externalAuthIdentityProvider",
    since = 61
)]
pub struct ExternalAuthIdentityProvider {
    /// The OAuth flow.
    #[field(required)]
    pub authentication_flow: Option<IdentityProviderAuthFlow>,
    /// The protocol. Note the spelling: OAuth here, Oauth in ExternalCredential.
    #[field(required)]
    pub authentication_protocol: Option<IdentityProviderAuthProtocol>,
    /// Free text.
    pub description: Option<String>,
    /// The endpoints and options. The guide's sample has a singular name; schema and orgs have the
    /// plural.
    #[field(key = "parameterType, parameterName")]
    pub external_auth_identity_provider_parameters: Vec<ExternalAuthIdentityProviderParameter>,
    /// The name that people see.
    #[field(required)]
    pub label: Option<String>,
}

/// One parameter of an external auth identity provider.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExternalAuthIdentityProviderParameter {
    /// Free text.
    #[field(since = 61)]
    pub description: Option<String>,
    /// The parameter's name.
    #[field(since = 61, required)]
    pub parameter_name: Option<String>,
    /// What the parameter sets.
    #[field(since = 61, required)]
    pub parameter_type: Option<ExtlIdentityProviderParmType>,
    /// Its value.
    #[field(since = 61)]
    pub parameter_value: Option<String>,
    /// The order among parameters of the same type; lower comes first.
    #[field(since = 63)]
    pub sequence_number: Option<i32>,
}
