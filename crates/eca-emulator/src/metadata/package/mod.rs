//! The contents of a deploy: `package.xml` and the files that it names.

pub(crate) mod archive;
pub(crate) mod decode;
pub(crate) mod destructive;
mod entry_name;
mod local_header;
mod manifest;

use std::collections::BTreeSet;

use eca_model::{ApiVersion, MetadataType, Position};

use crate::metadata::job::problem::Problem;
use crate::metadata::package::archive::{ArchiveError, Entry};
use crate::metadata::package::manifest::Manifest;
use crate::state::component_key::ComponentKey;

/// The oldest API version of this org.
pub(crate) const OLDEST: ApiVersion = ApiVersion::new(58);

/// A package. Files can hold secrets, so there is no `Debug`.
#[derive(Clone)]
pub(crate) struct Package {
    /// `<version>` of the manifest: the schema for reading the files.
    pub(crate) version: ApiVersion,
    /// The path of `package.xml`, with the package's folder when there is one.
    pub(crate) manifest_path: String,
    /// Components in the order of their paths.
    pub(crate) files: Vec<PackageFile>,
    /// The deletions of the destructive manifests, in their order.
    pub(crate) deletions: Vec<Deletion>,
    /// Problems of the package as a whole, by file.
    pub(crate) problems: Vec<PackageProblem>,
}

/// One component of a package.
#[derive(Clone)]
pub(crate) struct PackageFile {
    pub(crate) id: ComponentKey,
    /// Its path; for a pair that of the content, which an org's messages name.
    pub(crate) path: String,
    /// The file with the members.
    pub(crate) bytes: Vec<u8>,
    /// The content file of a pair.
    pub(crate) content: Option<Vec<u8>>,
}

/// One component that a destructive manifest names.
#[derive(Debug, Clone)]
pub(crate) struct Deletion {
    pub(crate) id: ComponentKey,
    /// The manifest.
    pub(crate) path: String,
    pub(crate) position: Position,
    /// Whether it is deleted after everything else is deployed.
    pub(crate) is_last: bool,
}

/// A problem of the package, not of a component.
#[derive(Debug, Clone)]
pub(crate) struct PackageProblem {
    pub(crate) path: String,
    pub(crate) full_name: String,
    pub(crate) problem: Problem,
}

impl Package {
    /// Unpacks a zip. With `single_package` the manifest is at the root, otherwise in a folder.
    pub(crate) fn read(
        zip: &[u8],
        single_package: bool,
        allow_missing_files: bool,
        newest: ApiVersion,
    ) -> Result<Self, ArchiveError> {
        let entries = archive::unpack(zip)?;
        let root = if single_package {
            Some(String::new())
        } else {
            entries.iter().find_map(|entry| {
                let folder = entry.path.strip_suffix("package.xml")?;
                (folder.ends_with('/') && folder.matches('/').count() == 1)
                    .then(|| folder.to_owned())
            })
        };
        let manifest = root.as_deref().and_then(|root| {
            let path = format!("{root}package.xml");
            entries.iter().find(|entry| entry.path == path)
        });
        let mut package = Self {
            version: newest,
            manifest_path: manifest.map_or("package.xml".to_owned(), |entry| entry.path.clone()),
            files: Vec::new(),
            deletions: Vec::new(),
            problems: Vec::new(),
        };
        let (Some(root), Some(manifest)) = (root.as_deref(), manifest) else {
            package.refuse("package.xml", Problem::new("No package.xml found"));
            return Ok(package);
        };
        match Manifest::parse(&manifest.bytes, None, &(OLDEST..=newest)) {
            Ok(manifest) => {
                package.version = manifest.version;
                package.collect(root, &entries, &manifest, allow_missing_files);
            }
            Err(problem) => package.refuse("package.xml", problem),
        }
        Ok(package)
    }

