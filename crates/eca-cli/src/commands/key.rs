//! `eca key`: private keys in other forms.

use std::path::PathBuf;

use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::passwords::Opening;
use crate::{certificates, reading};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Write a private key in another form
    Convert(Convert),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Convert {
    /// The key: PEM, DER, PKCS#12, JKS or JWK, found by content
    file: PathBuf,
    #[command(flatten)]
    opening: Opening,
    /// The form to write
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    to: Form,
    /// Where the key goes (readable by its owner only)
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where the certificates beside the key go (PEM, the key's own first)
    #[arg(long, value_name = "FILE")]
    cert_out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Form {
    /// PKCS#8 PEM, which every tool reads
    #[default]
    Pkcs8,
    /// PKCS#8 DER
    Pkcs8Der,
    /// JSON Web Key
    Jwk,
    /// The public half: SubjectPublicKeyInfo DER
    PublicDer,
    /// The public half: JSON Web Key
    PublicJwk,
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Convert(_) => "key-convert",
        }
    }
}

pub(crate) fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let name = command.name();
    match command {
        Command::Convert(arguments) => convert(context, name, &arguments),
    }
}

fn convert(context: &Context, name: &str, arguments: &Convert) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Document {
        key: String,
        form: Form,
        algorithm: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        certificates: Option<String>,
    }
    let identity = certificates::identity(&arguments.file, &arguments.opening)?;
    let chain: String = identity
        .chain()
        .iter()
        .map(eca_attest::Certificate::to_pem)
        .collect();
    if arguments.cert_out.is_some() && chain.is_empty() {
        let message = format!(
            "{} holds no certificate for its key",
            arguments.file.display()
        );
        return Err(Failure::new(Exit::Usage, message).hint("leave out --cert-out"));
    }
    let key = identity.key();
    let public_jwk = || key.public_key().to_jwk().unwrap_or_default().to_string();
    let out = arguments.out.as_path();
    match arguments.to {
        Form::Pkcs8 => reading::create(out, key.expose_pkcs8_pem().as_bytes(), true)?,
        Form::Pkcs8Der => reading::create(out, key.expose_pkcs8_der(), true)?,
        Form::Jwk => reading::create(out, key.expose_jwk().as_bytes(), true)?,
        Form::PublicDer => reading::create(out, key.public_key().spki_der(), false)?,
        Form::PublicJwk => reading::create(out, public_jwk().as_bytes(), false)?,
    }
    if let Some(path) = &arguments.cert_out
        && let Err(failure) = reading::create(path, chain.as_bytes(), false)
    {
        // Both or none; this run made it.
        let _ = std::fs::remove_file(out);
        return Err(failure);
    }
    let document = Document {
        key: out.display().to_string(),
        form: arguments.to,
        algorithm: key.public_key().algorithm().to_string(),
        certificates: arguments
            .cert_out
            .as_ref()
            .map(|path| path.display().to_string()),
    };
    context.output.document(name, Exit::Success, &document);
    let output = &context.output;
    output.line(format_args!(
        "key          {} ({})",
        document.key, document.algorithm
    ));
    if let Some(certificates) = &document.certificates {
        output.line(format_args!("certificate  {certificates}"));
    }
    Ok(Exit::Success)
}
