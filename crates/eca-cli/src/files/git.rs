//! The git state of a project. The program runs `git` and does not read repositories itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use eca_model::layout::{component_of, content_of};
use eca_model::{MetadataType, Project};

use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::program::{Output, Program, ProgramError};

/// The next step without git.
const WITHOUT_GIT: &str =
    "`--against` takes an earlier state from a folder or a package, without git";

/// The most bytes of git's output: more than any project that an org accepts.
const MAX_OUTPUT: u64 = 1 << 30;

/// Whether git tracks files.
#[derive(Debug)]
pub(crate) enum Tracked {
    /// These files, by their paths in the project.
    Paths(BTreeSet<String>),
    /// Git could not be run, for this reason.
    Unknown(String),
}

/// The global OAuth settings of a project that git tracks; `None` when the project has none.
pub(crate) fn tracked_global_settings(root: &Path, project: &Project) -> Option<Tracked> {
    let kind = MetadataType::ExtlClntAppGlobalOauthSettings;
    let mut components = project.components().iter();
    components.find(|component| component.kind() == kind)?;
    let suffix = kind.schema().suffix;
    Some(ask(root, suffix))
}

fn ask(root: &Path, suffix: &str) -> Tracked {
    // Outside of a repository, git is not started.
    if repository(root).is_none() {
        return Tracked::Unknown(format!("{} is not in a git repository", root.display()));
    }
    let asked = git(root)
        .args(["ls-files", "-z", "--"])
        .args([format!("*.{suffix}"), format!("*.{suffix}-meta.xml")])
        .output(None, MAX_OUTPUT);
    match answer(asked) {
        Err(reason) => Tracked::Unknown(reason),
        Ok(output) => Tracked::Paths(paths(&output)),
    }
}

/// The project in `root` at a revision. It has only metadata files, and no components when the
/// revision has no project there.
pub(crate) fn project_at(root: &Path, revision: &str) -> Result<Project, Failure> {
    let failed = |reason: String| {
        let message = format!("cannot read {} at {revision}: {reason}", root.display());
        Failure::new(Exit::Usage, message).hint(WITHOUT_GIT)
    };
    let tree = git(root)
        .args(["rev-parse", "--verify", "--quiet", "--end-of-options"])
        .args([format!("{revision}^{{tree}}")])
        .output(None, MAX_OUTPUT);
    let tree = match tree {
        // With `--quiet` an unknown revision fails without a message.
        Ok(output) if !output.status.success() && output.stderr.is_empty() => {
            let failure = failed("git has no such revision".to_owned());
            return Err(failure.hint(
                "fetch it first, for example `git fetch origin main`; a checkout in CI often has the newest commit only",
            ));
        }
        asked => answer(asked).map_err(failed)?,
    };
    let tree = String::from_utf8_lossy(&tree).trim().to_owned();
    // The files of the current folder, with paths relative to it.
    let listed = git(root)
        .args(["ls-tree", "-r", "-z", &tree])
        .output(None, MAX_OUTPUT);
    let files = files(&answer(listed).map_err(failed)?);
    let names: Vec<_> = files.iter().map(|(object, _)| object.as_str()).collect();
    let contents = contents(root, &names).map_err(failed)?;
    let paths = files.into_iter().map(|(_, path)| path);
    Ok(Project::from_entries(paths.zip(contents)))
}

/// A command of git in a folder.
///
/// The settings and objects of a repository are as foreign as its files. Reading needs no other
/// program and no network, so git is denied both. Git itself refuses the repository of another
/// user (`safe.directory`).
fn git(root: &Path) -> Program {
    let mut program = Program::new("git")
        .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
        .arg("-C")
        .arg(root);
    for (name, value) in ENVIRONMENT {
        program = program.env(name, value);
    }
    match repository(root).as_deref().and_then(Path::parent) {
        // Git looks for a repository no higher than the one that was found here.
        Some(above) => program.env("GIT_CEILING_DIRECTORIES", above),
        None => program,
    }
}

/// Settings of each call. They take precedence over those of the repository.
const SETTINGS: [&str; 6] = [
    // A folder of the checkout that looks like a bare repository is not one.
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "credential.helper=",
    "protocol.allow=never",
];

