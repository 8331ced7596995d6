//! Files that look like metadata of an external client app, but whose names no tool recognizes.

use std::fmt;

use serde::Serialize;

use crate::project::layout::{FileName, Layout};
use crate::project::manifest_file::ManifestKind;
use crate::schema::suggest;
use crate::types::MetadataType;

/// A file with an unexpected suffix, folder or name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SuspiciousFile {
    /// The path of the file inside the project.
    pub path: String,
    /// What is suspicious.
    #[serde(flatten)]
    pub suspicion: Suspicion,
}

/// What is wrong with a name, and which name was probably meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "suspicion", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Suspicion {
    /// No metadata type has the suffix, so tools ignore the file without a message.
    Suffix {
        /// The suffix, without the dot and without `-meta.xml`.
        found: String,
        /// The suffix that was probably meant.
        expected: &'static str,
    },
    /// The suffix is right, and the folder is that of another type or of none. Inside a package
    /// that is an error.
    Folder {
        /// The folder's name.
        found: String,
        /// The folder of the file's type.
        expected: &'static str,
    },
    /// The name is almost that of a manifest; a package is deployed without it.
    Manifest {
        /// The file's name.
        found: String,
        /// The manifest's name.
        expected: &'static str,
    },
}

impl fmt::Display for Suspicion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Suffix { found, expected } => write!(
                formatter,
                "no metadata type has the suffix `.{found}`; did you mean `.{expected}`?"
            ),
            Self::Folder { found, expected } => write!(
                formatter,
                "the folder `{found}` is not that of the file's type; did you mean `{expected}`?"
            ),
            Self::Manifest { found, expected } => write!(
                formatter,
                "no manifest is called `{found}`; did you mean `{expected}`?"
            ),
        }
    }
}

/// Suffixes that people guess and that cannot be derived from the type's name. All are inferred
/// from the abbreviations of the real ones.
const SUFFIX_GUESSES: &[(&str, &str)] = &[
    ("ecaGlobalOauth", "ecaGlblOauth"),
    ("ecaGlobalOauthSettings", "ecaGlblOauth"),
    ("ecaGlblOauthSet", "ecaGlblOauth"),
    ("ecaGlblOauthSettings", "ecaGlblOauth"),
    ("ecaOauthSettings", "ecaOauth"),
    ("ecaOauthPolicy", "ecaOauthPlcy"),
    ("ecaOauthPolicies", "ecaOauthPlcy"),
    ("ecaPolicy", "ecaPlcy"),
    ("ecaPolicies", "ecaPlcy"),
    ("ecaNotification", "ecaNotifications"),
    ("ecaNotif", "ecaNotifications"),
    ("externalClientApp", "eca"),
    ("extCred", "externalCredential"),
    ("namedCred", "namedCredential"),
];

/// What is suspicious about a path (with `/`), if anything.
pub(crate) fn suspicion(path: &str) -> Option<Suspicion> {
    let file = FileName::parse(path)?;
    let folder = path.rsplit('/').nth(1);
    if file.suffix.eq_ignore_ascii_case("xml") && file.layout == Layout::Metadata {
        let found = path.rsplit('/').next()?;
        let expected = intended_manifest(found)?;
        let found = found.to_owned();
        return Some(Suspicion::Manifest { found, expected });
    }
    let Some(kind) = MetadataType::from_suffix(file.suffix) else {
        // Other settings have the same suffix as those of external client apps, and a certificate's
        // suffix is that of its content.
        if MetadataType::ALL
            .iter()
            .any(|kind| kind.schema().suffix == file.suffix)
        {
            return None;
        }
        let expected = intended_suffix(file.suffix).or_else(|| by_folder(&file, folder?))?;
        return Some(Suspicion::Suffix {
            found: file.suffix.to_owned(),
            expected,
        });
    };
    let (folder, expected) = (folder?, kind.schema().directory);
    // In the source format a folder may have any name; only the name of a type's folder counts as
    // one.
    (folder != expected && intended_folder(folder)).then(|| Suspicion::Folder {
        found: folder.to_owned(),
        expected,
    })
}

fn intended_suffix(suffix: &str) -> Option<&'static str> {
    let meant = |kind: &&MetadataType| {
        let schema = kind.schema();
        schema.suffix.eq_ignore_ascii_case(suffix) || schema.name.eq_ignore_ascii_case(suffix)
    };
    let known = MetadataType::ALL.iter().find(meant);
    known.map(|kind| kind.schema().suffix).or_else(|| {
        let mut guesses = SUFFIX_GUESSES.iter();
        let (_, expected) = guesses.find(|(guess, _)| guess.eq_ignore_ascii_case(suffix))?;
        MetadataType::from_suffix(expected).map(|kind| kind.schema().suffix)
    })
}

