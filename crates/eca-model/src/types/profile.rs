//! `.profile` files, as far as they touch this field.

use eca_model_derive::Record;

/// A profile. OAuth policies refer to it by name; no member of it refers back, and it can grant no
/// access to external credentials. All other members are kept as they are.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "profiles",
    suffix = "profile",
    since = 47,
    partial,
    free_names
)]
pub struct Profile {
    /// Whether the profile is the org's own, not one of Salesforce's.
    pub custom: Option<bool>,
    /// What the profile is for.
    pub description: Option<String>,
    /// The license that its users need.
    pub user_license: Option<String>,
}