/// Variables of each call.
const ENVIRONMENT: [(&str, &str); 6] = [
    // A missing object is an error, and is not fetched from the remote of a partial clone.
    ("GIT_NO_LAZY_FETCH", "1"),
    // No protocol, whatever the repository allows.
    ("GIT_ALLOW_PROTOCOL", ""),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", ""),
    ("SSH_ASKPASS", ""),
    ("GIT_OPTIONAL_LOCKS", "0"),
];

/// The nearest folder with a `.git`, upwards from `root`.
pub(crate) fn repository(root: &Path) -> Option<PathBuf> {
    let root = root.canonicalize().ok()?;
    let found = root.ancestors().find(|folder| folder.join(".git").exists());
    found.map(Path::to_owned)
}

/// The output of git, or the reason of its failure.
fn answer(asked: Result<Output, ProgramError>) -> Result<Vec<u8>, String> {
    let output = asked.map_err(|error| chain(&error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().next().unwrap_or("it failed without a message");
    Err(format!("git: {first}"))
}

/// The project files of `ls-tree -r -z`: object and path.
fn files(output: &[u8]) -> Vec<(String, String)> {
    let entries = output.split(|byte| *byte == 0);
    let entries = entries.filter_map(|entry| {
        let entry = String::from_utf8_lossy(entry);
        let (about, path) = entry.split_once('\t')?;
        let [_, "blob", object] = about.split(' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        let is_setting = matches!(path, "sfdx-project.json" | ".forceignore");
        let counts = is_setting || component_of(path).is_some() || content_of(path).is_some();
        counts.then(|| (object.to_owned(), path.to_owned()))
    });
    entries.collect()
}

/// The contents of objects, in their order.
fn contents(root: &Path, objects: &[&str]) -> Result<Vec<Vec<u8>>, String> {
    let lines = objects.join("\n") + "\n";
    let asked = git(root)
        .args(["cat-file", "--batch"])
        .output(Some(lines.as_bytes()), MAX_OUTPUT);
    let output = answer(asked)?;
    let mut rest = output.as_slice();
    let read = objects.iter().map(|_| one_content(&mut rest));
    let read: Option<Vec<_>> = read.collect();
    read.ok_or_else(|| "git's output cannot be read".to_owned())
}

/// One object of `cat-file --batch`: a line `object blob length`, the content, a line end.
fn one_content(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (head, after) = rest.split_at_checked(end + 1)?;
    let head = std::str::from_utf8(head).ok()?.trim_end();
    let len = head.rsplit_once(' ')?.1.parse().ok()?;
    let (content, after) = after.split_at_checked(len)?;
    *rest = after.strip_prefix(b"\n")?;
    Some(content.to_vec())
}

/// The paths of `ls-files -z`, which git always writes with `/`.
fn paths(output: &[u8]) -> BTreeSet<String> {
    let paths = output.split(|byte| *byte == 0);
    paths
        .filter(|path| !path.is_empty())
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_with_any_names() {
        let found = paths("a/S.ecaGlblOauth\0b \n/\u{fc}.ecaGlblOauth-meta.xml\0".as_bytes());
        let expected = ["a/S.ecaGlblOauth", "b \n/\u{fc}.ecaGlblOauth-meta.xml"];
        assert_eq!(found, expected.map(str::to_owned).into());
        assert!(paths(b"").is_empty());
    }

    #[test]
    fn only_the_files_of_a_project_are_read() {
        let listed = b"100644 blob 1a\tapp/certs/S.crt\x00100644 blob 2b\tREADME.md\x00160000 commit 3c\tx.eca\x00\
            120000 blob 4d\tsfdx-project.json\x00100644 blob 5e\tapp/\tS.eca\x00";
        let found = [
            ("1a", "app/certs/S.crt"),
            ("4d", "sfdx-project.json"),
            ("5e", "app/\tS.eca"),
        ];
        let found = found.map(|(object, path)| (object.to_owned(), path.to_owned()));
        assert_eq!(files(listed), found);
    }

    #[test]
    fn contents_with_any_bytes() {
        let mut rest = b"1a blob 4\na\n\x00b\n2b blob 0\n\n3c missing\n".as_slice();
        assert_eq!(one_content(&mut rest), Some(b"a\n\x00b".to_vec()));
        assert_eq!(one_content(&mut rest), Some(Vec::new()));
        assert_eq!(one_content(&mut rest), None);
    }
}
