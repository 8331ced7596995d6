//! `eca cert inspect`.

use std::path::PathBuf;
use std::time::SystemTime;

use eca_attest::{PrivateKey, Provider};
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::cert::Problem;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::certificates::{self, OneOf};
use crate::files::key_passwords::InputPassword;
use crate::ui::output::Output;

#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// A certificate: PEM (the first of several), DER, the base64 body of an ECA file, or a key
    /// store (that of its key)
    file: PathBuf,
    /// The private key that the certificate must belong to
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    input_password: InputPassword,
}

/// The result.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    /// The place among the certificates of the file, from 1.
    position: usize,
    certificates_in_file: usize,
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
    not_checked: Vec<NotChecked>,
}

pub(super) fn run(context: &Context, name: &str, arguments: &Inspect) -> Result<Exit, Failure> {
    let OneOf {
        certificate,
        position,
        count,
    } = certificates::one_of(&arguments.file, &arguments.input_password)?;
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
    let mut document = Document {
        position,
        certificates_in_file: count,
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
        not_checked: Vec::new(),
    };
    document.not_checked = NotChecked::all(document.self_signed, key.is_some()).collect();
    context.output.document(name, exit, &document);
    print(&context.output, &document);
    Ok(exit)
}

fn print(output: &Output, document: &Document) {
    if document.certificates_in_file > 1 {
        output.print(format_args!(
            "{:<11}certificate {} of {} in the file",
            "shown", document.position, document.certificates_in_file
        ));
    }
    for (label, value) in [
        ("subject", &document.subject),
        ("issuer", &document.issuer),
        ("serial", &document.serial),
        ("valid from", &document.not_before),
        ("valid to", &document.not_after),
        ("key", &document.key),
        ("SHA-256", &document.thumbprint_sha256),
    ] {
        output.print(format_args!("{label:<11}{value}"));
    }
    for name in &document.alt_names {
        output.print(format_args!("{:<11}{name}", "alt name"));
    }
    let by = if document.self_signed {
        "itself"
    } else {
        "its issuer"
    };
    output.print(format_args!("{:<11}by {by}", "signed"));
    output.print(format_args!(
        "{:<11}{} bytes of DER, 4096 allowed",
        "size", document.der_bytes
    ));
    for concern in &document.concerns {
        output.print(format_args!("{}: {}", concern.severity, concern.message));
    }
    for not_checked in &document.not_checked {
        let message = not_checked.message;
        output.print(format_args!("not checked: {message}"));
    }
}

/// What the command cannot know about a certificate, or was not asked.
#[derive(Serialize, JsonSchema)]
struct NotChecked {
    code: &'static str,
    message: &'static str,
}

impl NotChecked {
    fn all(self_signed: bool, has_key: bool) -> impl Iterator<Item = Self> {
        let trust = if self_signed {
            "whether it can be trusted: it is signed by itself"
        } else {
            "whether its issuers have signed it and can be trusted"
        };
        let key = "whether you have its private key (--key FILE)";
        let all = [
            Some(("trust", trust)),
            Some((
                "revocation",
                "whether it was revoked: no list (CRL) or responder (OCSP) is asked",
            )),
            (!has_key).then_some(("private-key", key)),
            Some((
                "registration",
                "whether an app in an org has it (eca doctor headless, eca doctor login)",
            )),
        ];
        let all = all.into_iter().flatten();
        all.map(|(code, message)| Self { code, message })
    }
}
