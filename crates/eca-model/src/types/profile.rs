//! `.profile` files, as far as they concern external client apps.

use eca_model_derive::Record;

/// A profile. OAuth policies refer to it by name; no member of it refers back, and it can grant no
/// access to external credentials. All other members are kept unchanged.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "profiles",
    suffix = "profile",
    since = 47,
    partial,
    free_names
)]
pub struct Profile {
    /// Whether the org defines the profile, rather than Salesforce.
    pub custom: Option<bool>,
    /// The purpose of the profile.
    pub description: Option<String>,
    /// The license that its users need.
    pub user_license: Option<String>,
}
