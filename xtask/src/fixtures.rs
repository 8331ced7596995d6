//! `cargo xtask fixtures`: what tests read and nobody writes by hand: a file of each metadata type
//! with every member, keys, certificates, key stores, and a list of their hashes. With `--project`
//! an example of any size.

mod key;
mod manifest;
mod project;
mod recipe;
mod sample;
mod samples;
mod workshop;

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;

use crate::failure::Failure;
use crate::invocation::Invocation;

use manifest::Manifest;
use recipe::{FOLDERS, RECIPES, Way};
use workshop::Workshop;

/// How files of keys, certificates and key stores end, in lower case.
const ENDINGS: [&str; 12] = [
    "cer", "crt", "der", "jks", "jwk", "jwks", "key", "p12", "p8", "pem", "pfx", "ppk",
];

/// How to treat the files.
#[derive(Args, Debug, Default)]
pub(crate) struct Arguments {
    /// Change nothing; end with 1 when a file is not what it would be made to, or not what its
    /// hash says
    #[arg(long, conflicts_with_all = ["renew", "golden", "project"])]
    check: bool,
    /// Make certificates and key stores anew, too, whose bytes differ each time
    #[arg(long, conflicts_with = "project")]
    renew: bool,
    /// Let all tests write their golden files anew afterwards
    #[arg(long, conflicts_with = "project")]
    golden: bool,
    /// Instead, write an example project into this folder, which is empty or not there
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// How many apps the project has, 1 to 10000
    #[arg(long, value_name = "N", requires = "project", default_value_t = 10,
          value_parser = clap::value_parser!(u16).range(1..=10_000))]
    apps: u16,
    /// What the project's apps are drawn from; the same seed gives the same files
    #[arg(long, value_name = "S", requires = "project", default_value_t = 1)]
    seed: u64,
}

/// Writes the files, or compares them; `false` when one differs or could not be made.
///
/// # Errors
/// When a file cannot be read or written, or a program fails.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<bool, Failure> {
    if let Some(folder) = &arguments.project {
        project::write(folder, usize::from(arguments.apps), arguments.seed)?;
        return Ok(true);
    }
    if arguments.check {
        let problems = problems(root)?;
        for problem in &problems {
            println!("{problem}");
        }
        return Ok(problems.is_empty());
    }
    let is_whole = write(root, arguments.renew)?;
    if !arguments.golden || !is_whole {
        return Ok(is_whole);
    }
    let tests = Invocation::cargo("test --workspace").with("UPDATE_EXPECT", "1");
    Ok(tests.run(root)?.success())
}

/// A line for each file that is not as it should be.
fn problems(root: &Path) -> Result<Vec<String>, Failure> {
    let listed = Manifest::parse(&String::from_utf8_lossy(
        &read(root, manifest::PATH)?.unwrap_or_default(),
    ));
    let mut problems = Vec::new();
    let mut made: Vec<(String, Option<Vec<u8>>)> = Vec::new();
    for (path, bytes) in samples::files() {
        made.push((path, Some(bytes)));
    }
    for recipe in RECIPES {
        let bytes = match recipe.way {
            Way::Key(kind) => Some(workshop::key_of(kind, recipe.path)?),
            _ => None,
        };
        made.push((recipe.path.to_owned(), bytes));
    }
    for (path, expected) in &made {
        let Some(present) = read(root, path)? else {
            problems.push(format!("{path}: missing; run `cargo xtask fixtures`"));
            continue;
        };
        if expected.as_ref().is_some_and(|bytes| *bytes != present) {
            problems.push(format!("{path}: not what `cargo xtask fixtures` makes"));
        } else if !listed.agrees(path, &present) {
            let list = manifest::PATH;
            problems.push(format!("{path}: not the hash that {list} has"));
        }
    }
    let is_made = |path: &str| made.iter().any(|(made, _)| made == path);
    for path in listed.paths().filter(|path| !is_made(path)) {
        problems.push(format!(
            "{}: lists {path}, which nothing makes",
            manifest::PATH
        ));
    }
    for path in marked(root)?.iter().filter(|path| !is_made(path)) {
        problems.push(format!(
            "{path}: made by hand; say in xtask/src/fixtures/recipe.rs how it is made"
        ));
    }
    Ok(problems)
}

