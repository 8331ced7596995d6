//! `eca logout`: revokes and deletes the refresh token that `eca login --save` stored.

use eca_http::Idempotency;
use eca_oauth::Revocation;
use schemars::JsonSchema;
use serde::Serialize;

use crate::auth::{Login, exchange};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) const NAME: &str = "logout";

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    org: &'a str,
    revoked: bool,
}

pub(crate) async fn run(context: &Context) -> Result<Exit, Failure> {
    let login = Login::find(context)?;
    let Some(saved) = login.saved().await? else {
        let document = Document {
            org: &login.name,
            revoked: false,
        };
        context.output.document(NAME, Exit::Success, &document);
        context
            .output
            .info(format_args!("not logged in to org `{}`", login.name));
        return Ok(Exit::Success);
    };
    let endpoint = login.host.revocation_endpoint();
    let step = Revocation::step(&endpoint);
    let request = Revocation::Refresh(saved.refresh_token()).request(&endpoint);
    let http = context.http()?;
    let result = exchange(
        &http,
        Idempotency::Idempotent,
        step,
        request,
        Revocation::parse,
    );
    match result.await {
        Ok(()) => {}
        // Already revoked.
        Err(error) if error.oauth().is_some_and(|e| e.code() == "invalid_token") => {}
        Err(error) => {
            let hint = format!(
                "the refresh token is still valid and still in {}; try again",
                saved.path().display()
            );
            return Err(Failure::from_library(&error).hint(hint));
        }
    }
    let path = saved.path().display().to_string();
    saved.remove().map_err(|error| {
        let message = format!("revoked, but cannot remove {path}");
        Failure::caused_by(Exit::Failed, message, &error)
    })?;
    let document = Document {
        org: &login.name,
        revoked: true,
    };
    context.output.document(NAME, Exit::Success, &document);
    context
        .output
        .print(format_args!("logged out of org `{}`", login.name));
    Ok(Exit::Success)
}
