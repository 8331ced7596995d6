//! `eca cert register`.

use std::path::PathBuf;

use eca_attest::{Certificate, PrivateKey};
use eca_model::types::{ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings};
use eca_model::{Component, EditError, FieldPath, Project};
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
    /// What the app signs with the key [default: what its settings are for]
    #[arg(long = "for", value_enum, value_name = "WHAT")]
    purpose: Option<Purpose>,
    /// The signing key, to check that the certificate belongs to it
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    input_password: InputPassword,
}

/// What an app signs with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Purpose {
    /// Client attestations of headless logins: clientAssertionCertificate of the OAuth settings
    Attestation,
    /// Assertions of the JWT bearer flow: certificate of the global OAuth settings
    JwtBearer,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    file: String,
    component: String,
    /// The element that holds the certificate.
    element: &'static str,
    /// Whether another certificate was there.
    replaced: bool,
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
    let settings = settings(&project, arguments.app.as_deref())?;
    let purpose = match arguments.purpose {
        Some(purpose) => purpose,
        None => Purpose::of(&project, settings)?,
    };
    let component = match purpose {
        Purpose::Attestation => settings,
        Purpose::JwtBearer => global_settings(&project, settings)?,
    };
    let before = component.get(&FieldPath::new(purpose.element()));
    let before = before.ok().flatten();
    let edited = purpose.register(component, &certificate)?;
    let path = root.join(component.path());
    let changed = edited.file().text() != component.file().text();
    if changed {
        write::replace(&path, edited.file().text().as_bytes())?;
    }
    let document = Document {
        file: path.display().to_string(),
        component: component.name().to_string(),
        element: purpose.element(),
        replaced: changed && before.is_some(),
        changed,
        thumbprint_sha256: certificate.thumbprint().to_string(),
    };
    context.output.document(name, Exit::Success, &document);
    let verb = if changed {
        "registered in"
    } else {
        "was already in"
    };
    context.output.print(format_args!(
        "{verb} {} ({})",
        document.file, document.element
    ));
    if document.replaced {
        context.output.warn(
            "another certificate was registered: an app has one, so that clients with the old key are refused as soon as \
             this is deployed",
        );
    }
    Ok(Exit::Success)
}

impl Purpose {
    /// What the app's settings are for. With neither, a headless login is prepared.
    fn of(project: &Project, settings: &Component) -> Result<Self, Failure> {
        let typed = settings.typed::<ExtlClntAppOauthSettings>();
        let attests = typed.is_some_and(|settings| {
            settings.is_first_party_app_enabled == Some(true)
                || settings.client_assertion_certificate.is_some()
        });
        let global = global_settings(project, settings).ok();
        let global = global.and_then(|global| global.typed::<ExtlClntAppGlobalOauthSettings>());
        let asserts = global.is_some_and(|global| global.certificate.is_some());
        if attests && asserts {
            let app = settings.app().unwrap_or_default();
            let message = format!(
                "{app} has a certificate for headless logins and one for JWT bearer logins"
            );
            return Err(Failure::new(Exit::Usage, message)
                .hint("say which one it is: --for attestation, or --for jwt-bearer"));
        }
        Ok(if asserts {
            Self::JwtBearer
        } else {
            Self::Attestation
        })
    }

    fn element(self) -> &'static str {
        match self {
            Self::Attestation => "clientAssertionCertificate",
            Self::JwtBearer => "certificate",
        }
    }

    fn register(
        self,
        component: &Component,
        certificate: &Certificate,
    ) -> Result<Component, Failure> {
        if self == Self::Attestation {
            return with_certificate(component, certificate);
        }
        let edited = component.edit(|global: &mut ExtlClntAppGlobalOauthSettings| {
            global.certificate = Some(certificate.to_body());
        });
        edited.map_err(|error| cannot_edit(component, &error))
    }
}

/// The global OAuth settings of the app that some OAuth settings are of.
fn global_settings<'a>(
    project: &'a Project,
    settings: &Component,
) -> Result<&'a Component, Failure> {
    let mut all = project.of_type::<ExtlClntAppGlobalOauthSettings>();
    let found = all.find(|(global, _)| global.app() == settings.app());
    found.map(|(global, _)| global).ok_or_else(|| {
        let app = settings.app().unwrap_or_default();
        let message = format!("the project has no global OAuth settings (.ecaGlblOauth) of {app}");
        Failure::new(Exit::Usage, message).hint(
            "the certificate of JWT bearer logins is in them: retrieve the app, or write the file",
        )
    })
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
        .map_err(|error| cannot_edit(component, &error))
}

fn cannot_edit(component: &Component, error: &EditError) -> Failure {
    let message = format!("cannot edit {}", component.path());
    Failure::caused_by(Exit::Failed, message, error)
}
