//! The paths in reports for machines, which are shown beside the files of a repository.

use std::path::{Component, Path};

use eca_deploy::DeployProblem;

use crate::files::git;

/// The option of commands with such reports.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ReportPaths {
    /// The folder before the paths of reports for machines, such as apps/crm [default: the
    /// project's folder in its git repository]
    #[arg(long, value_name = "FOLDER")]
    path_prefix: Option<String>,
}

impl ReportPaths {
    /// What precedes the paths of a project in a report: nothing outside of a repository.
    pub(crate) fn prefix(&self, root: &Path) -> String {
        if let Some(given) = &self.path_prefix {
            let given = given.trim_start_matches("./").trim_end_matches('/');
            return match given {
                "" | "." => String::new(),
                folder => format!("{folder}/"),
            };
        }
        let inside = || {
            let repository = git::repository(root)?;
            let root = root.canonicalize().ok()?;
            root.strip_prefix(repository).ok().map(folder)
        };
        inside().unwrap_or_default()
    }
}

/// What precedes the paths of a project so that they are relative to the current folder.
pub(crate) fn from_current_folder(root: &Path) -> String {
    let from = || {
        let current = std::env::current_dir().ok()?.canonicalize().ok()?;
        let root = root.canonicalize().ok()?;
        let common = current.ancestors().find(|above| root.starts_with(above))?;
        let up = current.strip_prefix(common).ok()?.components().count();
        let down = root.strip_prefix(common).ok().map(folder)?;
        Some("../".repeat(up) + &down)
    };
    from().unwrap_or_default()
}

/// The problems of a deploy with this text before their local paths.
pub(crate) fn prefixed(problems: &[DeployProblem], prefix: &str) -> Vec<DeployProblem> {
    let mut problems = problems.to_vec();
    for place in problems
        .iter_mut()
        .filter_map(|problem| problem.place.as_mut())
    {
        place.path.insert_str(0, prefix);
    }
    problems
}

/// A relative path with `/` after each folder.
fn folder(path: &Path) -> String {
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(format!("{}/", name.to_string_lossy())),
        _ => None,
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_folder_ends_with_one_slash() {
        for (given, prefix) in [
            ("", ""),
            (".", ""),
            ("./", ""),
            ("apps/crm", "apps/crm/"),
            ("./apps/crm/", "apps/crm/"),
        ] {
            let paths = ReportPaths {
                path_prefix: Some(given.to_owned()),
            };
            assert_eq!(paths.prefix(Path::new("/")), prefix, "{given}");
        }
    }
}
