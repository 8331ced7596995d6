//! `eca cert register`.

use std::path::PathBuf;

use eca_attest::{Certificate, PrivateKey};
use eca_model::types::ExtlClntAppOauthSettings;
use eca_model::{Component, Project};
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::key_passwords::InputPassword;
use crate::files::{certificates, write};

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
    input_password: InputPassword,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    file: String,
    component: String,
    changed: bool,
    thumbprint_sha256: String,
}

pub(super) fn run(context: &Context, name: &str, arguments: &Register) -> Result<Exit, Failure> {
    let certificate = certificates::certificate(&arguments.file, &arguments.input_password)?;
    let key = arguments
        .key
        .as_deref()
        .map(|path| certificates::key(path, &arguments.input_password))
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
        component: component.name().to_string(),
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
