//! `package.xml`.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use eca_model::{ApiVersion, Document, MetadataType, Position};

use crate::metadata::job::problem::Problem;
use crate::state::component_key::ComponentKey;

/// The content of a `package.xml`, or of the `unpackaged` element of a retrieve.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) version: ApiVersion,
    pub(super) members: BTreeMap<ComponentKey, Position>,
    pub(super) unknown_types: Vec<(String, Position)>,
}

impl Manifest {
    /// Reads a manifest in one of these versions. `fallback` is the version of a manifest that
    /// needs none.
    pub(super) fn parse(
        bytes: &[u8],
        fallback: Option<ApiVersion>,
        versions: &RangeInclusive<ApiVersion>,
    ) -> Result<Self, Problem> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Problem::new("Error parsing file: package.xml is not UTF-8"))?;
        let document = Document::parse(text).map_err(|error| {
            Problem::at(error.position(), format!("Error parsing file: {error}"))
        })?;
        let root = document.root();
        if root.name() != "Package" {
            return Err(Problem::at(
                root.position(),
                format!("Error parsing file: unexpected element {}", root.name()),
            ));
        }
        let version = match (fallback, root.child("version")) {
            (Some(version), _) => version,
            (None, Some(version)) => version
                .text()
                .parse::<ApiVersion>()
                .ok()
                .filter(|version| versions.contains(version))
                .ok_or_else(|| {
                    // The wording for a manifest with a version that an org does not have is not
                    // published; this is the wording for the SOAP URL.
                    Problem::at(
                        version.position(),
                        format!("Invalid version specified:{}", version.text().trim()),
                    )
                })?,
            (None, None) => {
                return Err(Problem::at(
                    root.position(),
                    "Required field is missing: version",
                ));
            }
        };
        let mut members = BTreeMap::new();
        let mut unknown_types = Vec::new();
        for types in root.children_named("types") {
            let Some(name) = types.child("name") else {
                return Err(Problem::at(
                    types.position(),
                    "Required field is missing: name",
                ));
            };
            let text = name.text();
            let mut kinds = MetadataType::by_manifest_name(text.trim(), "*");
            let Some(first) = kinds.next() else {
                unknown_types.push((text.trim().to_owned(), name.position()));
                continue;
            };
            for member in types.children_named("members") {
                let named = member.text().trim().to_owned();
                let mut kinds: Vec<_> =
                    MetadataType::by_manifest_name(text.trim(), &named).collect();
                if kinds.is_empty() {
                    // Other settings, for which there is no file.
                    kinds.push(first);
                }
                for kind in kinds {
                    let name = named.clone();
                    let id = ComponentKey { kind, name };
                    members.entry(id).or_insert(member.position());
                }
            }
        }
        Ok(Self {
            version,
            members,
            unknown_types,
        })
    }

    pub(super) fn names(&self, id: &ComponentKey) -> bool {
        self.members.contains_key(id)
            || self.members.contains_key(&ComponentKey {
                kind: id.kind,
                name: "*".to_owned(),
            })
    }
}
