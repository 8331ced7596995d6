//! What is wrong with an object storage, in words. Nothing of a request is in them: its URL may
//! have a signature.

use std::error::Error as StdError;

use eca_http::TransportError;
use object_store::Error;

use crate::state::backend::{BackendError, BackendErrorKind};
use crate::state::url::{Bucket, Provider};

/// The error of a call, with what to do about it.
pub(super) fn failure(
    bucket: &Bucket,
    operation: &'static str,
    key: &str,
    error: &Error,
) -> BackendError {
    use BackendErrorKind::{Denied, Missing, Other, Region, Unreachable};

    if let Some(transport) = causes(error).find_map(<dyn StdError>::downcast_ref::<TransportError>)
    {
        let text = transport.to_string();
        let remedy = "check the network, the proxy (HTTPS_PROXY) and, of a storage of your own, its address \
                      (AWS_ENDPOINT_URL, AZURE_STORAGE_ENDPOINT)";
        return BackendError::new(operation, key, text)
            .with_kind(Unreachable)
            .with_remedy(remedy);
    }
    let code = code(error);
    let status = status(error);
    let kind = match (error, code.as_deref(), status.as_deref()) {
        (_, Some("NoSuchBucket" | "ContainerNotFound"), _) => Missing,
        (
            _,
            Some("PermanentRedirect" | "TemporaryRedirect" | "AuthorizationHeaderMalformed"),
            _,
        ) => Region,
        (_, Some("ExpiredToken" | "InvalidToken"), _) | (_, _, Some("401" | "403")) => Denied,
        (Error::NotFound { .. }, _, _) => Missing,
        _ if causes(error).any(|cause| cause.to_string().contains("redirect")) => Region,
        _ => Other,
    };
    let reason = code.map_or_else(String::new, |code| format!(" ({code})"));
    let (text, remedy) = match kind {
        Denied => (
            format!("{bucket} refuses these credentials{reason}"),
            rights(bucket.provider),
        ),
        Missing => (
            format!(
                "there is no {} `{}`{reason}",
                what(bucket.provider),
                bucket.name
            ),
            "create it, or correct the url of the state",
        ),
        Region => (
            format!("the bucket `{}` is in another region{reason}", bucket.name),
            "set AWS_REGION to the region of the bucket",
        ),
        _ => {
            let answer = match status {
                Some(status) => format!("status {status}"),
                None => "something that cannot be read".to_owned(),
            };
            (
                format!("{bucket} answered with {answer}{reason}"),
                "try again; if it stays so, look at the storage's own status",
            )
        }
    };
    BackendError::new(operation, key, text)
        .with_kind(kind)
        .with_remedy(remedy)
}

/// The error of a storage that cannot be set up.
pub(super) fn misconfigured(bucket: &Bucket, problem: &'static str) -> BackendError {
    let error = BackendError::new("use", &bucket.to_string(), problem);
    let error = error.with_kind(BackendErrorKind::Denied);
    if bucket.provider == Provider::S3 {
        return error.with_remedy(
            "where the AWS CLI is logged in: eval \"$(aws configure export-credentials --format env)\"",
        );
    }
    error
}

/// The error of a storage on which no lock holds.
pub(super) fn ignores_conditions(bucket: &Bucket, condition: &str) -> BackendError {
    let problem = format!(
        "the storage ignores the condition {condition} of a write, so two jobs could overwrite each other"
    );
    BackendError::new("use", &bucket.to_string(), problem)
        .with_kind(BackendErrorKind::Conditions)
        .with_remedy(
            "use a storage with conditional writes, such as Amazon S3 or Azure Blob Storage",
        )
}

/// Whether the bucket is there and the object is not.
pub(super) fn is_no_object(error: &Error) -> bool {
    let is_no_bucket = |code: String| ["NoSuchBucket", "ContainerNotFound"].contains(&&*code);
    matches!(error, Error::NotFound { .. }) && !code(error).is_some_and(is_no_bucket)
}

fn rights(provider: Provider) -> &'static str {
    match provider {
        Provider::S3 => {
            "the identity needs s3:GetObject, s3:PutObject and s3:DeleteObject on the objects, and s3:ListBucket on the bucket; \
             keys may also have expired"
        }
        Provider::Azure => {
            "the identity needs the role Storage Blob Data Contributor on the container; keys may also have expired"
        }
        Provider::Google => {
            "the identity needs the role Storage Object User on the bucket; keys may also have expired"
        }
    }
}

fn what(provider: Provider) -> &'static str {
    match provider {
        Provider::Azure => "container",
        _ => "bucket",
    }
}

fn causes<'a>(error: &'a Error) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error as &(dyn StdError + 'static)), |error| {
        (**error).source()
    })
}

/// The storage's own name for an error, from the XML of its answer.
fn code(error: &Error) -> Option<String> {
    causes(error).find_map(|cause| {
        let text = cause.to_string();
        let (_, rest) = text.split_once("<Code>")?;
        let (code, _) = rest.split_once("</Code>")?;
        let is_name = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_name.then(|| code.to_owned())
    })
}

/// The status of the answer.
fn status(error: &Error) -> Option<String> {
    causes(error).find_map(|cause| {
        let text = cause.to_string();
        let (_, rest) = text.split_once("status code: ")?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (digits.len() == 3).then_some(digits)
    })
}
