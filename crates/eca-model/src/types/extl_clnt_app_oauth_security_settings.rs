//! `.ecaOauthSecurity` files.

use crate::types::TlsClientAuthCertParamType;
use eca_model_derive::Record;

/// Where an app's tokens may be used from, and how its client authenticates by mutual TLS. Setup
/// creates one per app. Salesforce has not documented it yet; names and kinds come from
/// Salesforce's published types.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppOauthSecuritySettings",
    suffix = "ecaOauthSecurity",
    since = 67
)]
pub struct ExtlClntAppOauthSecuritySettings {
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// The name that people see.
    pub label: Option<String>,
    /// Which name in the client's TLS certificate is checked (RFC 8705, section 2.1.2).
    #[field(since = 68)]
    pub tls_client_auth_cert_param_type: Option<TlsClientAuthCertParamType>,
    /// The required value of that name.
    #[field(since = 68)]
    pub tls_client_auth_cert_param_value: Option<String>,
    /// Address ranges from which tokens may be used.
    #[field(key = "startIpAddress")]
    pub token_ip_ranges: Vec<ExtlClntAppOauthSecurityTokenIpRange>,
}

/// A range of addresses from which tokens may be used.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct ExtlClntAppOauthSecurityTokenIpRange {
    /// The purpose of the range.
    #[field(since = 67)]
    pub description: Option<String>,
    /// The last address, inclusive.
    #[field(since = 67, required)]
    pub end_ip_address: Option<String>,
    /// The first address, inclusive.
    #[field(since = 67, required)]
    pub start_ip_address: Option<String>,
}
