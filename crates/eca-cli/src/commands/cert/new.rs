//! `eca cert new`.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use eca_attest::{KeyKind, OsIds, Provider, SelfSigned};
use eca_model::fs::Access;
use schemars::JsonSchema;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::key_passwords::OutputPassword;
use crate::files::{shell, write};

#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// The certificate's common name
    #[arg(long, value_name = "NAME")]
    name: String,
    /// File for the private key (PKCS#8 PEM, readable by its owner only, encrypted if there is a
    /// password)
    #[arg(long, value_name = "FILE")]
    key_out: PathBuf,
    /// File for the certificate (PEM)
    #[arg(long, value_name = "FILE")]
    cert_out: PathBuf,
    /// How long the certificate is valid
    #[arg(long, value_name = "TIME", default_value = "365d", value_parser = humantime::parse_duration)]
    valid: Duration,
    /// Key type; client attestation accepts RSA only
    #[arg(long, value_enum, default_value_t, value_name = "KIND")]
    kind: Kind,
    #[command(flatten)]
    output_password: OutputPassword,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Kind {
    #[default]
    #[value(name = "rsa-2048")]
    Rsa2048,
    #[value(name = "rsa-3072")]
    Rsa3072,
    #[value(name = "rsa-4096")]
    Rsa4096,
    #[value(name = "p-256")]
    P256,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    key: String,
    encrypted: bool,
    certificate: String,
    thumbprint_sha256: String,
}

pub(super) fn run(context: &Context, name: &str, arguments: &New) -> Result<Exit, Failure> {
    let kind = match arguments.kind {
        Kind::Rsa2048 => KeyKind::Rsa2048,
        Kind::Rsa3072 => KeyKind::Rsa3072,
        Kind::Rsa4096 => KeyKind::Rsa4096,
        Kind::P256 => KeyKind::P256,
    };
    // First, so that a wrong name is told at once.
    let password = arguments.output_password.read()?;
    let now = SystemTime::now();
    let (key, certificate) = SelfSigned::valid_for(&arguments.name, now, arguments.valid, &OsIds)
        .and_then(|request| request.generate(Provider::AwsLcRs, kind))
        .map_err(|error| {
            Failure::caused_by(Exit::from(&error), "cannot generate a certificate", &error)
        })?;
    let pem = match &password {
        Some(password) => {
            let pem = key.to_encrypted_pkcs8_pem(password, &OsIds);
            Zeroizing::new(pem.map_err(|error| Failure::from_error(Exit::Usage, &error))?)
        }
        None => key.expose_pkcs8_pem(),
    };
    write::create(&arguments.key_out, pem.as_bytes(), Access::Owner)?;
    let pem = certificate.to_pem();
    if let Err(failure) = write::create(&arguments.cert_out, pem.as_bytes(), Access::Inherited) {
        // A key without its certificate is of no use; this run made it.
        let _ = std::fs::remove_file(&arguments.key_out);
        return Err(failure);
    }
    let document = Document {
        key: arguments.key_out.display().to_string(),
        encrypted: password.is_some(),
        certificate: arguments.cert_out.display().to_string(),
        thumbprint_sha256: certificate.thumbprint().to_string(),
    };
    context.output.document(name, Exit::Success, &document);
    let encrypted = if document.encrypted {
        "encrypted"
    } else {
        "not encrypted; --out-password-env VAR encrypts it"
    };
    context
        .output
        .print(format_args!("key          {} ({encrypted})", document.key));
    context
        .output
        .print(format_args!("certificate  {}", document.certificate));
    context
        .output
        .print(format_args!("SHA-256      {}", document.thumbprint_sha256));
    if let Kind::P256 = arguments.kind {
        context
            .output
            .info("client attestation accepts RSA keys only; this key is for other uses");
    } else {
        context.output.info(format_args!(
            "next: eca cert register {}",
            shell::word(&document.certificate)
        ));
    }
    Ok(Exit::Success)
}
