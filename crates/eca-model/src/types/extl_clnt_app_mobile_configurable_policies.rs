//! `.ecaMobilePlcy` files.

use crate::types::ScreenLockTimeout;
use eca_model_derive::Record;

/// The administrator's part of an app's mobile configuration: when the screen locks. Until API 58
/// the type was a sample with other members.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "extlClntAppMobilePolicies",
    suffix = "ecaMobilePlcy",
    since = 57,
    org_made
)]
pub struct ExtlClntAppMobileConfigurablePolicies {
    /// Historic: a sample policy.
    #[field(until = 58)]
    pub admin_only_policy: Option<String>,
    /// The developer name of the app.
    #[field(required, owner, references = "ExternalClientApplication")]
    pub external_client_application: Option<String>,
    /// The name that people see.
    pub label: Option<String>,
    /// Historic: a sample policy.
    #[field(until = 58)]
    pub policy1: Option<String>,
    /// Historic: a sample policy.
    #[field(until = 58)]
    pub policy2: Option<String>,
    /// After how many minutes without use the screen locks. The schema requires it even where the
    /// mobile settings turn the lock off.
    #[field(since = 59, required)]
    pub screen_lock_timeout: Option<ScreenLockTimeout>,
}
