//! The Metadata API: deploy over REST and SOAP, retrieve, list and describe over SOAP.

pub(crate) mod archive;
pub(crate) mod checks;
pub(crate) mod crud;
pub(crate) mod decode;
pub(crate) mod deploy;
pub(crate) mod describe;
pub(crate) mod destructive;
pub(crate) mod envelope;
pub(crate) mod generate;
pub(crate) mod job;
pub(crate) mod jobs;
pub(crate) mod message;
pub(crate) mod node;
pub(crate) mod options;
pub(crate) mod outcome;
pub(crate) mod package;
pub(crate) mod problem;
pub(crate) mod rest;
pub(crate) mod result;
pub(crate) mod retrieve;
pub(crate) mod retrieve_request;
pub(crate) mod soap;
pub(crate) mod start;
pub(crate) mod status;
pub(crate) mod strict;
pub(crate) mod xml;

use crate::state::permissions::UserPermission;

/// What users need for the Metadata API (Metadata API Developer Guide, "Prerequisites").
const MAY_USE: &[UserPermission] = &[UserPermission::ModifyMetadata];
/// What the others are told; reported by users of the SOAP API.
const MAY_NOT: &str =
    "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions";
