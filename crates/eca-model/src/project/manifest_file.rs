//! The manifests of a project, as files.

use std::fmt;

use serde::Serialize;

use crate::file::decode::{Described, Reader, Record};
use crate::file::{Decode, File};
use crate::project::manifest::Manifest;
use crate::schema::{TypeSchema, suggest};
use crate::types::{MetadataType, Package};
use crate::values::position::Position;
use crate::xml::{Element, Member, SyntaxError, SyntaxErrorKind};

/// The purpose of a manifest. Only the file's name shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ManifestKind {
    /// Lists what is deployed or retrieved: `package.xml`.
    Package,
    /// Lists what is deleted before the deploy: `destructiveChanges.xml`.
    Destructive,
    /// Lists what is deleted before the deploy, beside a file of later deletions:
    /// `destructiveChangesPre.xml`.
    DestructivePre,
    /// Lists what is deleted after the deploy: `destructiveChangesPost.xml`.
    DestructivePost,
}

impl ManifestKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Package,
        Self::Destructive,
        Self::DestructivePre,
        Self::DestructivePost,
    ];

    /// The file's name, which is the same in both formats.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Package => "package.xml",
            Self::Destructive => "destructiveChanges.xml",
            Self::DestructivePre => "destructiveChangesPre.xml",
            Self::DestructivePost => "destructiveChangesPost.xml",
        }
    }

    /// The kind of the manifest at a path (with `/`); `None` for another file.
    pub fn from_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next()?;
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.file_name() == name)
    }

    /// Whether it lists deletions.
    pub fn is_destructive(self) -> bool {
        self != Self::Package
    }
}

/// One manifest of a project.
#[derive(Debug, Clone)]
pub struct ManifestFile {
    /// The path of the file inside the project.
    pub path: String,
    /// Its purpose.
    pub kind: ManifestKind,
    /// Its content.
    pub file: File<Package>,
}

/// Something in a manifest that orgs refuse, or whose meaning differs from what it seems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ManifestProblem {
    /// Its position.
    pub position: Position,
    /// The element path below the root, such as `types[1].name`.
    pub path: String,
    /// The kind of problem.
    #[serde(flatten)]
    pub kind: ManifestProblemKind,
}

/// What is wrong in a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ManifestProblemKind {
    /// `version` is missing or invalid.
    Version {
        /// The text; `None` when there is none.
        found: Option<String>,
    },
    /// Members without a type.
    NoType,
    /// The name is not that of a type in this crate, but close to one. A name that is close to none
    /// belongs to another type and is accepted.
    Type {
        /// The name.
        found: String,
        /// The name that was probably meant.
        expected: &'static str,
    },
    /// The type has one component, and this is not its name (`Settings` has the member
    /// `ExternalClientApp`).
    Member {
        /// The name.
        found: String,
        /// The name that was probably meant.
        expected: &'static str,
    },
    /// A wildcard where each component must be named.
    Wildcard {
        /// The type.
        kind: String,
    },
}

impl fmt::Display for ManifestProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ManifestProblemKind::Version { found: None } => {
                formatter.write_str("there is no `version`, such as <version>66.0</version>")
            }
            ManifestProblemKind::Version { found: Some(found) } => {
                write!(formatter, "`{found}` is not an API version such as `66.0`")
            }
            ManifestProblemKind::NoType => formatter.write_str("`types` has no `name`"),
            ManifestProblemKind::Type { found, expected } => write!(
                formatter,
                "manifests have no type `{found}`; did you mean `{expected}`?"
            ),
            ManifestProblemKind::Member { found, expected } => write!(
                formatter,
                "there is no such member as `{found}`; did you mean `{expected}`?"
            ),
            ManifestProblemKind::Wildcard { kind } => write!(
                formatter,
                "`*` is not allowed in a deletion; name each {kind}"
            ),
        }
    }
}