    /// An empty package.
    pub(crate) fn empty() -> Self {
        Self {
            version: OLDEST,
            manifest_path: String::new(),
            files: Vec::new(),
            deletions: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn refuse(&mut self, full_name: &str, problem: Problem) {
        self.problems.push(PackageProblem {
            path: self.manifest_path.clone(),
            full_name: full_name.to_owned(),
            problem,
        });
    }

    fn collect(
        &mut self,
        root: &str,
        entries: &[Entry],
        manifest: &Manifest,
        allow_missing_files: bool,
    ) {
        let mut found = BTreeSet::new();
        for entry in entries {
            let problem = match entry.path.strip_prefix(root) {
                Some("package.xml") => continue,
                Some(path) if is_destructive(path) => {
                    let is_last = path == "destructiveChangesPost.xml";
                    match self.delete(entry, manifest.version, is_last) {
                        Ok(()) => continue,
                        Err(problem) => problem,
                    }
                }
                Some(path) => {
                    let part = part_at(path).filter(|part| manifest.names(part.id()));
                    match part.map(|part| package_file(part, entry, entries)) {
                        Some(Ok(file)) => {
                            found.extend(file.iter().map(|file| file.id.clone()));
                            self.files.extend(file);
                            continue;
                        }
                        Some(Err(problem)) => problem,
                        None => Problem::new("Not in package.xml"),
                    }
                }
                None => Problem::new("Not in package.xml"),
            };
            self.problems.push(PackageProblem {
                path: entry.path.clone(),
                full_name: entry.path.rsplit('/').next().unwrap_or_default().to_owned(),
                problem,
            });
        }
        for (kind, position) in &manifest.unknown_types {
            self.refuse(
                "package.xml",
                Problem::at(
                    *position,
                    format!("Unknown type name '{kind}' specified in package.xml"),
                ),
            );
        }
        if !allow_missing_files {
            for (id, position) in &manifest.members {
                if id.name != "*" && !found.contains(id) {
                    self.refuse(
                        &id.name,
                        Problem::at(
                            *position,
                            format!(
                                "An object '{}' of type {} was named in package.xml, but was not found in \
                                 zipped directory",
                                id.name, id.kind
                            ),
                        ),
                    );
                }
            }
        }
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Reads a destructive manifest. It has no wildcards (Metadata API Developer Guide, "Deleting
    /// Components from an Organization"), and its version is ignored.
    fn delete(&mut self, entry: &Entry, newest: ApiVersion, is_last: bool) -> Result<(), Problem> {
        let manifest = Manifest::parse(&entry.bytes, Some(newest), &(OLDEST..=newest))?;
        if let Some((kind, position)) = manifest.unknown_types.first() {
            return Err(Problem::at(
                *position,
                format!("Unknown type name '{kind}' specified in package.xml"),
            ));
        }
        if let Some((_, position)) = manifest.members.iter().find(|(id, _)| id.name == "*") {
            // Inferred wording.
            return Err(Problem::at(
                *position,
                "Wildcards are not allowed in destructive changes",
            ));
        }
        self.deletions
            .extend(manifest.members.into_iter().map(|(id, position)| Deletion {
                id,
                path: entry.path.clone(),
                position,
                is_last,
            }));
        Ok(())
    }
}

/// `destructiveChanges.xml` and its `Pre` and `Post` siblings.
fn is_destructive(path: &str) -> bool {
    matches!(
        path,
        "destructiveChanges.xml" | "destructiveChangesPre.xml" | "destructiveChangesPost.xml"
    )
}

/// The part of the component in a file.
enum Part {
    /// The file with the members.
    Members(ComponentKey),
    /// The content file of a pair.
    Content(ComponentKey),
}

impl Part {
    fn id(&self) -> &ComponentKey {
        match self {
            Self::Members(id) | Self::Content(id) => id,
        }
    }
}

/// The component whose file has this path below the package's root.
fn part_at(path: &str) -> Option<Part> {
    let (directory, file) = path.split_once('/')?;
    // All settings have one folder and one suffix: the name tells which they are.
    let bare = file.rsplit_once('.').map_or(file, |(name, _)| name);
    let kind = MetadataType::ALL.iter().copied().find(|kind| {
        let schema = kind.schema();
        schema.directory == directory && schema.fixed_name.is_none_or(|fixed| fixed == bare)
    })?;
    let schema = kind.schema();
    // The name of the file with the members distinguishes a pair from a lone file (Metadata API
    // Developer Guide, "Certificate").
    let members = file.strip_suffix(META_SUFFIX).filter(|_| schema.content);
    let name = members.unwrap_or(file);
    let name = name.strip_suffix(schema.suffix)?.strip_suffix('.')?;
    if name.is_empty() || name.contains('/') {
        return None;
    }
    let id = ComponentKey::new(kind, name);
    Some(if schema.content && members.is_none() {
        Part::Content(id)
    } else {
        Part::Members(id)
    })
}

/// The member with the content of a pair, in base64. The schemas of the types do not have it, so no
/// file has it either.
pub(crate) const CONTENT: &str = "content";
/// The suffix of metadata files whose content is in another file.
pub(crate) const META_SUFFIX: &str = "-meta.xml";

/// The component of an entry; `None` for a content file whose members' file exists and represents
/// both. The wording for a missing half is inferred.
fn package_file(
    part: Part,
    entry: &Entry,
    entries: &[Entry],
) -> Result<Option<PackageFile>, Problem> {
    let at = |path: &str| entries.iter().find(|entry| entry.path == path);
    let is_pair = part.id().kind.schema().content;
    let id = match part {
        Part::Content(_) => {
            let meta = format!("{}{META_SUFFIX}", entry.path);
            return match at(&meta) {
                Some(_) => Ok(None),
                None => Err(Problem::new(format!("The file {meta} is missing"))),
            };
        }
        Part::Members(id) => id,
    };
    let path = match entry.path.strip_suffix(META_SUFFIX) {
        Some(path) if is_pair => path,
        _ => &entry.path,
    };
    let content = if is_pair {
        let content = at(path);
        let missing = || Problem::new(format!("The file {path} is missing"));
        Some(content.ok_or_else(missing)?.bytes.clone())
    } else {
        None
    };
    Ok(Some(PackageFile {
        id,
        path: path.to_owned(),
        bytes: entry.bytes.clone(),
        content,
    }))
}
