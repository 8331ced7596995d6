//! `eca login`: logs in and prints the user. It stores nothing without `--save`.

mod answers;
mod browser;
mod headless;
mod identity;

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use eca_oauth::{
    AccessToken, SiteUrl, TokenResponse, UserInfo, UserinfoEndpoint, VerificationMethod,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::auth;
use crate::config::SecretSource;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) const NAME: &str = "login";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The OAuth flow [default: the org's `method` in eca.toml]
    #[arg(long, value_enum, value_name = "FLOW")]
    flow: Option<Flow>,
    /// The API for flows of a site
    #[arg(long, value_enum, value_name = "API", default_value_t = Api::Challenge)]
    api: Api,
    /// Store the refresh token of the flows `web` and `device`
    #[arg(long)]
    save: bool,
    /// The user of a headless login: user name, or email address or phone number for passwordless
    #[arg(long, value_name = "TEXT")]
    username: Option<String>,
    /// Source of the password (of the new one, to replace a forgotten one): env:NAME, file:PATH or
    /// cmd:COMMAND
    #[arg(long, value_name = "SOURCE")]
    password: Option<SecretSource>,
    /// Source of the one-time password [default: ask on the terminal]
    #[arg(long, value_name = "SOURCE")]
    otp: Option<SecretSource>,
    /// How to deliver the one-time password: email or sms
    #[arg(long, value_name = "METHOD", default_value = "email")]
    verify_by: VerificationMethod,
    /// Registration fields (repeatable); names from the challenge profile
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    user_data: Vec<(String, String)>,
}

/// The outcome of a flow.
enum Ended {
    /// A token.
    Token(SiteUrl, Box<TokenResponse>),
    /// A new password for this user.
    PasswordSet(SiteUrl, String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Flow {
    /// JWT bearer
    Jwt,
    /// Client credentials
    ClientCredentials,
    /// Browser on this machine
    Web,
    /// Browser on any device
    Device,
    /// User of a site, with user name and password
    Headless,
    /// User of a site, with a one-time password
    Passwordless,
    /// Registration of a new user of a site
    Register,
    /// Reset a forgotten password of a user of a site (`--api identity` only)
    ForgotPassword,
}

/// The API for flows of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Api {
    /// OAuth 2.0 for First-Party Applications, with a client attestation
    Challenge,
    /// Salesforce's older Headless Identity APIs
    Identity,
}

impl fmt::Display for Flow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        formatter.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("not NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The result of a login.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Document {
    flow: String,
    username: Option<String>,
    user_id: Option<String>,
    organization_id: Option<String>,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exchanges: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved: Option<PathBuf>,
    /// A forgotten password was replaced; the user is not logged in.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    password_set: bool,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> Result<Exit, Failure> {
    let saves = matches!(arguments.flow, None | Some(Flow::Web | Flow::Device));
    if arguments.save && !saves {
        let message =
            "nothing to save: eca stores only the refresh tokens of the flows web and device";
        return Err(Failure::new(Exit::Usage, message));
    }
    let document = match arguments.flow {
        Some(Flow::Headless | Flow::Passwordless | Flow::Register | Flow::ForgotPassword) => {
            headless::run(context, &arguments).await?
        }
        Some(Flow::Web) => browser::web(context, arguments.save).await?,
        Some(Flow::Device) => browser::device(context, arguments.save).await?,
        Some(flow @ (Flow::Jwt | Flow::ClientCredentials)) => machine(context, Some(flow)).await?,
        None if arguments.api == Api::Identity => headless::run(context, &arguments).await?,
        None if arguments.save => browser::web(context, true).await?,
        None => machine(context, None).await?,
    };
    context.output.document(NAME, Exit::Success, &document);
    for line in &document.exchanges {
        context.output.info(line);
    }
    let user = document.username.as_deref().unwrap_or("(nameless)");
    let what = if document.password_set {
        "new password set for"
    } else {
        "logged in as"
    };
    context
        .output
        .print(format_args!("{what} {user} at {}", document.url));
    if let Some(path) = &document.saved {
        context
            .output
            .print(format_args!("refresh token stored in {}", path.display()));
    }
    Ok(Exit::Success)
}

/// The flows without a user, as defined in the org's entry.
async fn machine(context: &Context, flow: Option<Flow>) -> Result<Document, Failure> {
    let target = auth::target(context, &context.project_root(&[])?, None)?;
    let asked = flow.map(|flow| flow.to_string());
    if let Some(asked) = asked.filter(|asked| asked != target.method) {
        let message = format!(
            "{} gets its tokens by `{}`, not by `{asked}`",
            target.shown(),
            target.method
        );
        return Err(Failure::new(Exit::Usage, message).hint("set `method` in eca.toml"));
    }
    let token = target.tokens.access_token().await;
    let token = token.map_err(|error| Failure::from_library(&*error))?;
    let endpoint = target.instance.userinfo_endpoint();
    let user = user(context, &endpoint, &token).await?;
    Ok(document(target.method, user, target.instance.as_str()))
}

fn document(flow: impl fmt::Display, user: UserInfo, url: &str) -> Document {
    Document {
        flow: flow.to_string(),
        username: user.preferred_username,
        user_id: user.user_id,
        organization_id: user.organization_id,
        url: url.to_owned(),
        scope: None,
        exchanges: Vec::new(),
        saved: None,
        password_set: false,
    }
}

/// The user that a token is for.
async fn user(
    context: &Context,
    endpoint: &UserinfoEndpoint,
    token: &AccessToken,
) -> Result<UserInfo, Failure> {
    let user = auth::user_info(&context.http()?, endpoint, token).await;
    user.map_err(|error| Failure::from_library(&error))
}
