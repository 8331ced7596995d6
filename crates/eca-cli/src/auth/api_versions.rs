//! The API versions of an org.

use bytes::Bytes;
use eca_http::Idempotency;
use eca_model::ApiVersion;
use serde::Deserialize;

use crate::auth::Target;
use crate::auth::target::call_failed;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The failure of a request with an API version that the org does not have yet; `None` when it has
/// it, or does not say.
pub(crate) async fn too_new(context: &Context, target: &Target) -> Option<Failure> {
    let asked = target.org.endpoint().version();
    let newest = newest(context, target)
        .await
        .filter(|newest| *newest < asked)?;
    let message = format!(
        "{} has no API version {asked}; its newest is {newest}",
        target.shown()
    );
    Some(Failure::new(Exit::Refused, message).hint(format!(
        "set sourceApiVersion in sfdx-project.json, or api-version of the org in eca.toml, to {newest} or older"
    )))
}

/// The failure of a call that changes nothing in the org, also of one with an API version that the
/// org does not have: that answer says only that there is no such resource.
pub(crate) async fn call_failed_by_version(
    context: &Context,
    target: &Target,
    message: &str,
    error: &eca_deploy::Error,
) -> Failure {
    let is_no_resource = error.api_error().is_some_and(|refusal| {
        refusal.http_status == 404 || refusal.code.ends_with("UNSUPPORTED_API_VERSION")
    });
    if is_no_resource && let Some(failure) = too_new(context, target).await {
        return failure;
    }
    call_failed(target, message, error)
}

/// The newest version (REST API Developer Guide, "Versions"); the list needs no token.
async fn newest(context: &Context, target: &Target) -> Option<ApiVersion> {
    #[derive(Deserialize)]
    struct Version {
        version: String,
    }
    let url = format!("{}/services/data", target.instance.as_str());
    let request = http::Request::get(url).body(Bytes::new()).ok()?;
    let http = context.http().ok()?;
    let response = http.send(Idempotency::Idempotent, request).await.ok()?;
    let versions: Vec<Version> = serde_json::from_slice(response.body()).ok()?;
    let versions = versions.iter().filter_map(|one| one.version.parse().ok());
    versions.max()
}
