//! `cargo xtask fixtures`: a file of each metadata type with every member in it, made from the reflection table.
//!
//! They are what the tests of `eca-model` read, so they are written here without its writer: the form is that of an
//! org's retrieve, by other hands.

mod sample;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use clap::Args;
use eca_model::TypeSchema;

use crate::failure::Failure;

/// The folder of the files, below the workspace's root.
const FOLDER: &str = "crates/eca-model/tests/fixtures";

/// How to treat the files.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Change nothing; end with 1 when a file is not what it would be made to
    #[arg(long)]
    check: bool,
}

/// Writes the files, or compares them; `false` when one differs.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<bool, Failure> {
    let expected = files();
    let present = present(&root.join(FOLDER))?;
    let differing: Vec<_> = expected
        .iter()
        .filter(|(path, text)| present.get(*path) != Some(text))
        .map(|(path, _)| path)
        .collect();
    let stale: Vec<_> = present
        .keys()
        .filter(|path| !expected.contains_key(*path))
        .collect();
    if arguments.check {
        for path in differing.iter().chain(&stale) {
            println!("{FOLDER}/{path}: not what `cargo xtask fixtures` makes");
        }
        return Ok(differing.is_empty() && stale.is_empty());
    }
    for path in &differing {
        let file = root.join(FOLDER).join(path);
        let write = |source| Failure::Write {
            path: file.clone(),
            source,
        };
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(write)?;
        }
        fs::write(&file, &expected[*path]).map_err(write)?;
    }
    for path in &stale {
        let file = root.join(FOLDER).join(path);
        fs::remove_file(&file).map_err(|source| Failure::Write { path: file, source })?;
    }
    let (written, removed) = (differing.len(), stale.len());
    eprintln!(
        "fixtures: {} files, {written} written, {removed} removed",
        expected.len()
    );
    Ok(true)
}

/// The texts by path below the folder.
fn files() -> BTreeMap<String, String> {
    let file = |schema: &'static TypeSchema| {
        let path = if schema.directory.is_empty() && schema.until.is_none() {
            let name = schema.fixed_name.unwrap_or_default();
            format!("manifests/{name}.{}", schema.suffix)
        } else if schema.suffix.is_empty() {
            format!("historic/{}.xml", schema.name)
        } else {
            let name = schema.fixed_name.unwrap_or("Every_member");
            format!("{}/{name}.{}-meta.xml", schema.directory, schema.suffix)
        };
        (path, sample::document(schema))
    };
    eca_model::schema::all().map(file).collect()
}

fn present(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut files = BTreeMap::new();
    for entry in children(folder)? {
        for file in children(&entry)? {
            let read = |source| Failure::Read {
                path: file.clone(),
                source,
            };
            let text = fs::read_to_string(&file).map_err(read)?;
            let path = file.strip_prefix(folder).unwrap_or(&file);
            files.insert(path.to_string_lossy().replace('\\', "/"), text);
        }
    }
    Ok(files)
}

/// What a folder holds; nothing when there is no folder.
fn children(folder: &Path) -> Result<Vec<std::path::PathBuf>, Failure> {
    let read = |source| Failure::Read {
        path: folder.to_path_buf(),
        source,
    };
    match fs::read_dir(folder) {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.path()).map_err(read))
            .collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(read(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_what_would_be_made() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let is_same = run(&root, &Arguments { check: true }).unwrap();
        assert!(is_same, "run `cargo xtask fixtures`");
    }

    #[test]
    fn each_type_has_a_file_of_its_own() {
        assert_eq!(files().len(), eca_model::schema::all().count());
    }
}
