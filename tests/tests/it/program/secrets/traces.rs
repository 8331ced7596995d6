//! Where a secret could stay or go: files, and the programs that `eca` starts.

use std::fs;
use std::path::{Path, PathBuf};

/// Files that hold secrets by design: the user's own, and keys that a command was asked to write.
/// All other files are searched.
const DESIGNED: [&str; 6] = [
    ".pem",
    ".secret",
    "kept.token",
    "store.jks",
    "sf.json",
    ".ecaGlblOauth-meta.xml",
];

/// The files below a folder, but not those of git and of the stand-ins.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && ![".git", "bin", "children"].contains(&name.as_str()) {
            found.extend(files(&path));
        } else if path.is_file() && !DESIGNED.iter().any(|end| name.ends_with(end)) {
            found.push(path);
        }
    }
    found
}

/// The texts of a file: of a zip, those of its entries.
fn texts(path: &Path) -> Vec<String> {
    let bytes = fs::read(path).unwrap();
    let mut texts = vec![String::from_utf8_lossy(&bytes).into_owned()];
    if path.extension().is_some_and(|end| end == "zip") {
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        for index in 0..zip.len() {
            let mut text = Vec::new();
            std::io::copy(&mut zip.by_index(index).unwrap(), &mut text).unwrap();
            texts.push(String::from_utf8_lossy(&text).into_owned());
        }
    }
    texts
}

/// No file that a command wrote has a secret in it.
pub(super) fn check_files(folder: &Path, secrets: &[(&str, String)]) {
    let files = files(folder);
    assert!(files.len() > 10, "{files:?}");
    for path in files {
        for text in texts(&path) {
            for (name, secret) in secrets {
                assert!(
                    !text.contains(secret),
                    "{} has a {name}: {text}",
                    path.display()
                );
            }
        }
    }
}

/// Puts programs first into the search path that note their arguments and environment: `git`, `sf`,
/// and `child`, which prints a file.
#[cfg(unix)]
pub(super) fn stand_ins(folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = std::env::var("PATH").unwrap();
    let (bin, children) = (folder.join("bin"), folder.join("children"));
    fs::create_dir(&bin).unwrap();
    fs::create_dir(&children).unwrap();
    let git = std::env::split_paths(&path)
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file());
    let git = git.map_or("exit 1".to_owned(), |git| {
        format!("exec {} \"$@\"", git.display())
    });
    let sf = format!("cat {}", folder.join("sf.json").display());
    for (name, then) in [("git", git), ("sf", sf), ("child", "cat \"$1\"".to_owned())] {
        let dump = children.join(name).display().to_string();
        let script = format!(
            "#!/bin/sh\n{{ for word in \"$0\" \"$@\"; do printf 'argv %s\\n' \"$word\"; done; env; }} > {dump}.$$\n{then}\n"
        );
        let file = bin.join(name);
        fs::write(&file, script).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    format!("{}:{path}", bin.display())
}

/// No program that was started got a secret: its environment is that of `eca`, and no more.
#[cfg(unix)]
pub(super) fn check_children(
    folder: &Path,
    inherited: &[(String, String)],
    secrets: &[(&str, String)],
) {
    let mut programs = std::collections::BTreeSet::new();
    for entry in fs::read_dir(folder.join("children")).unwrap() {
        let path = entry.unwrap().path();
        programs.insert(path.file_stem().unwrap().to_string_lossy().into_owned());
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines() {
            let is_inherited = inherited
                .iter()
                .any(|(name, value)| line == format!("{name}={value}"));
            for (name, secret) in secrets {
                let has = line.contains(secret) && !is_inherited;
                assert!(!has, "{} got a {name}: {line}", path.display());
            }
        }
    }
    let started: Vec<_> = programs.iter().map(String::as_str).collect();
    assert_eq!(started, ["child", "git", "sf"]);
}
