//! `.ecaSmplPlcy` files.

use eca_model_derive::Record;

/// Historic: the policies of a sample plugin, internal to Salesforce.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppSamplePolicies",
    suffix = "ecaSmplPlcy",
    since = 59,
    until = 66,
    org_made
)]
pub struct ExtlClntAppSampleConfigurablePolicies {
    /// A sample policy.
    pub admin_only_policy: Option<String>,
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// The name that people see.
    #[field(required)]
    pub label: Option<String>,
    /// A sample policy.
    pub policy1: Option<String>,
    /// A sample policy.
    pub policy2: Option<String>,
}
