//! `eca attest`: client attestation JWTs.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use eca_attest::{Audience, ClientAttestation, ConsumerKey, Jti, Lifetime, OsIds, Provider};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{certificates, org};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Mint a client attestation JWT and print it
    Mint(Mint),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Mint {
    /// The private key: PEM or DER, found by content
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The certificate registered in clientAssertionCertificate; checked against the key
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// The app's consumer key, which becomes `iss`
    #[arg(long, value_name = "ID")]
    client_id: ConsumerKey,
    /// The authorization server, which becomes `aud`; never guessed from a host [default: `audience` of the org
    /// that --org names in eca.toml]
    #[arg(long, value_name = "URL")]
    audience: Option<Audience>,
    /// How long the token is valid, 5m at most
    #[arg(long, value_name = "TIME", default_value = "3m", value_parser = humantime::parse_duration)]
    lifetime: Duration,
    /// Adds `sub`
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// Adds a fresh `jti`, which makes the token single-use
    #[arg(long)]
    jti: bool,
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Mint(_) => "attest-mint",
        }
    }
}

pub(crate) fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let name = command.name();
    match command {
        Command::Mint(arguments) => mint(context, name, arguments),
    }
}

fn mint(context: &Context, name: &str, arguments: Mint) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Document<'a> {
        jwt: &'a str,
        header: &'a str,
        claims: serde_json::Value,
    }
    let key = certificates::key(&arguments.key)?;
    if let Some(path) = &arguments.cert {
        let certificate = certificates::certificate(path)?;
        certificates::check(context, path, &certificate, Some(&key))?;
    }
    let failed = |error: &(dyn std::error::Error + 'static)| {
        Failure::caused_by(
            Exit::Usage,
            format!("cannot sign with {}", arguments.key.display()),
            error,
        )
    };
    let lifetime = Lifetime::try_from(arguments.lifetime)
        .map_err(|error| Failure::from_error(Exit::Usage, &error).hint("see --lifetime"))?;
    let audience = match arguments.audience {
        Some(audience) => audience,
        None => org::audience(context, &context.project_root(&[])?)?.ok_or_else(|| {
            Failure::new(Exit::Usage, "no audience given").hint(
                "give --audience URL, or --org NAME of an org whose eca.toml entry has `audience`",
            )
        })?,
    };
    let mut attestation = ClientAttestation::new(arguments.client_id, audience).lifetime(lifetime);
    if let Some(subject) = arguments.subject {
        attestation = attestation.subject(subject);
    }
    if arguments.jti {
        attestation = attestation.id(Jti::Fresh);
    }
    let signer = Provider::AwsLcRs
        .signer(&key)
        .map_err(|error| failed(&error))?;
    let token = attestation
        .sign(&*signer, SystemTime::now(), &OsIds)
        .map_err(|error| failed(&error))?;
    let document = Document {
        jwt: token.expose_jwt(),
        header: token.header(),
        claims: serde_json::from_str(token.claims()).unwrap_or_default(),
    };
    context.output.document(name, Exit::Success, &document);
    context.output.line(token.expose_jwt());
    Ok(Exit::Success)
}
