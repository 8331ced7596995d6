//! What git knows about a project. The program asks `git`; it reads no repository itself.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use eca_model::{MetadataType, Project};

/// Whether git tracks files.
#[derive(Debug)]
pub(crate) enum Tracked {
    /// These, as the project names them.
    Paths(BTreeSet<String>),
    /// Git could not be asked, and why.
    Unknown(String),
}

/// Which global OAuth settings of a project git tracks; `None` when the project has none.
pub(crate) fn tracked_global_settings(root: &Path, project: &Project) -> Option<Tracked> {
    let kind = MetadataType::ExtlClntAppGlobalOauthSettings;
    let mut components = project.components().iter();
    components.find(|component| component.id().kind == kind)?;
    let suffix = kind.schema().suffix;
    Some(ask(root, suffix))
}

fn ask(root: &Path, suffix: &str) -> Tracked {
    let full = match std::path::absolute(root) {
        Ok(full) => full,
        Err(error) => return Tracked::Unknown(error.to_string()),
    };
    // A folder outside of any repository is common, and no reason to start a program.
    if !full.ancestors().any(|folder| folder.join(".git").exists()) {
        return Tracked::Unknown(format!("{} is in no git repository", root.display()));
    }
    // A repository's own settings may name programs to run; reading the index needs none of them.
    let asked = Command::new("git")
        .args(["-c", "core.fsmonitor=false", "-C"])
        .arg(root)
        .args(["ls-files", "-z", "--"])
        .args([format!("*.{suffix}"), format!("*.{suffix}-meta.xml")])
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .output();
    match asked {
        Err(error) => Tracked::Unknown(format!("git cannot be run: {error}")),
        Ok(output) if output.status.success() => Tracked::Paths(paths(&output.stdout)),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let first = said.lines().next().unwrap_or("it failed without a word");
            Tracked::Unknown(format!("git says: {first}"))
        }
    }
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
}
