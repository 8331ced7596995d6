//! `eca emulate`: an org on this machine.

use eca_emulator::{Org, StartError};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;

pub(crate) const NAME: &str = "emulate";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The port on 127.0.0.1; 0 for a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
}

/// Starts an embedded org.
pub(crate) async fn start(port: u16) -> Result<Org, Failure> {
    Org::builder().port(port).start().await.map_err(|error| {
        let in_use = matches!(error, StartError::PortInUse { .. });
        let failure = Failure::from_error(Exit::Usage, &error);
        if in_use {
            failure.hint("choose another port with --port, or leave --port out to get a free one")
        } else {
            failure
        }
    })
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Document<'a> {
        instance_url: &'a str,
        site_url: String,
        org_id: String,
        api_version: String,
        username: &'a str,
        access_token: &'a str,
    }
    let mut interrupt = Interrupt::listen();
    let org = start(arguments.port).await?;
    let token = org.admin_access_token();
    let document = Document {
        instance_url: org.instance_url(),
        site_url: org.site_url(),
        org_id: org.org_id().to_string(),
        api_version: org.api_version().to_string(),
        username: org.admin_username(),
        access_token: token.expose_secret(),
    };
    context.output.document(NAME, Exit::Success, &document);
    for (label, value) in [
        ("instance URL", document.instance_url),
        ("site URL", &document.site_url),
        ("org id", &document.org_id),
        ("API version", &document.api_version),
        ("user name", document.username),
        ("access token", document.access_token),
    ] {
        context.output.line(format_args!("{label:<14}{value}"));
    }
    context
        .output
        .talk("everything is in memory and gone with this process; stop it with Ctrl-C");
    context.output.talk(format_args!(
        "to use it:\n  export SF_ORG_INSTANCE_URL={}\n  export SF_ACCESS_TOKEN=…   # the access token above\n  eca deploy",
        document.instance_url
    ));
    interrupt.requested().await;
    org.stop().await;
    Ok(Exit::Success)
}
