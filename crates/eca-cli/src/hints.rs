//! The next step for an error, by its type: the one table of hints for errors of the libraries.

use std::error::Error;
use std::sync::Arc;

use eca_apply::{BackendError, StateError};
use eca_attest::{CertificateIssue, EncryptError, KeyError, MintError, SelfSignError};
use eca_deploy::{
    ApiError, ArchiveError, PackageError, RequestError, ResponseError, RetrieveError,
};
use eca_emulator::{StartError, StoreError};
use eca_model::fs::{LoadError, PrivateError};
use eca_oauth::{ForeignAudience, OtherInstance, explain};

use crate::ui::suggestions::known;

/// The hint for the first error in a chain of sources that the table has.
pub(crate) fn hint(error: &(dyn Error + 'static)) -> Option<String> {
    std::iter::successors(Some(error), |error| (**error).source()).find_map(lookup)
}

fn lookup(error: &(dyn Error + 'static)) -> Option<String> {
    // Callers who waited for the same token share the error.
    let shared = error.downcast_ref::<Arc<eca_oauth::Error>>();
    let oauth = error.downcast_ref::<eca_oauth::Error>();
    if let Some(error) = oauth.or(shared.map(|error| &**error)) {
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
            eca_deploy::Error::Response(ResponseError::TooLarge { .. }) => Some(
                "check that instance-url is that of your org; if it is, ask for less at once: name fewer \
                 components, or let the deploy run fewer tests. Setup, Deployment Status, shows a deploy's result"
                    .to_owned(),
            ),
            _ => None,
        };
    }
    if let Some(error) = error.downcast_ref::<BackendError>() {
        return error.remedy.map(str::to_owned);
    }
    if let Some(StateError::Locked { lock, .. }) = error.downcast_ref() {
        return Some(format!(
            "wait until it is done; if that job is dead, its lock ends after two minutes, or at once with: eca state unlock {}",
            lock.holder.id
        ));
    }
    if let Some(error) = error.downcast_ref::<OtherInstance>() {
        let actual = error.actual();
        return Some(format!(
            "log in to the right org; if both are one org (its My Domain has changed), add to the org in eca.toml: \
             allow-instance = [{actual:?}]"
        ));
    }
    if let Some(error) = error.downcast_ref::<ForeignAudience>() {
        let (audience, host) = (error.audience().as_str(), error.host());
        return Some(format!(
            "correct `audience`; if {host} may use assertions for it, add to the org in eca.toml: \
             allow-audience = [{audience:?}]"
        ));
    }
    if let Some(PackageError::Rotation { component, .. }) = error.downcast_ref() {
        return Some(format!(
            "to replace it on purpose: --allow-rotation {component}"
        ));
    }
    fixed(error).map(str::to_owned)
}

/// The hints that are the same for every value of a variant.
fn fixed(error: &(dyn Error + 'static)) -> Option<&'static str> {
    Some(if let Some(error) = error.downcast_ref::<RetrieveError>() {
        match error {
            RetrieveError::Call(_) => return None,
            RetrieveError::Missing(_) => "to continue when components are missing: --allow-missing",
            RetrieveError::Archive {
                source: ArchiveError::TooLarge { .. },
                ..
            } => "name fewer components, and retrieve in several steps",
            RetrieveError::Archive { .. } => {
                "nothing was written; check that instance-url is that of your org"
            }
            error if error.is_retryable() => "nothing was changed; try again",
            _ => return None,
        }
    } else if let Some(error) = error.downcast_ref::<PackageError>() {
        match error {
            PackageError::NoContent { .. } => {
                "put the certificate there, or get both files with eca retrieve"
            }
            PackageError::PrivateKey { .. } => {
                "remove the key from the file and put only its certificate there; a key that was committed or sent has to \
                 be replaced: eca cert new"
            }
            PackageError::Unreadable { .. } => "eca lint lists every file that cannot be read",
            PackageError::NothingToShare { .. } => {
                "retrieve the app from the org whose consumer you want to share, or omit --consumer share"
            }
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
            LoadError::Outside { .. } => {
                "put the file or folder itself there instead of a link or a path with `..`, or name the link in .forceignore"
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
    } else if let Some(error) = error.downcast_ref::<MintError>() {
        match error {
            MintError::Algorithm { .. } => "use an RSA key of 2048 to 4096 bits",
            MintError::EmptyClaim { .. } => "omit --subject, or give it a value",
            _ => return None,
        }
    } else if let Some(error) = error.downcast_ref::<StartError>() {
        match error {
            StartError::PortInUse { .. } => {
                "choose another port with --port, or omit --port for a free one"
            }
            StartError::State(StoreError::InUse { .. }) => {
                "stop the other eca emulate, or give another folder with --state"
            }
            StartError::State(StoreError::Private(PrivateError::File { .. })) => {
                "--state needs a writable folder; it is created if its parent exists"
            }
            StartError::State(StoreError::Format { .. } | StoreError::Row { .. }) => {
                "start a new org in an empty folder, or use the version of eca that wrote this one"
            }
            StartError::Tls(_) => {
                "--tls-cert takes a PEM file with the server's certificate, --tls-key its unencrypted key; --tls makes both"
            }
            _ => return None,
        }
    } else if let Some(EncryptError::EmptyPassword) = error.downcast_ref() {
        "set a password in the source of --out-password-env or --out-password-fd"
    } else {
        return None;
    })
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
    if error.is_auth() && !error.is_unreachable() {
        return Some(format!("get a new access token for org {org}"));
    }
    let is_refusal = error.api_error().is_some();
    (!is_refusal).then(|| format!("check that {instance} is the org's URL and can be reached"))
}

/// The hint for a key file that was not read: one that an org of `eca.toml` names, or an argument.
pub(crate) fn key(error: &KeyError, org: Option<&str>) -> Option<String> {
    match (error, org) {
        (KeyError::PasswordNeeded { .. }, Some(org)) => Some(format!(
            "add `key-password = \"env:NAME\"` (or file:PATH, or cmd:COMMAND) beside `key` of org `{org}` in eca.toml"
        )),
        (KeyError::PasswordNeeded { .. }, None) => Some(
            "put the password into an environment variable and name it: --password-env VAR (or --password-fd NUMBER)"
                .to_owned(),
        ),
        (KeyError::WrongPassword { .. }, Some(org)) => Some(format!(
            "check what `key-password` of org `{org}` in eca.toml names"
        )),
        (KeyError::WrongPassword { .. }, None) => Some(format!(
            "check the variable or descriptor that holds the password; {}",
            error.hint().unwrap_or_default()
        )),
        (KeyError::Several { known, .. }, _) if known.is_empty() => error.hint().map(str::to_owned),
        (KeyError::Several { .. } | KeyError::NoSuchKey { .. }, Some(org)) => Some(format!(
            "choose one with `key-alias = \"NAME\"` beside `key` of org `{org}` in eca.toml"
        )),
        (KeyError::Several { .. } | KeyError::NoSuchKey { .. }, None) => {
            Some("choose one with --alias NAME".to_owned())
        }
        (other, _) => other.hint().map(str::to_owned),
    }
}

/// The hint for a certificate that Salesforce would refuse.
pub(crate) fn certificate(issue: &CertificateIssue) -> Option<&'static str> {
    match issue {
        CertificateIssue::KeyMismatch => Some(
            "give the certificate that was made from this key; `openssl x509 -in CERT -noout -pubkey` and \
             `openssl pkey -in KEY -pubout` must print the same",
        ),
        CertificateIssue::TooLarge { .. } => Some(
            "make one with fewer extensions and a 2048-bit key: eca cert new --name NAME --key-out KEY --cert-out CERT",
        ),
        CertificateIssue::NotRsa { .. } | CertificateIssue::RsaTooSmall { .. } => {
            Some("client attestations are signed with RS256: use an RSA key of at least 2048 bits")
        }
        _ => None,
    }
}
