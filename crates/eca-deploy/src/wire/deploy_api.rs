//! The choice between REST and SOAP, made here for each call of a deploy.

use crate::id::DeployId;
use crate::wire::call::Call;
use crate::wire::types::options::DeployOptions;
use crate::wire::types::result::DeployResult;
use crate::wire::types::status::DeployStatus;
use crate::wire::zip::Zip;
use crate::wire::{rest, soap};

/// The API for deploys. Retrieves always go over SOAP: REST has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DeployApi {
    /// The REST resource `metadata/deployRequest`. Takes access tokens of either format.
    #[default]
    Rest,
    /// SOAP, for orgs without that resource.
    Soap,
}

impl DeployApi {
    pub(crate) fn deploy<'a>(self, options: &'a DeployOptions, zip: &'a Zip) -> Call<'a, DeployId> {
        match self {
            Self::Rest => rest::deploy(options, zip),
            Self::Soap => soap::deploy(options, zip),
        }
    }

    pub(crate) fn quick_deploy(self, validated: &DeployId) -> Call<'_, DeployId> {
        match self {
            Self::Rest => rest::quick_deploy(validated),
            Self::Soap => soap::deploy_recent_validation(validated),
        }
    }

    pub(crate) fn deploy_status(self, id: &DeployId, details: bool) -> Call<'_, DeployResult> {
        match self {
            Self::Rest => rest::deploy_status(id, details),
            Self::Soap => soap::check_deploy_status(id, details),
        }
    }

    pub(crate) fn cancel_deploy(self, id: &DeployId) -> Call<'_, DeployStatus> {
        match self {
            Self::Rest => rest::cancel_deploy(id),
            Self::Soap => soap::cancel_deploy(id),
        }
    }
}
