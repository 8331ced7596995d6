//! `eca attest`: client attestation JWTs.

pub(crate) mod verify;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use eca_attest::{
    Audience, ClientAttestation, ClientId, Jti, Lifetime, OsIds, Provider, PublicKey, Signer,
};
use eca_oauth::{HostKind, LoginUrl};
use schemars::JsonSchema;
use serde::Serialize;

use crate::auth;
use crate::auth::token_key;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::certificates;
use crate::files::key_passwords::InputPassword;

/// The header's name in the IETF draft "OAuth 2.0 Attestation-Based Client Authentication".
const DEFAULT_HEADER: &str = "OAuth-Client-Attestation";

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Mint a client attestation JWT and print it
    Mint(Mint),
    /// Print the header and claims of a JWT without verifying it
    Inspect(verify::Inspect),
    /// Verify a client attestation JWT against a certificate
    Verify(verify::Verify),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Mint {
    /// The private key: PEM, DER, PKCS#12, JKS, JSON Web Key or JWK Set, detected by content
    #[arg(long, value_name = "FILE", required_unless_present = "pkcs11")]
    key: Option<PathBuf>,
    /// A private key that stays in its token, as a PKCS#11 URI (RFC 7512):
    /// `pkcs11:token=LABEL;object=KEY?module-path=LIBRARY`. --password-env and --password-fd give
    /// its PIN, or the URI names a file with it: `&pin-source=file:PATH`
    #[arg(long, value_name = "URI", conflicts_with_all = ["key", "alias"])]
    pkcs11: Option<String>,
    #[command(flatten)]
    input_password: InputPassword,
    /// The certificate registered in clientAssertionCertificate; checked against the key
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// The app's consumer key, which becomes `iss`
    #[arg(long, value_name = "ID")]
    client_id: ClientId,
    /// The authorization server, which becomes `aud`; never guessed from a host [default:
    /// `audience` of the org that --org names in eca.toml]
    #[arg(long, value_name = "URL")]
    audience: Option<Audience>,
    /// How long the token is valid, 5m at most
    #[arg(long, value_name = "TIME", default_value = "3m", value_parser = humantime::parse_duration)]
    lifetime: Duration,
    /// Add `sub`
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// Add a fresh `jti`, which makes the token single-use
    #[arg(long)]
    jti: bool,
    /// Print an HTTP header instead of the JWT alone. Salesforce does not document the header's
    /// name; the default is that of the IETF draft
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = DEFAULT_HEADER)]
    header: Option<String>,
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Mint(_) => "attest-mint",
            Self::Inspect(_) => "attest-inspect",
            Self::Verify(_) => "attest-verify",
        }
    }
}

pub(crate) fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let name = command.name();
    match command {
        Command::Mint(arguments) => mint(context, name, arguments),
        Command::Inspect(arguments) => verify::inspect(context, name, &arguments),
        Command::Verify(arguments) => verify::verify(context, name, arguments),
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document<'a> {
    jwt: &'a str,
    header: &'a str,
    claims: serde_json::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_header: Option<String>,
}

fn mint(context: &Context, name: &str, arguments: Mint) -> Result<Exit, Failure> {
    let (name_of_key, signer) = signer(context, &arguments)?;
    let failed = |error: &(dyn std::error::Error + 'static)| {
        Failure::caused_by(
            Exit::Usage,
            format!("cannot sign with {name_of_key}"),
            error,
        )
    };
    let lifetime = Lifetime::try_from(arguments.lifetime)
        .map_err(|error| Failure::from_error(Exit::Usage, &error).hint("see --lifetime"))?;
    let audience = match arguments.audience {
        Some(audience) => audience,
        None => auth::audience(context, &context.project_root(&[])?)?.ok_or_else(|| {
            Failure::new(Exit::Usage, "no audience given").hint(
                "give --audience URL, or --org NAME of an org whose eca.toml entry has `audience`",
            )
        })?,
    };
    if let Some(problem) = audience_problem(&audience) {
        context.output.warn(format_args!("{audience} {problem}"));
    }
    let mut attestation = ClientAttestation::new(arguments.client_id, audience).lifetime(lifetime);
    if let Some(subject) = arguments.subject {
        attestation = attestation.subject(subject);
    }
    if arguments.jti {
        attestation = attestation.id(Jti::Fresh);
    }
    let token = attestation
        .sign(&*signer, SystemTime::now(), &OsIds)
        .map_err(|error| failed(&error))?;
    let document = Document {
        jwt: token.expose_jwt(),
        header: token.header(),
        claims: serde_json::from_str(token.claims()).unwrap_or_default(),
        http_header: arguments
            .header
            .map(|name| format!("{name}: {}", token.expose_jwt())),
    };
    context.output.document(name, Exit::Success, &document);
    context
        .output
        .print(document.http_header.as_deref().unwrap_or(document.jwt));
    Ok(Exit::Success)
}

/// Why an audience is probably not the one of a client attestation.
fn audience_problem(audience: &Audience) -> Option<&'static str> {
    let url: LoginUrl = audience.as_str().parse().ok()?;
    if url.uri().path().ends_with("/services/oauth2/token") {
        Some(
            "is a token endpoint: whoever gets the attestation could use it there as a client assertion",
        )
    } else if url.kind() == HostKind::Org {
        Some(
            "is a My Domain: headless logins run on an Experience Cloud site, whose URL is the audience",
        )
    } else {
        None
    }
}

/// The signer, and its name in messages. A given certificate, and a certificate in the key file,
/// must belong to the key.
fn signer(context: &Context, arguments: &Mint) -> Result<(String, Box<dyn Signer>), Failure> {
    let check_named = |public: &PublicKey| match &arguments.cert {
        Some(path) => {
            let certificate = certificates::certificate(path, &arguments.input_password)?;
            certificates::check(context, path, &certificate, Some(public))
        }
        None => Ok(()),
    };
    let Some(path) = &arguments.key else {
        let uri = arguments.pkcs11.as_deref().unwrap_or_default();
        let signer = token_key::open(uri, &arguments.input_password)?;
        check_named(signer.public_key())?;
        return Ok(("the key in the token".to_owned(), signer));
    };
    let identity = certificates::identity(path, &arguments.input_password)?;
    check_named(identity.key().public_key())?;
    if let (None, Some(certificate)) = (&arguments.cert, identity.certificate()) {
        certificates::check(context, path, certificate, None)?;
    }
    let signer = Provider::AwsLcRs.signer(identity.key()).map_err(|error| {
        let message = format!("cannot sign with {}", path.display());
        Failure::caused_by(Exit::Usage, message, &error)
            .hint("client attestations are signed with RS256: use an RSA key of 2048 to 4096 bits")
    })?;
    Ok((path.display().to_string(), signer))
}
