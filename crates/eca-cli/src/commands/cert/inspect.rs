//! `eca cert inspect`.

use std::path::PathBuf;
use std::time::SystemTime;

use eca_attest::{PrivateKey, Provider};
use serde::Serialize;

use crate::commands::cert::Problem;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::certificates;
use crate::files::key_passwords::InputPassword;

#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// A certificate: PEM, DER or the base64 body of an ECA file
    file: PathBuf,
    /// The private key that the certificate must belong to
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    input_password: InputPassword,
}

pub(super) fn run(context: &Context, name: &str, arguments: &Inspect) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Document {
        subject: String,
        issuer: String,
        serial: String,
        not_before: String,
        not_after: String,
        key: String,
        alt_names: Vec<String>,
        self_signed: bool,
        thumbprint_sha256: String,
        der_bytes: usize,
        concerns: Vec<Problem>,
    }
    let certificate = certificates::certificate(&arguments.file, &arguments.input_password)?;
    let key = arguments
        .key
        .as_deref()
        .map(|path| certificates::key(path, &arguments.input_password))
        .transpose()?;
    let concerns = certificate.check(key.as_ref().map(PrivateKey::public_key), SystemTime::now());
    let exit = if concerns
        .iter()
        .any(|c| c.severity() == eca_attest::Severity::Error)
    {
        Exit::Failed
    } else {
        Exit::Success
    };
    let date = |time| humantime::format_rfc3339_seconds(time).to_string();
    let document = Document {
        subject: certificate.subject().to_owned(),
        issuer: certificate.issuer().to_owned(),
        serial: certificate.serial_hex(),
        not_before: date(certificate.not_before()),
        not_after: date(certificate.not_after()),
        key: certificate.key_algorithm().to_string(),
        alt_names: certificate
            .alt_names()
            .iter()
            .map(ToString::to_string)
            .collect(),
        self_signed: certificate.is_self_signed(Provider::AwsLcRs),
        thumbprint_sha256: certificate.thumbprint().to_string(),
        der_bytes: certificate.der().len(),
        concerns: concerns.iter().map(Problem::from).collect(),
    };
    context.output.document(name, exit, &document);
    for (label, value) in [
        ("subject", &document.subject),
        ("issuer", &document.issuer),
        ("serial", &document.serial),
        ("valid from", &document.not_before),
        ("valid to", &document.not_after),
        ("key", &document.key),
        ("SHA-256", &document.thumbprint_sha256),
    ] {
        context.output.print(format_args!("{label:<11}{value}"));
    }
    for name in &document.alt_names {
        context
            .output
            .print(format_args!("{:<11}{name}", "alt name"));
    }
    let by = if document.self_signed {
        "itself"
    } else {
        "its issuer"
    };
    context
        .output
        .print(format_args!("{:<11}by {by}", "signed"));
    context.output.print(format_args!(
        "{:<11}{} bytes of DER, 4096 allowed",
        "size", document.der_bytes
    ));
    for concern in &document.concerns {
        context
            .output
            .print(format_args!("{}: {}", concern.severity, concern.message));
    }
    Ok(exit)
}
