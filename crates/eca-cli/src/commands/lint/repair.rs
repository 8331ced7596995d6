//! `eca lint --fix`: put right what is certain.

use std::collections::BTreeMap;
use std::path::Path;

use eca_lint::{Finding, Options, fix, lint};
use eca_model::Project;
use eca_model::fs::write_all;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::paths::Selection;
use crate::files::write;

/// Fixes that touch each other take one round each; nothing sensible needs as many.
const MAX_ROUNDS: usize = 20;

/// Applies the fixes in memory until none is left, then writes the files that changed. Gives back
/// how many fixes were applied.
pub(super) fn run(
    root: &Path,
    project: &Project,
    options: &Options,
    selection: &Selection,
) -> Result<usize, Failure> {
    let mut texts: BTreeMap<String, String> = project
        .components()
        .iter()
        .map(|component| {
            (
                component.path().to_owned(),
                component.file().text().to_owned(),
            )
        })
        .collect();
    let before = texts.clone();
    let mut total = 0;
    for _ in 0..MAX_ROUNDS {
        let now = rebuild(&texts, project);
        let report = lint(&now, options);
        let selected = report
            .findings()
            .iter()
            .filter(|finding: &&Finding| selection.contains(&finding.path));
        let fixes = selected.filter_map(|finding| finding.fix.as_ref());
        let mut applied = 0;
        for (path, fixes) in fix::by_file(fixes) {
            if let Some(text) = texts.get_mut(path) {
                let (changed, count) = fix::apply(text, fixes);
                *text = changed;
                applied += count;
            }
        }
        total += applied;
        if applied == 0 {
            break;
        }
    }
    let changed = || {
        texts
            .iter()
            .filter(|(path, text)| before.get(*path) != Some(*text))
    };
    // All files are looked at before the first is written, and are written all or none.
    for (path, _) in changed() {
        unchanged(&root.join(path), before.get(path))?;
    }
    write_all(changed().map(|(path, text)| (root.join(path), text.as_bytes())))
        .map_err(|error| write::none_written(&error))?;
    Ok(total)
}

/// The project with other texts.
fn rebuild(texts: &BTreeMap<String, String>, project: &Project) -> Project {
    let files = texts
        .iter()
        .map(|(path, text)| (path.clone(), text.clone().into_bytes()));
    let version = project.api_version().map(|version| {
        let json = format!("{{\"sourceApiVersion\": \"{version}\"}}");
        ("sfdx-project.json".to_owned(), json.into_bytes())
    });
    Project::from_entries(files.chain(version))
}

/// Whether a file still holds what was linted.
fn unchanged(path: &Path, expected: Option<&String>) -> Result<(), Failure> {
    let found = std::fs::read(path).map_err(|error| cannot("read", path, &error))?;
    if expected.map(String::as_bytes) == Some(&found) {
        return Ok(());
    }
    let message = format!("{} changed in the meantime", path.display());
    Err(Failure::new(Exit::Failed, message).hint("run eca lint --fix again"))
}

fn cannot(act: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::caused_by(
        Exit::Usage,
        format!("cannot {act} {}", path.display()),
        error,
    )
}