/// The manifest whose name is almost this one. A name with digits or hyphens is deliberate, such as
/// `package-2.xml`.
fn intended_manifest(name: &str) -> Option<&'static str> {
    let names = || ManifestKind::ALL.iter().map(|kind| kind.file_name());
    let is_a_word = |c: char| c.is_ascii_alphabetic() || c == '.';
    if names().any(|known| known == name) || !name.chars().all(is_a_word) {
        return None;
    }
    suggest::nearest(name, names())
}

/// A file of the source format with an unknown suffix in a folder that certainly belongs to an
/// app's type.
fn by_folder(file: &FileName<'_>, folder: &str) -> Option<&'static str> {
    let kind = MetadataType::ALL
        .iter()
        .find(|kind| kind.schema().directory == folder)?;
    let suffix = kind.schema().suffix;
    (file.layout == Layout::Source && suffix.starts_with("eca")).then_some(suffix)
}

/// Whether a folder has the name of a type, or that of a type's folder in another case.
fn intended_folder(folder: &str) -> bool {
    MetadataType::ALL.iter().any(|kind| {
        let schema = kind.schema();
        let singular = folder.strip_suffix(['s', 'S']).unwrap_or(folder);
        schema.directory.eq_ignore_ascii_case(folder)
            || schema.name.eq_ignore_ascii_case(folder)
            || schema.name.eq_ignore_ascii_case(singular)
    })
}

#[cfg(test)]
mod tests {
    use super::suspicion;

    fn check(path: &str, expected: Option<&str>) {
        let shown = suspicion(path).map(|suspicion| suspicion.to_string());
        let meant = expected.map(|expected| format!("did you mean `{expected}`?"));
        match (&shown, &meant) {
            (Some(shown), Some(meant)) => assert!(shown.ends_with(meant), "{path}: {shown}"),
            _ => assert_eq!(shown, meant, "{path}"),
        }
    }

    #[test]
    fn names_seen_in_the_wild() {
        for (path, expected) in [
            (
                "extlClntAppConfigurablePolicies/S.ecaPlcy-meta.xml",
                Some("extlClntAppPolicies"),
            ),
            (
                "a/extlClntAppGlobalOauthSettings/S.ecaGlblOauth-meta.xml",
                Some("extlClntAppGlobalOauthSets"),
            ),
            (
                "externalClientApplications/S.eca-meta.xml",
                Some("externalClientApps"),
            ),
            (
                "extlClntAppOauthSettings/S.ecaOauthPlcy",
                Some("extlClntAppOauthPolicies"),
            ),
            (
                "ExternalClientApps/S.eca-meta.xml",
                Some("externalClientApps"),
            ),
            ("x/S.ecaoauth-meta.xml", Some(".ecaOauth")),
            ("x/S.ecaGlobalOauth-meta.xml", Some(".ecaGlblOauth")),
            ("x/S.extlClntAppOauthSettings-meta.xml", Some(".ecaOauth")),
            ("x/S.externalClientApplication-meta.xml", Some(".eca")),
            ("extlClntAppPolicies/S.ecaP-meta.xml", Some(".ecaPlcy")),
            ("Package.xml", Some("package.xml")),
            ("src/pakcage.xml", Some("package.xml")),
            ("destructivechanges.xml", Some("destructiveChanges.xml")),
            (
                "m/destructiveChangesPosts.xml",
                Some("destructiveChangesPost.xml"),
            ),
            ("destructiveChangesPre.xml", None),
            ("manifest/package-2.xml", None),
            ("pom.xml", None),
            ("extlClntAppOauthSettings/S.ecaOauth-meta.xml", None),
            ("my-feature/S.ecaOauth-meta.xml", None),
            ("S.ecaOauth", None),
            ("extlClntAppPolicies/README.md", None),
            ("classes/A.cls-meta.xml", None),
            ("settings/ExternalClientApp.settings-meta.xml", None),
            ("settings/Account.settings", None),
            ("certs/Shop.crt-meta.xml", None),
            ("certs/Shop.crt", None),
            ("a.eca/b", None),
        ] {
            check(path, expected);
        }
    }
}
