//! `eca cert check` and `eca cert match`.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use eca_attest::{Certificate, CertificateIssue};
use eca_lint::UnreadableCertificate;
use eca_model::{CertificateUse, Project};
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::cert::Problem;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::certificates;
use crate::files::key_passwords::InputPassword;

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// Certificates or key stores [default: every certificate in the project]
    files: Vec<PathBuf>,
    /// Report certificates that expire within this time
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = humantime::parse_duration)]
    within: Duration,
    #[command(flatten)]
    input_password: InputPassword,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Match {
    /// The certificate
    file: PathBuf,
    /// The private key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    input_password: InputPassword,
}

/// A certificate, or why it cannot be read, and where it is.
struct CertificateEntry {
    location: String,
    purpose: CertificateUse,
    certificate: Result<Certificate, String>,
}

/// One line of the result.
#[derive(Serialize, JsonSchema)]
struct Checked {
    location: String,
    subject: Option<String>,
    not_after: Option<String>,
    thumbprint_sha256: Option<String>,
    concerns: Vec<Problem>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    within: String,
    due: usize,
    certificates: Vec<Checked>,
}

/// Exit 1 when a certificate is expiring, or unfit for client attestation.
pub(crate) fn check(context: &Context, name: &str, arguments: &Check) -> Result<Exit, Failure> {
    let now = SystemTime::now();
    let until = now
        .checked_add(arguments.within)
        .ok_or_else(|| Failure::new(Exit::Usage, "--within is too long").hint("for example 30d"))?;
    let mut skipped = Vec::new();
    let entries = if arguments.files.is_empty() {
        let (_, project) = context.load_project(&[])?;
        in_project(&project, &mut skipped)
    } else {
        let read = |path: &PathBuf| {
            let certificate = Ok(certificates::certificate(path, &arguments.input_password)?);
            let location = path.display().to_string();
            let purpose = CertificateUse::Assertions;
            Ok(CertificateEntry {
                location,
                purpose,
                certificate,
            })
        };
        arguments.files.iter().map(read).collect::<Result<_, _>>()?
    };
    for location in &skipped {
        context.output.info(format_args!("not checked: {location}"));
    }
    if entries.is_empty() {
        context.output.info("the project holds no certificate");
    }
    let certificates: Vec<_> = entries
        .into_iter()
        .map(|entry| Checked::new(entry, now, until))
        .collect();
    let due = certificates
        .iter()
        .filter(|c| !c.concerns.is_empty())
        .count();
    let exit = if due > 0 { Exit::Failed } else { Exit::Success };
    let document = Document {
        within: humantime::format_duration(arguments.within).to_string(),
        due,
        certificates,
    };
    context.output.document(name, exit, &document);
    for checked in &document.certificates {
        if let Some(not_after) = &checked.not_after {
            let word = if checked.concerns.is_empty() {
                "ok, "
            } else {
                ""
            };
            context.output.print(format_args!(
                "{}: {word}valid to {not_after}",
                checked.location
            ));
        }
        for concern in &checked.concerns {
            context.output.print(format_args!(
                "{}: {}: {}",
                checked.location, concern.severity, concern.message
            ));
        }
    }
    Ok(exit)
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Matched {
    matches: bool,
}

/// Exit 1 when they do not belong together.
pub(crate) fn matches(context: &Context, name: &str, arguments: &Match) -> Result<Exit, Failure> {
    let certificate = certificates::certificate(&arguments.file, &arguments.input_password)?;
    let key = certificates::key(&arguments.key, &arguments.input_password)?;
    let matches = certificate.matches(key.public_key());
    let exit = if matches { Exit::Success } else { Exit::Failed };
    context.output.document(name, exit, &Matched { matches });
    let (file, key) = (arguments.file.display(), arguments.key.display());
    let verb = if matches {
        "belongs"
    } else {
        "does not belong"
    };
    context.output.print(format_args!("{file} {verb} to {key}"));
    Ok(exit)
}

impl Checked {
    fn new(entry: CertificateEntry, now: SystemTime, until: SystemTime) -> Self {
        let date = |time| humantime::format_rfc3339_seconds(time).to_string();
        match entry.certificate {
            Ok(certificate) => Self {
                location: entry.location,
                subject: Some(certificate.subject().to_owned()),
                not_after: Some(date(certificate.not_after())),
                thumbprint_sha256: Some(certificate.thumbprint().to_string()),
                concerns: certificate
                    .check_until(None, now, until)
                    .iter()
                    .filter(|concern| matters(concern, entry.purpose))
                    .map(Problem::from)
                    .collect(),
            },
            Err(message) => Self {
                location: entry.location,
                subject: None,
                not_after: None,
                thumbprint_sha256: None,
                concerns: vec![Problem {
                    code: "certificate-unreadable",
                    severity: eca_attest::Severity::Error.to_string(),
                    message,
                }],
            },
        }
    }
}

/// Whether a concern about certificates for client attestation is one here, too: RSA and the limit
/// of 4 KB are for those that check what an app signs.
fn matters(concern: &CertificateIssue, purpose: CertificateUse) -> bool {
    match concern {
        CertificateIssue::NotRsa { .. } => purpose == CertificateUse::Assertions,
        CertificateIssue::TooLarge { .. } => {
            matches!(
                purpose,
                CertificateUse::Assertions | CertificateUse::AssetTokens
            )
        }
        _ => true,
    }
}

/// The certificates that a project carries. Those that it does not carry, since their values come
/// from elsewhere, are told apart.
fn in_project(project: &Project, skipped: &mut Vec<String>) -> Vec<CertificateEntry> {
    let mut entries = Vec::new();
    for entry in eca_lint::certificates(project) {
        let location = match (entry.element, &entry.certificate) {
            (Some(element), _) => format!("{} {element}", entry.path),
            // A file of the org may hold the chain, too.
            (None, Ok(certificate)) => format!("{} {}", entry.path, certificate.subject()),
            (None, Err(_)) => entry.path.to_owned(),
        };
        match entry.certificate {
            // The certificate that is meant is in the org, or a file of its own.
            Err(UnreadableCertificate::Reference) => {}
            Err(error) if error.is_elsewhere() => skipped.push(format!("{location}: {error}")),
            certificate => entries.push(CertificateEntry {
                location,
                purpose: entry.purpose,
                certificate: certificate.map_err(|error| error.to_string()),
            }),
        }
    }
    entries
}
