//! `eca cert`: generate, inspect, check and register certificates.

mod check;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use eca_attest::{
    Certificate, CertificateIssue, KeyKind, OsIds, PrivateKey, Provider, SelfSignError, SelfSigned,
    SerialNumber,
};
use eca_model::fs::Access;
use eca_model::types::ExtlClntAppOauthSettings;
use eca_model::{Component, Project};
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::key_passwords::InputPassword;
use crate::files::{certificates, write};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Generate a key and a self-signed certificate
    New(New),
    /// Inspect a certificate and check Salesforce's limits
    Inspect(Inspect),
    /// List expiring certificates: those given, or all in the project
    Check(check::Check),
    /// Check that a certificate belongs to a private key
    Match(check::Match),
    /// Write a certificate into `clientAssertionCertificate` of an app's OAuth settings
    Register(Register),
}

#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// The certificate's common name
    #[arg(long, value_name = "NAME")]
    name: String,
    /// File for the private key (PKCS#8 PEM, readable by its owner only)
    #[arg(long, value_name = "FILE")]
    key_out: PathBuf,
    /// File for the certificate (PEM)
    #[arg(long, value_name = "FILE")]
    cert_out: PathBuf,
    /// How long the certificate is valid
    #[arg(long, value_name = "TIME", default_value = "365d", value_parser = humantime::parse_duration)]
    valid: Duration,
    /// Key type. Client attestation takes RSA only
    #[arg(long, value_enum, default_value_t, value_name = "KIND")]
    kind: Kind,
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

#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// A certificate: PEM, DER or the base64 body of an ECA file
    file: PathBuf,
    /// The private key that the certificate must belong to
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    opening: InputPassword,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Register {
    /// The certificate: PEM, DER or base64 body
    file: PathBuf,
    /// The app, when the project has several
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// The signing key, to check that the certificate belongs to it
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    opening: InputPassword,
}

impl Command {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::New(_) => "cert-new",
            Self::Inspect(_) => "cert-inspect",
            Self::Check(_) => "cert-check",
            Self::Match(_) => "cert-match",
            Self::Register(_) => "cert-register",
        }
    }
}

pub(crate) fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let name = command.name();
    match command {
        Command::New(arguments) => new(context, name, &arguments),
        Command::Inspect(arguments) => inspect(context, name, &arguments),
        Command::Check(arguments) => check::check(context, name, &arguments),
        Command::Match(arguments) => check::matches(context, name, &arguments),
        Command::Register(arguments) => register(context, name, &arguments),
    }
}

/// A key and its self-signed certificate.
pub(crate) struct Identity {
    pub(crate) key: PrivateKey,
    pub(crate) certificate: Certificate,
}

impl Identity {
    /// Makes an RSA-2048 key and a certificate for `valid` from now.
    pub(crate) fn generate(common_name: &str, valid: Duration) -> Result<Self, Failure> {
        Self::generate_kind(KeyKind::Rsa2048, common_name, valid)
    }

    fn generate_kind(kind: KeyKind, common_name: &str, valid: Duration) -> Result<Self, Failure> {
        let failed = |error: &(dyn std::error::Error + 'static)| {
            Failure::caused_by(Exit::Failed, "cannot make a key and certificate", error)
        };
        let key = Provider::AwsLcRs
            .generate(kind)
            .map_err(|error| failed(&error))?;
        let signer = Provider::AwsLcRs
            .signer(&key)
            .map_err(|error| failed(&error))?;
        let serial = SerialNumber::fresh(&OsIds).map_err(|error| failed(&error))?;
        let now = SystemTime::now();
        let made = match now.checked_add(valid) {
            Some(until) if until > now => {
                SelfSigned::new(common_name, now, until, serial).sign(&*signer)
            }
            Some(_) => Err(SelfSignError::Validity),
            None => Err(SelfSignError::Date),
        };
        let certificate = made.map_err(|error| {
            Failure::caused_by(Exit::from(&error), "cannot make a certificate", &error)
        })?;
        Ok(Self { key, certificate })
    }
}