/// Makes what is missing, changed, or made from something that changed; removes samples of types
/// that are gone.
fn write(root: &Path, renew: bool) -> Result<bool, Failure> {
    let listed = Manifest::parse(&String::from_utf8_lossy(
        &read(root, manifest::PATH)?.unwrap_or_default(),
    ));
    let mut list = Manifest::default();
    let mut written: Vec<String> = Vec::new();
    let mut is_whole = true;
    let samples = samples::files();
    for (path, bytes) in &samples {
        if read(root, path)?.as_ref() != Some(bytes) {
            put(root, path, bytes)?;
            written.push(path.clone());
        }
        list.add(path, bytes);
    }
    let present = below(root, samples::FOLDER)?;
    let stale: Vec<_> = present
        .iter()
        .filter(|path| !samples.contains_key(*path))
        .collect();
    for path in &stale {
        let path = root.join(path);
        fs::remove_file(&path).map_err(|source| Failure::Write { path, source })?;
    }
    let mut are_keys_new = false;
    let workshop = Workshop::open(root)?;
    for recipe in RECIPES {
        let path = recipe.path;
        let present = read(root, path)?;
        let inputs = recipe.inputs();
        let is_due = renew
            || matches!(recipe.way, Way::Key(_))
            || inputs
                .iter()
                .any(|input| written.iter().any(|one| one == input))
            || !present
                .as_ref()
                .is_some_and(|bytes| listed.agrees(path, bytes));
        let bytes = match (present, is_due) {
            (Some(bytes), false) => bytes,
            (present, _) => match (workshop.make(recipe), present) {
                (Ok(Some(bytes)), present) => {
                    if present.as_ref() != Some(&bytes) {
                        put(root, path, &bytes)?;
                        written.push(path.to_owned());
                        are_keys_new = true;
                    }
                    bytes
                }
                (Ok(None), Some(bytes)) if !listed.lists(path) || listed.agrees(path, &bytes) => {
                    bytes
                }
                (Ok(None), _) => {
                    let Way::Published(source) = recipe.way else {
                        continue;
                    };
                    eprintln!("{path}: is not what {source} has; take it back from git");
                    is_whole = false;
                    continue;
                }
                (Err(Failure::Start { command, source }), _)
                    if source.kind() == io::ErrorKind::NotFound =>
                {
                    let program = command.split(' ').next().unwrap_or_default();
                    eprintln!("SKIPPED {path}: {program} is not installed");
                    is_whole = false;
                    continue;
                }
                (Err(failure), _) => return Err(failure),
            },
        };
        list.add(path, &bytes);
    }
    if is_whole && list != listed {
        put(root, manifest::PATH, list.text().as_bytes())?;
    }
    let (all, new, gone) = (list.paths().count(), written.len(), stale.len());
    eprintln!("fixtures: {all} files, {new} written, {gone} removed");
    if are_keys_new {
        eprintln!(
            "fixtures: keys or certificates are new; `cargo xtask fixtures --golden` brings golden files after them"
        );
    }
    Ok(is_whole)
}

/// The files that must have a recipe, or be a sample.
fn marked(root: &Path) -> Result<Vec<String>, Failure> {
    let mut marked = below(root, samples::FOLDER)?;
    for folder in FOLDERS {
        let is_marked = |path: &String| folder.ends_with("certificates") || is_of_a_key(path);
        marked.extend(below(root, folder)?.into_iter().filter(is_marked));
    }
    Ok(marked)
}

/// Whether a file's name says that it holds a key or a certificate, and no golden file of a test.
fn is_of_a_key(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default();
    let is_named = path.contains("test-only") || ENDINGS.contains(&ending);
    is_named && !path.contains(".golden.")
}

/// The files in a folder and the folders in it, by path below the root; nothing when there is no
/// folder.
fn below(root: &Path, folder: &str) -> Result<Vec<String>, Failure> {
    let path = root.join(folder);
    let failure = |source| Failure::Read {
        path: path.clone(),
        source,
    };
    let entries = match fs::read_dir(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failure)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failure)?;
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            files.extend(below(root, &name)?);
        } else {
            files.push(name);
        }
    }
    Ok(files)
}

fn read(root: &Path, path: &str) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(root.join(path)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Failure::Read {
            path: path.into(),
            source,
        }),
    }
}

fn put(root: &Path, path: &str, bytes: &[u8]) -> Result<(), Failure> {
    let file = root.join(path);
    let folder = file.parent().unwrap_or(root);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&file, bytes));
    written.map_err(|source| Failure::Write {
        path: path.into(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_have_a_recipe() {
        for (path, is_of_a_key) in [
            ("data/test-only-rsa-2048.txt", true),
            ("data/stray.pem", true),
            ("data/stray.p12", true),
            ("data/self-signed.golden.pem", false),
            ("data/rfc7515-a2.jws", false),
        ] {
            assert_eq!(super::is_of_a_key(path), is_of_a_key, "{path}");
        }
    }

    #[test]
    fn the_files_are_what_would_be_made() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        assert_eq!(
            problems(&root).unwrap(),
            [""; 0],
            "run `cargo xtask fixtures`"
        );
    }
}
