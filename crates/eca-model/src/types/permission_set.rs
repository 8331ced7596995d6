//! `.permissionset` files, as far as they touch external credentials.

use eca_model_derive::Record;

/// A permission set. Only the members that concern external credentials are typed; all others are
/// kept unchanged.
#[derive(Clone, Debug, Default, PartialEq, Record)]
#[metadata(
    directory = "permissionsets",
    suffix = "permissionset",
    since = 47,
    partial
)]
pub struct PermissionSet {
    /// The purpose of the permission set.
    pub description: Option<String>,
    /// Access to principals of external credentials. Profiles have no such member in any version.
    #[field(since = 59, key = "externalCredentialPrincipal")]
    pub external_credential_principal_accesses: Vec<PermissionSetExternalCredentialPrincipalAccess>,
    /// Whether a user must activate the permission set in a session.
    pub has_activation_required: Option<bool>,
    /// The name that people see.
    #[field(required)]
    pub label: Option<String>,
}

/// Access to one principal of an external credential.
#[derive(Clone, Debug, Default, PartialEq, Record)]
pub struct PermissionSetExternalCredentialPrincipalAccess {
    /// Whether the access is granted.
    #[field(since = 59, required)]
    pub enabled: Option<bool>,
    /// `[namespace__]<external credential>-<principal>`; the principal's name may contain spaces
    /// and hyphens, the credential's may not, so it splits at the first hyphen.
    #[field(since = 59, required, references = "ExternalCredential", part = "-")]
    pub external_credential_principal: Option<String>,
}
