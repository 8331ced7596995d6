//! `.ecaAttest` files.

use crate::types::AttestServiceType;
use eca_model_derive::Record;

/// Which service attests the integrity of an app's devices. Not to be confused with client
/// attestation. Experimental: in the WSDL of API 66 only. Later public schemas do not show it,
/// which may be a matter of visibility.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppAttestSettings",
    suffix = "ecaAttest",
    since = 66,
    until = 66
)]
pub struct ExtlClntAppAttestSettings {
    /// Which configuration is used; not documented. Its name suggests that the org generates it,
    /// like the other links.
    pub attest_config_link: Option<String>,
    /// The service.
    #[field(required)]
    pub attest_service_type: Option<AttestServiceType>,
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// The name that people see.
    pub label: Option<String>,
}
