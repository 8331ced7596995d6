//! The Metadata API: deploy over REST and SOAP, retrieve, list and describe over SOAP.

pub(crate) mod checks;
pub(crate) mod crud;
pub(crate) mod deploy;
pub(crate) mod describe;
pub(crate) mod generate;
pub(crate) mod job;
pub(crate) mod package;
pub(crate) mod rest;
pub(crate) mod retrieve;
pub(crate) mod soap;
pub(crate) mod wire;

use crate::state::permissions::UserPermission;

/// The permissions for the Metadata API (Metadata API Developer Guide, "Prerequisites").
const MAY_USE: &[UserPermission] = &[UserPermission::ModifyMetadata];
/// The answer to other users; reported by users of the SOAP API.
const MAY_NOT: &str =
    "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions";
