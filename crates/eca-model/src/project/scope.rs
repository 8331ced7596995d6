//! Which files belong to a project: the one place that applies package directories and
//! `.forceignore`.

use crate::project::force_ignore::ForceIgnore;
use crate::project::project_file::ProjectFile;

/// Which paths belong to a project.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// The folder of the project file.
    project: String,
    /// The package directories; when there are none, everything belongs to the project.
    directories: Vec<String>,
    /// Rules, and the folder that they apply to.
    ignored: Vec<(String, ForceIgnore)>,
}

impl Scope {
    /// Restricts the scope to the package directories of a project file in a folder.
    pub(crate) fn add_project_file(&mut self, folder: &str, file: &ProjectFile) {
        for directory in file.package_directories.iter().flatten() {
            let path = clean(&format!("{folder}/{}", directory.path));
            self.directories.push(path);
        }
        self.project = clean(folder);
    }

    /// Excludes what the `.forceignore` of a folder names.
    pub(crate) fn add_ignore_file(&mut self, folder: &str, bytes: &[u8]) {
        let rules = ForceIgnore::parse(&String::from_utf8_lossy(bytes));
        self.ignored.push((clean(folder), rules));
    }

    /// Whether a file is in a package directory and not ignored.
    pub(crate) fn contains(&self, path: &str) -> bool {
        if self.directories.is_empty() && self.ignored.is_empty() {
            return true;
        }
        let path = &clean(path);
        let outside_of_packages = !self.directories.is_empty()
            && below(path, &self.project).is_some()
            && !self.directories.iter().any(|d| below(path, d).is_some());
        !outside_of_packages && !self.ignores_file(path)
    }

    /// Whether `.forceignore` names a file.
    pub(crate) fn ignores_file(&self, path: &str) -> bool {
        self.ignores(path, ForceIgnore::ignores_file)
    }

    /// Whether `.forceignore` names a folder.
    pub(crate) fn ignores_folder(&self, path: &str) -> bool {
        self.ignores(path, ForceIgnore::ignores_folder)
    }

    fn ignores(&self, path: &str, by: fn(&ForceIgnore, &str) -> bool) -> bool {
        self.ignored
            .iter()
            .any(|(folder, rules)| below(path, folder).is_some_and(|path| by(rules, path)))
    }
}

/// The path inside a folder; an empty folder is the root.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// A path without `.`, empty segments and a slash at the end.
pub(crate) fn clean(path: &str) -> String {
    let steps = path.split(['/', '\\']);
    let steps: Vec<_> = steps.filter(|step| !matches!(*step, "" | ".")).collect();
    steps.join("/")
}