impl ManifestFile {
    /// The problems that make orgs refuse the manifest, in the order of the file.
    ///
    /// # Sources
    /// Metadata API Developer Guide, "Sample package.xml Manifest Files", "Settings" and "Deleting
    /// Components from an Organization". Which names are close is this crate's own choice.
    pub fn problems(&self) -> Vec<ManifestProblem> {
        let root = self.file.document().root();
        let mut problems = Vec::new();
        let mut report = |element: Element<'_>, kind| {
            problems.push(ManifestProblem {
                position: element.position(),
                path: element.path(),
                kind,
            });
        };
        for types in root.children_named("types") {
            let Some(name) = types.child("name") else {
                report(types, ManifestProblemKind::NoType);
                continue;
            };
            let text = name.text();
            let text = text.trim();
            if let Some(expected) = intended_type(text) {
                let found = text.to_owned();
                report(name, ManifestProblemKind::Type { found, expected });
            }
            for member in types.children_named("members") {
                let named = member.text();
                let named = named.trim();
                if named == "*" && self.kind.is_destructive() {
                    let kind = text.to_owned();
                    report(member, ManifestProblemKind::Wildcard { kind });
                } else if let Some(expected) = intended_member(text, named) {
                    let found = named.to_owned();
                    report(member, ManifestProblemKind::Member { found, expected });
                }
            }
        }
        // The version of a destructive-changes file does not count.
        if self.kind == ManifestKind::Package {
            let version = root.child("version");
            let found = version.map(|version| version.text().trim().to_owned());
            let valid = found
                .as_deref()
                .is_some_and(|text| text.parse::<crate::values::version::ApiVersion>().is_ok());
            if !valid {
                report(
                    version.unwrap_or(root),
                    ManifestProblemKind::Version { found },
                );
            }
        }
        problems
    }

    /// The content, without its spelling.
    ///
    /// # Errors
    /// When `version` is missing or invalid.
    pub fn manifest(&self) -> Result<Manifest, SyntaxError> {
        Manifest::from_document(self.file.document())
    }
}

/// The type that an unknown name probably means.
fn intended_type(name: &str) -> Option<&'static str> {
    if MetadataType::ALL
        .iter()
        .any(|kind| kind.manifest_name() == name)
    {
        return None;
    }
    let schemas = || MetadataType::ALL.iter().map(|kind| kind.schema());
    // People use the folder, the suffix or the root element as the name; only settings have a
    // different root element.
    let called = |known: &str| !known.is_empty() && known.eq_ignore_ascii_case(name);
    let mut all = schemas();
    let found = all.find(|schema| {
        called(schema.name)
            || called(schema.manifest_name)
            || (schema.fixed_name.is_none() && (called(schema.directory) || called(schema.suffix)))
    });
    found.map(|schema| schema.manifest_name).or_else(|| {
        let ours = || {
            let ours = schemas().filter(|schema| schema.fixed_name.is_none());
            ours.map(|schema| schema.manifest_name)
        };
        // A name cut short: `ExternalClientApp`.
        let cut = |known: &&str| name.len() * 3 >= known.len() * 2 && known.starts_with(name);
        suggest::nearest(name, ours()).or_else(|| ours().find(cut))
    })
}

/// The member that is meant where a type has only one in this crate. Other settings are settings
/// too.
fn intended_member(kind: &str, member: &str) -> Option<&'static str> {
    let schemas = MetadataType::ALL.iter().map(|kind| kind.schema());
    let ours = schemas.filter(|schema| schema.manifest_name == kind);
    let fixed: Vec<_> = ours
        .filter_map(|schema| Some((schema.name, schema.fixed_name?)))
        .collect();
    let names = || fixed.iter().map(|(_, name)| *name);
    if names().any(|name| name == member) {
        return None;
    }
    let mut all = fixed.iter();
    all.find(|(schema, _)| member.eq_ignore_ascii_case(schema))
        .map(|(_, name)| *name)
        .or_else(|| suggest::nearest(member, names()))
}

impl Decode for Package {
    fn decode_root(root: Element<'_>, reader: &mut Reader) -> Result<Self, SyntaxErrorKind> {
        if root.name() != Self::SCHEMA.name {
            return Err(SyntaxErrorKind::WrongRoot {
                found: root.name().to_owned(),
                expected: format!("`{}`", Self::SCHEMA.name),
            });
        }
        Ok(<Self as Record>::decode(root, reader))
    }

    fn schema(&self) -> &'static TypeSchema {
        <Self as Described>::TYPE_SCHEMA
    }

    fn root_members(&self) -> Vec<Member> {
        self.members()
    }
}
