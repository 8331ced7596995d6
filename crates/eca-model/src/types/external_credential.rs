//! `.externalCredential` files.

use crate::types::{AuthenticationProtocol, ExternalCredentialParamType};
use eca_model_derive::Record;

/// How the org authenticates itself to an external system. The file has no secrets: those of
/// principals are set in Setup or over the Connect API.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "externalCredentials",
    suffix = "externalCredential",
    since = 54
)]
pub struct ExternalCredential {
    /// Historic: the auth. provider. Now a parameter.
    #[field(until = 54, references = "AuthProvider")]
    pub auth_provider: Option<String>,
    /// The protocol. AwsSv4, Basic, Custom and Oauth are in use; the guide reserves the others.
    #[field(required, setup = "Authentication Protocol")]
    pub authentication_protocol: Option<AuthenticationProtocol>,
    /// Free text.
    pub description: Option<String>,
    /// Everything else: variant, links, principals, headers.
    #[field(key = "parameterType, parameterName")]
    pub external_credential_parameters: Vec<ExternalCredentialParameter>,
    /// The name that people see.
    #[field(since = 56, required, setup = "Label")]
    pub label: Option<String>,
    /// Historic: the name that people see. Now `label`.
    #[field(until = 55, required)]
    pub master_label: Option<String>,
}

/// One parameter of an external credential; its type decides which of the other members apply.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExternalCredentialParameter {
    /// The auth. provider, with parameterType AuthProvider.
    #[field(since = 55, references = "AuthProvider")]
    pub auth_provider: Option<String>,
    /// The certificate's name, with parameterType SigningCertificate.
    #[field(since = 57, references = "Certificate")]
    pub certificate: Option<String>,
    /// Free text.
    #[field(since = 54)]
    pub description: Option<String>,
    /// The external auth identity provider, with the parameterType of the same name.
    #[field(
        since = 61,
        references = "ExternalAuthIdentityProvider",
        setup = "External Auth Identity Provider"
    )]
    pub external_auth_identity_provider: Option<String>,
    /// The group of the parameter; for a principal its own name, otherwise DefaultGroup. An org
    /// always writes it.
    #[field(since = 54, gap = 55..=57, always_retrieved)]
    pub parameter_group: Option<String>,
    /// The parameter's name; for a principal the name that permission sets refer to.
    #[field(since = 54, required, setup = "Parameter Name")]
    pub parameter_name: Option<String>,
    /// What the parameter sets.
    #[field(since = 54, required)]
    pub parameter_type: Option<ExternalCredentialParamType>,
    /// A literal or a formula. Never a secret.
    #[field(since = 54)]
    pub parameter_value: Option<String>,
    /// Historic: the principal. Now a parameter.
    #[field(since = 54, until = 57)]
    pub principal: Option<String>,
    /// The order in which principals apply to a user who has several; lower comes first.
    #[field(since = 54, setup = "Sequence Number")]
    pub sequence_number: Option<i32>,
}
