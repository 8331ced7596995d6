//! `.namedCredential` files.

use crate::types::{
    AuthenticationProtocol, CalloutStatus, ExternalPrincipalType, NamedCredentialParamType,
    NamedCredentialType,
};
use crate::values::text::SecretText;
use eca_model_derive::Record;

/// A callout endpoint together with the credential that goes with it. New ones use the parameters;
/// the members before them are of the legacy model.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(directory = "namedCredentials", suffix = "namedCredential", since = 47)]
pub struct NamedCredential {
    /// Whether the body may contain formulas.
    #[field(default = "false")]
    pub allow_merge_fields_in_body: Option<bool>,
    /// Whether headers may contain formulas.
    #[field(default = "false")]
    pub allow_merge_fields_in_header: Option<bool>,
    /// Legacy: the auth. provider.
    #[field(references = "AuthProvider")]
    pub auth_provider: Option<String>,
    /// Legacy: the token endpoint.
    pub auth_token_endpoint_url: Option<String>,
    /// Legacy: the AWS access key.
    #[field(secret)]
    pub aws_access_key: Option<SecretText>,
    /// Legacy: the AWS secret.
    #[field(secret)]
    pub aws_access_secret: Option<SecretText>,
    /// Legacy: the AWS region.
    pub aws_region: Option<String>,
    /// Legacy: the AWS service.
    pub aws_service: Option<String>,
    /// Whether callouts are allowed.
    #[field(since = 58)]
    pub callout_status: Option<CalloutStatus>,
    /// Legacy: the client certificate.
    pub certificate: Option<String>,
    /// Free text.
    #[field(since = 64)]
    pub description: Option<String>,
    /// Legacy: the URL.
    #[field(max_length = 1000)]
    pub endpoint: Option<String>,
    /// Whether the org writes the Authorization header.
    pub generate_authorization_header: Option<bool>,
    /// Legacy: `aud` of the JWT.
    pub jwt_audience: Option<String>,
    /// Legacy: `sub` of the JWT as a formula.
    pub jwt_formula_subject: Option<String>,
    /// Legacy: `iss` of the JWT.
    pub jwt_issuer: Option<String>,
    /// Legacy: the certificate that signs the JWT.
    pub jwt_signing_certificate: Option<String>,
    /// Legacy: `sub` of the JWT as a text.
    pub jwt_text_subject: Option<String>,
    /// Legacy: the lifetime of the JWT in seconds.
    pub jwt_validity_period_seconds: Option<i32>,
    /// The name that people see.
    #[field(required, max_length = 80)]
    pub label: Option<String>,
    /// The endpoint, the link to the external credential, headers.
    #[field(since = 54, key = "parameterType, parameterName")]
    pub named_credential_parameters: Vec<NamedCredentialParameter>,
    /// The model: SecuredEndpoint or PrivateEndpoint for new ones.
    #[field(since = 54)]
    pub named_credential_type: Option<NamedCredentialType>,
    /// Legacy: a refresh token.
    #[field(secret)]
    pub oauth_refresh_token: Option<SecretText>,
    /// Legacy: the scope.
    pub oauth_scope: Option<String>,
    /// Legacy: an access token.
    #[field(secret)]
    pub oauth_token: Option<SecretText>,
    /// The private connection for callouts.
    #[field(since = 49)]
    pub outbound_network_connection: Option<String>,
    /// Legacy: the password.
    #[field(secret)]
    pub password: Option<SecretText>,
    /// Legacy: the identity under which callouts run.
    pub principal_type: Option<ExternalPrincipalType>,
    /// Historic: the private connection. Now `outboundNetworkConnection`.
    #[field(until = 48)]
    pub private_connection: Option<String>,
    /// Legacy: the protocol.
    pub protocol: Option<AuthenticationProtocol>,
    /// Legacy: the user name.
    pub username: Option<String>,
}

/// One parameter of a named credential; its type decides which of the other members apply.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct NamedCredentialParameter {
    /// The certificate, with parameterType ClientCertificate.
    #[field(since = 54, references = "Certificate")]
    pub certificate: Option<String>,
    /// Free text.
    #[field(since = 54)]
    pub description: Option<String>,
    /// The external credential, with parameterType Authentication.
    #[field(since = 54, references = "ExternalCredential")]
    pub external_credential: Option<String>,
    /// Internal to Salesforce.
    #[field(since = 62)]
    pub global_named_principal_credential: Option<bool>,
    /// Internal to Salesforce.
    #[field(since = 61)]
    pub managed_feature_enabled_callout: Option<bool>,
    /// The private connection, with parameterType OutboundNetworkConnection.
    #[field(since = 54)]
    pub outbound_network_connection: Option<String>,
    /// Historic: groups parameters.
    #[field(since = 54, until = 54, required)]
    pub parameter_group: Option<String>,
    /// The parameter's name.
    #[field(since = 54, required)]
    pub parameter_name: Option<String>,
    /// What the parameter sets.
    #[field(since = 54, required)]
    pub parameter_type: Option<NamedCredentialParamType>,
    /// Its value.
    #[field(since = 54)]
    pub parameter_value: Option<String>,
    /// Internal to Salesforce.
    #[field(since = 61)]
    pub read_only_named_credential: Option<bool>,
    /// The order among parameters of the same type.
    #[field(since = 55)]
    pub sequence_number: Option<i32>,
    /// Internal to Salesforce.
    #[field(since = 61)]
    pub system_user_named_credential: Option<bool>,
}
