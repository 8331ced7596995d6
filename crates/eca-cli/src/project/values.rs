//! The project as one org takes it: with the replacements of `sfdx-project.json`, then with the
//! values of `eca.toml`.

use std::borrow::Cow;
use std::path::Path;

use eca_attest::Certificate;
use eca_model::{AssignedValue, Assignment, FieldPath, Origin, Overlaid, Overlay, Project};
use schemars::JsonSchema;
use serde::Serialize;

use crate::auth;
use crate::config::{Config, GivenValue, Value};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::input;
use crate::project::replacements::{self, Variables};

/// The option of commands that see the values of an org.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct ValuesOption {
    /// Take the files as they are, without the values of eca.toml for the org
    #[arg(long)]
    no_values: bool,
}

/// The org whose values a command sees.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ValuesOf<'a> {
    /// That of `--org`, if it is given.
    Option,
    /// The one that the command would talk to.
    Target,
    /// This one.
    Org(&'a str),
}

/// A value that is not the project's own, for `--json`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ValueView {
    component: String,
    member: String,
    /// Where it is written: `eca.toml:14`.
    source: String,
}

impl ValuesOption {
    /// The project with the replacements and the values of the org.
    pub(crate) fn resolve(
        self,
        context: &Context,
        root: &Path,
        project: Project,
        of: ValuesOf<'_>,
        variables: Variables,
    ) -> Result<Overlaid, Failure> {
        let filled_in = match replacements::filled_in(&project, variables)? {
            Cow::Owned(filled_in) => Some(filled_in),
            Cow::Borrowed(_) => None,
        };
        let project = filled_in.unwrap_or(project);
        let plain = |project| {
            let mut overlaid = Overlaid::default();
            overlaid.project = project;
            overlaid
        };
        // Without an org, a broken eca.toml is no reason not to show or check the files.
        let is_without_org = matches!(of, ValuesOf::Option) && context.org_name().is_none();
        if self.no_values || is_without_org {
            return Ok(plain(project));
        }
        let Some(config) = Config::find(context, root)? else {
            // ECA_ORG may be that of other projects.
            return match context.org_name() {
                Some(name) if !context.org_is_from_environment() => Err(auth::unknown(name, root)),
                _ => Ok(plain(project)),
            };
        };
        let Some(name) = org(context, &config, of)? else {
            return Ok(plain(project));
        };
        let values = config.values_of(&name)?;
        let overlay = Overlay {
            environments: assignments(&config, &values.environments)?,
            org: assignments(&config, &values.org)?,
        };
        if overlay.is_empty() {
            return Ok(plain(project));
        }
        let overlaid = project.with_overlay(&overlay).map_err(|errors| {
            let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
            Failure::new(Exit::Usage, errors.join("\n")).hint(format!(
                "these are values for org {name}; --no-values leaves all of them out"
            ))
        })?;
        let count = overlaid.count();
        let plural = if count == 1 { "" } else { "s" };
        context.output.info(format_args!(
            "{count} value{plural} of {} for org {name}",
            config.path().display()
        ));
        Ok(overlaid)
    }
}

/// The values for `--json`.
pub(crate) fn views(overlaid: &Overlaid) -> Vec<ValueView> {
    let origins = overlaid.origins.iter();
    let all = origins.flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    let view = |(name, (path, origin)): (_, &(FieldPath, Origin))| ValueView {
        component: ToString::to_string(name),
        member: path.to_string(),
        source: origin.to_string(),
    };
    all.map(view).collect()
}

/// The name of the org whose values count.
fn org(context: &Context, config: &Config, of: ValuesOf<'_>) -> Result<Option<String>, Failure> {
    let named = match of {
        ValuesOf::Org(name) => Some(name),
        _ => context.org_name(),
    };
    match (named, of) {
        (Some(name), _) => return Ok(Some(name.to_owned())),
        (None, ValuesOf::Target) if config.has_values() => {}
        _ => return Ok(None),
    }
    let problem = match (auth::instance_of_environment()?, config.default_org()) {
        (Some(instance), _) => {
            let instance_url = instance.as_str();
            match config.orgs_at(&instance).as_slice() {
                [one] => return Ok(Some((*one).to_owned())),
                [] => format!("no org of it has the instance-url {instance_url}"),
                several => format!(
                    "{} have the instance-url {instance_url}",
                    several.join(" and ")
                ),
            }
        }
        (None, Some(default)) => return Ok(Some(default.to_owned())),
        (None, None) if auth::has_target_org() => {
            "SF_TARGET_ORG names an org of the Salesforce CLI".to_owned()
        }
        (None, None) => {
            let file = config.path().display();
            context.output.info(format_args!(
                "no org is named: the values per org of {file} are left out"
            ));
            return Ok(None);
        }
    };
    let message = format!(
        "{} has values per org, and which ones are meant is not clear: {problem}",
        config.path().display()
    );
    let orgs: Vec<_> = config.org_names().collect();
    Err(Failure::new(Exit::Usage, message).hint(format!(
        "name an org with --org ({}), or leave the values out with --no-values",
        orgs.join(", ")
    )))
}

fn assignments(config: &Config, given: &[GivenValue]) -> Result<Vec<Assignment>, Failure> {
    let file = config.path().file_name().unwrap_or_default();
    let file = file.to_string_lossy().into_owned();
    let assignment = |given: &GivenValue| {
        let origin = Origin {
            file: file.clone(),
            position: config.position(given.offset),
        };
        Ok(Assignment {
            subject: given.subject.clone(),
            path: given.path.clone(),
            value: match &given.value {
                Value::Is(value) => AssignedValue::Value(value.clone()),
                Value::Absent => AssignedValue::Absent,
                Value::File(path) => {
                    AssignedValue::Certificate(certificate(config, path, &origin)?)
                }
            },
            origin,
        })
    };
    given.iter().map(assignment).collect()
}

/// The certificate in a file beside `eca.toml`, or below it. Nobody needs to trust the file for its
/// values, so that it can name nothing else: a key or another secret would go to the org.
fn certificate(config: &Config, path: &Path, origin: &Origin) -> Result<String, Failure> {
    let wrong = |problem: &str| {
        let (file, position, path) = (&origin.file, origin.position, path.display());
        Failure::new(Exit::Usage, format!("{file}:{position}: {path} {problem}"))
    };
    let folder = config.path().parent().unwrap_or(Path::new("."));
    let folder = folder.canonicalize();
    let folder = folder.map_err(|_| wrong("is not in a folder that can be read"))?;
    let whole = folder.join(path).canonicalize();
    let whole = whole.map_err(|_| wrong("does not exist"))?;
    if !whole.starts_with(&folder) {
        return Err(wrong("is outside of the folder of eca.toml")
            .hint("copy the certificate into the project; it is public"));
    }
    let bytes = input::bytes(&whole, input::SMALL)?;
    let certificate = Certificate::read(&bytes);
    let certificate = certificate.map_err(|_| {
        wrong("is not a certificate").hint("only certificates come from files: PEM or DER")
    })?;
    Ok(certificate.to_body())
}
