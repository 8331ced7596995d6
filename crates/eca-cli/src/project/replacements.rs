//! The replacements of `sfdx-project.json`, filled in from the environment of this process.

use std::borrow::Cow;

use eca_model::{Project, ReplacementError, UnsetVariable};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::mask;

/// Which environment variables replacements take their values from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variables {
    /// All that they name: what a deploy sends. One that is not set is refused. The values are
    /// hidden in what the program prints, as any of them may be a secret.
    Deployed,
    /// All that they name, shown in what the program prints.
    Shown,
    /// None: a stranger's file chooses them, and a report quotes what they hold.
    None,
}

/// The project with the replacements.
pub(crate) fn filled_in(
    project: &Project,
    variables: Variables,
) -> Result<Cow<'_, Project>, Failure> {
    let environment = |name: &str| match variables {
        Variables::None => None,
        Variables::Shown => std::env::var(name).ok(),
        Variables::Deployed => {
            let value = std::env::var(name).ok();
            if let Some(value) = &value {
                mask::add(value);
            }
            value
        }
    };
    let unset = match variables {
        Variables::Deployed => UnsetVariable::Refuse,
        Variables::Shown | Variables::None => UnsetVariable::Keep,
    };
    project.resolve(&environment, unset).map_err(|error| {
        let failure = Failure::from_error(Exit::Usage, &error);
        match &error {
            ReplacementError::Unset { name, .. } => failure.hint(format!(
                "set {name}, or allowUnsetEnvVariable of the replacement to true"
            )),
            ReplacementError::NoFile { .. } => {
                failure.hint("write the file, or correct replaceWithFile")
            }
            ReplacementError::TooLarge { .. } => failure.hint(
                "a replacement of sfdx-project.json asks for a long value many times; make its text more special",
            ),
            _ => failure.hint("correct replacements in sfdx-project.json"),
        }
    })
}
