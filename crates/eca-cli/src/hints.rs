//! The next step for an error, by its type: the one table of hints for errors of the libraries.

use std::error::Error;

use eca_attest::{EncryptError, SelfSignError};
use eca_deploy::{ApiError, RequestError, RetrieveError};
use eca_model::fs::LoadError;
use eca_oauth::explain;

use crate::ui::suggestions::known;

/// The hint for the first error in a chain of sources that the table has.
pub(crate) fn hint(error: &(dyn Error + 'static)) -> Option<String> {
    std::iter::successors(Some(error), |error| (**error).source()).find_map(lookup)
}

fn lookup(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<eca_oauth::Error>() {
        let cause = explain::causes(error).first();
        return cause.map(|cause| format!("{}; {}", cause.why, cause.fix));
    }
    if let Some(error) = error.downcast_ref::<eca_deploy::Error>() {
        if let Some(refusal) = error.api_error() {
            return api_error(refusal);
        }
        return match error {
            eca_deploy::Error::Request(RequestError::JwtOnSoap { .. }) => Some(
                "deploys use REST, which accepts these tokens, unless eca.toml has deploy-api = \"soap\"; \
                 retrieve, list and describe use SOAP only"
                    .to_owned(),
            ),
            _ => None,
        };
    }
    let fixed = if let Some(error) = error.downcast_ref::<RetrieveError>() {
        match error {
            RetrieveError::Call(_) => return None,
            RetrieveError::Missing(_) => "to continue when components are missing: --allow-missing",
            error if error.is_retryable() => "nothing was changed; try again",
            _ => return None,
        }
    } else if let Some(error) = error.downcast_ref::<LoadError>() {
        match error {
            LoadError::NoFolder(_) => {
                "give the folder of an SFDX project (with sfdx-project.json) or of metadata files"
            }
            LoadError::NoPackageDirectory { .. } => {
                "create the folder, or remove it from packageDirectories"
            }
            _ => return None,
        }
    } else if let Some(error) = error.downcast_ref::<SelfSignError>() {
        match error {
            SelfSignError::CommonName { .. } => "give a shorter or longer name: --name NAME",
            SelfSignError::Validity | SelfSignError::Date => {
                "give a duration, for example --valid 365d"
            }
            _ => return None,
        }
    } else if let Some(EncryptError::EmptyPassword) = error.downcast_ref() {
        "set a password in the source of --out-password-env or --out-password-fd"
    } else {
        return None;
    };
    Some(fixed.to_owned())
}

fn api_error(refusal: &ApiError) -> Option<String> {
    if refusal.is_locked() {
        let hint = "another user is changing the org's setup or deploying; try again later";
        return Some(hint.to_owned());
    }
    let known = known(&refusal.message)?;
    Some(format!("{}; {}", known.cause, known.fix))
}

/// The hint for a call to an org, where its error has none of its own.
pub(crate) fn call(error: &eca_deploy::Error, org: &str, instance: &str) -> Option<String> {
    if error.is_auth() {
        return Some(format!("get a new access token for {org}"));
    }
    let is_refusal = error.api_error().is_some();
    (!is_refusal).then(|| format!("check that {instance} is the org's URL and can be reached"))
}
