//! `.ecaPushPlcy` files.

use eca_model_derive::Record;

/// What an app's push notifications may show; the administrator decides. Needs the OAuth plugin.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppPushPolicies",
    suffix = "ecaPushPlcy",
    since = 62,
    org_made
)]
pub struct ExtlClntAppPushConfigurablePolicies {
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// Whether notifications carry their whole content, or only announce that there is something
    /// new.
    #[field(required)]
    pub is_full_content: Option<bool>,
    /// The name that people see.
    pub label: Option<String>,
}
