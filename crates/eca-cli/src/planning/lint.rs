//! The linter's errors about what would be sent.

use std::path::Path;
use std::time::SystemTime;

use eca_lint::{Options, Severity, lint};
use eca_model::{Project, layout};
use eca_plan::LintError;

use crate::config::Config;
use crate::context::Context;
use crate::failure::Failure;

/// The errors that `eca lint` finds in the project as the org takes it, with the levels of
/// `eca.toml`.
pub(super) fn errors(
    context: &Context,
    root: &Path,
    project: &Project,
) -> Result<Vec<LintError>, Failure> {
    let mut options = Options::new(SystemTime::now());
    if let Some(config) = Config::find(context, root)? {
        let config = config.lint();
        options.profiles.extend(&config.profiles);
        options.levels = config.levels();
        options.excludes = config.excludes();
    }
    let report = lint(project, &options);
    let errors = report.findings().iter();
    let errors = errors.filter(|finding| finding.severity == Severity::Error);
    Ok(errors
        .map(|finding| {
            let (path, line) = (&finding.path, finding.position.line);
            let file = path.rsplit('/').next().unwrap_or(path);
            LintError {
                rule: finding.rule.id().to_string(),
                component: layout::component_of(path).or_else(|| layout::content_of(path)),
                message: format!("{} ({file}:{line})", finding.message),
            }
        })
        .collect())
}
