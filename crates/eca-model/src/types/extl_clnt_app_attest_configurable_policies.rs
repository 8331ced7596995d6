//! `.ecaAttestPlcy` files.

use crate::types::AttestEnforceLevel;
use eca_model_derive::Record;

/// How strictly device attestation is enforced for an app. Experimental: in the WSDL of API 66
/// only. Later public schemas do not show it, which may be a matter of visibility.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppAttestPolicies",
    suffix = "ecaAttestPlcy",
    since = 66,
    until = 66,
    org_made
)]
pub struct ExtlClntAppAttestConfigurablePolicies {
    /// How strictly attestation is enforced.
    #[field(required)]
    pub attest_enforce_level: Option<AttestEnforceLevel>,
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// The name that people see.
    pub label: Option<String>,
}
