//! `eca token`: a fresh access token for other programs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::auth;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) const NAME: &str = "token";

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    access_token: &'a str,
    instance_url: &'a str,
}

pub(crate) async fn run(context: &Context) -> Result<Exit, Failure> {
    let target = auth::target(context, &context.project_root(&[])?, None)?;
    let token = target.tokens.access_token().await;
    let token = token.map_err(|error| {
        let is_unreachable = matches!(*error, eca_oauth::Error::Transport { .. });
        let hint = "check the host's name, the network and the proxy".to_owned();
        Failure::from_library(&*error).or_hint(is_unreachable.then_some(hint))
    })?;
    // The only command whose result is a secret.
    let document = Document {
        access_token: token.expose_secret(),
        instance_url: target.instance.as_str(),
    };
    context
        .output
        .secret(NAME, &document, document.access_token);
    Ok(Exit::Success)
}