fn new(context: &Context, name: &str, arguments: &New) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Document {
        key: String,
        certificate: String,
        thumbprint_sha256: String,
    }
    let kind = match arguments.kind {
        Kind::Rsa2048 => KeyKind::Rsa2048,
        Kind::Rsa3072 => KeyKind::Rsa3072,
        Kind::Rsa4096 => KeyKind::Rsa4096,
        Kind::P256 => KeyKind::P256,
    };
    let identity = Identity::generate_kind(kind, &arguments.name, arguments.valid)?;
    let pem = identity.key.expose_pkcs8_pem();
    write::create(&arguments.key_out, pem.as_bytes(), Access::Owner)?;
    let certificate = identity.certificate.to_pem();
    if let Err(failure) = write::create(
        &arguments.cert_out,
        certificate.as_bytes(),
        Access::Inherited,
    ) {
        // A key without its certificate is of no use; this run made it.
        let _ = std::fs::remove_file(&arguments.key_out);
        return Err(failure);
    }
    let document = Document {
        key: arguments.key_out.display().to_string(),
        certificate: arguments.cert_out.display().to_string(),
        thumbprint_sha256: identity.certificate.thumbprint().to_string(),
    };
    context.output.document(name, Exit::Success, &document);
    context
        .output
        .print(format_args!("key          {}", document.key));
    context
        .output
        .print(format_args!("certificate  {}", document.certificate));
    context
        .output
        .print(format_args!("SHA-256      {}", document.thumbprint_sha256));
    if let Kind::P256 = arguments.kind {
        context
            .output
            .info("client attestation takes RSA only: this one is for other uses");
    } else {
        context.output.info(format_args!(
            "next: eca cert register {}",
            document.certificate
        ));
    }
    Ok(Exit::Success)
}

/// A concern in a document.
#[derive(Serialize)]
struct Problem {
    code: &'static str,
    severity: String,
    message: String,
}

impl Problem {
    fn of(concern: &CertificateIssue) -> Self {
        Self {
            code: concern.code(),
            severity: concern.severity().to_string(),
            message: concern.to_string(),
        }
    }
}

fn inspect(context: &Context, name: &str, arguments: &Inspect) -> Result<Exit, Failure> {
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
    let certificate = certificates::certificate(&arguments.file, &arguments.opening)?;
    let key = arguments
        .key
        .as_deref()
        .map(|path| certificates::key(path, &arguments.opening))
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
        concerns: concerns.iter().map(Problem::of).collect(),
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

fn register(context: &Context, name: &str, arguments: &Register) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Document {
        file: String,
        component: String,
        changed: bool,
        thumbprint_sha256: String,
    }
    let certificate = certificates::certificate(&arguments.file, &arguments.opening)?;
    let key = arguments
        .key
        .as_deref()
        .map(|path| certificates::key(path, &arguments.opening))
        .transpose()?;
    let public = key.as_ref().map(PrivateKey::public_key);
    certificates::check(context, &arguments.file, &certificate, public)?;
    let (root, project) = context.load_project(&[])?;
    let component = settings(&project, arguments.app.as_deref())?;
    let edited = with_certificate(component, &certificate)?;
    let path = root.join(component.path());
    let changed = edited.file().text() != component.file().text();
    if changed {
        write::replace(&path, edited.file().text().as_bytes())?;
    }
    let document = Document {
        file: path.display().to_string(),
        component: component.id().to_string(),
        changed,
        thumbprint_sha256: certificate.thumbprint().to_string(),
    };
    context.output.document(name, Exit::Success, &document);
    let verb = if changed {
        "registered in"
    } else {
        "was already in"
    };
    context
        .output
        .print(format_args!("{verb} {}", document.file));
    Ok(Exit::Success)
}

/// The OAuth settings of the named app, or of the only one that has some.
pub(crate) fn settings<'a>(
    project: &'a Project,
    app: Option<&str>,
) -> Result<&'a Component, Failure> {
    let all: Vec<_> = project
        .of_type::<ExtlClntAppOauthSettings>()
        .map(|(c, _)| c)
        .collect();
    let chosen: Vec<_> = all
        .iter()
        .copied()
        .filter(|component| app.is_none() || component.app() == app)
        .collect();
    let names: Vec<_> = all.iter().filter_map(|component| component.app()).collect();
    match (chosen.as_slice(), app) {
        ([one], _) => Ok(one),
        ([], Some(app)) => Err(Failure::new(
            Exit::Usage,
            format!("the project has no OAuth settings (.ecaOauth) of app `{app}`"),
        )
        .hint(format!("it has those of: {}", names.join(", ")))),
        ([], None) => Err(Failure::new(
            Exit::Usage,
            "the project has no OAuth settings (.ecaOauth)",
        )
        .hint("name the project with --project")),
        (_, None) => Err(Failure::new(
            Exit::Usage,
            format!(
                "the project has OAuth settings of several apps: {}",
                names.join(", ")
            ),
        )
        .hint("choose one with --app NAME")),
        (_, Some(app)) => Err(Failure::new(
            Exit::Usage,
            format!("app `{app}` has several OAuth settings; an app has one"),
        )
        .hint("eca lint names the files")),
    }
}

/// The OAuth settings with this certificate registered; every other byte stays.
pub(crate) fn with_certificate(
    component: &Component,
    certificate: &Certificate,
) -> Result<Component, Failure> {
    component
        .edit(|settings: &mut ExtlClntAppOauthSettings| {
            settings.client_assertion_certificate = Some(certificate.to_body());
        })
        .map_err(|error| {
            Failure::caused_by(
                Exit::Failed,
                format!("cannot edit {}", component.path()),
                &error,
            )
        })
}
