//! Paths of components: the metadata format and the source format.
//!
//! Both name a file `<folder>/<full name>.<suffix>`; the source format adds `-meta.xml`. In a
//! package the folder is mandatory, in a project it is a convention: the suffix decides (Salesforce
//! CLI registry). Two families are special: a certificate is a pair of files, `Name.crt` with the
//! content and `Name.crt-meta.xml`, in both formats; and all settings share one suffix, so the name
//! tells which settings they are (`ExternalClientApp.settings`).

use serde::Serialize;

use crate::project::component_name::ComponentName;
use crate::types::MetadataType;

const SOURCE_SUFFIX: &str = "-meta.xml";

/// One of the two ways to lay out files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Layout {
    /// Files end in `-meta.xml`: SFDX projects.
    Source,
    /// Bare suffixes, with a `package.xml`: the format of the Metadata API.
    Metadata,
}

/// The layout that a file's name shows.
pub(crate) fn layout_of(path: &str) -> Layout {
    if path.ends_with(SOURCE_SUFFIX) {
        Layout::Source
    } else {
        Layout::Metadata
    }
}

/// Which component a path belongs to; `None` for a file of another kind. The path uses `/`. The
/// content file of a pair is not the component's file: see [`content_of`].
pub fn component_of(path: &str) -> Option<ComponentName> {
    let (kind, name) = MetadataType::from_file_name(path.rsplit('/').next()?)?;
    Some(ComponentName::new(kind, name))
}

/// Which component a content file belongs to: `certs/Shop.crt` to the certificate `Shop`.
pub fn content_of(path: &str) -> Option<ComponentName> {
    let file = FileName::parse(path)?;
    let mut all = MetadataType::ALL.iter().copied();
    let kind = all.find(|kind| has_content(*kind) && kind.schema().suffix == file.suffix)?;
    (file.layout == Layout::Metadata).then(|| ComponentName::new(kind, file.name))
}

/// Whether components of this type are a content file beside a meta file.
pub fn has_content(kind: MetadataType) -> bool {
    kind.schema().content
}

/// The path in a package: `extlClntAppOauthSettings/Shop_oauth.ecaOauth`. `None` for a type that
/// this crate does not know.
pub fn package_path(name: &ComponentName) -> Option<String> {
    let kind = name.kind.known()?;
    let suffix = if has_content(kind) { SOURCE_SUFFIX } else { "" };
    Some(bare_path(kind, &name.name) + suffix)
}

/// The path in a package directory of a project:
/// `extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml`. `None` for a type that this crate does
/// not know.
pub fn source_path(name: &ComponentName) -> Option<String> {
    let kind = name.kind.known()?;
    Some(bare_path(kind, &name.name) + SOURCE_SUFFIX)
}

/// The path of the content file, in either format; `None` when the type has none.
pub fn content_path(name: &ComponentName) -> Option<String> {
    let kind = name.kind.known().filter(|kind| has_content(*kind))?;
    Some(bare_path(kind, &name.name))
}

fn bare_path(kind: MetadataType, name: &str) -> String {
    let schema = kind.schema();
    [schema.directory, "/", name, ".", schema.suffix].concat()
}

/// A file name in its parts.
pub(crate) struct FileName<'a> {
    pub(crate) name: &'a str,
    pub(crate) suffix: &'a str,
    pub(crate) layout: Layout,
}

impl<'a> FileName<'a> {
    pub(crate) fn parse(path: &'a str) -> Option<Self> {
        let file = path.rsplit('/').next()?;
        let bare = file.strip_suffix(SOURCE_SUFFIX).unwrap_or(file);
        let (name, suffix) = bare.rsplit_once('.')?;
        (!name.is_empty()).then_some(Self {
            name,
            suffix,
            layout: layout_of(file),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats() {
        for (path, layout) in [
            (
                "force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml",
                Layout::Source,
            ),
            (
                "unpackaged/extlClntAppOauthSettings/Shop_oauth.ecaOauth",
                Layout::Metadata,
            ),
            ("Shop_oauth.ecaOauth", Layout::Metadata),
        ] {
            let id = component_of(path).unwrap();
            assert_eq!(
                id.to_string(),
                "ExtlClntAppOauthSettings:Shop_oauth",
                "{path}"
            );
            assert_eq!(layout_of(path), layout, "{path}");
        }
        for path in [
            "package.xml",
            "README.md",
            ".ecaOauth",
            "classes/A.cls-meta.xml",
            "settings/Account.settings-meta.xml",
        ] {
            assert_eq!(component_of(path), None, "{path}");
            assert_eq!(content_of(path), None, "{path}");
        }
        let id = component_of("x/Shop.eca-meta.xml").unwrap();
        assert_eq!(package_path(&id).unwrap(), "externalClientApps/Shop.eca");
        assert_eq!(
            source_path(&id).unwrap(),
            "externalClientApps/Shop.eca-meta.xml"
        );
        assert_eq!(content_path(&id), None);
    }

    #[test]
    fn a_certificate_is_a_pair() {
        let id = content_of("certs/Shop.crt").unwrap();
        assert_eq!(component_of("certs/Shop.crt"), None);
        assert_eq!(component_of("certs/Shop.crt-meta.xml"), Some(id));
        assert_eq!(content_of("certs/Shop.crt-meta.xml"), None);
    }

    /// For every type: the path of a component leads back to it.
    #[test]
    fn paths_lead_back() {
        // A historic type that was never in a file has no suffix.
        let filed = |kind: &&MetadataType| !kind.schema().suffix.is_empty();
        for kind in MetadataType::ALL.iter().filter(filed).copied() {
            let name = kind.schema().fixed_name.unwrap_or("Shop");
            let id = ComponentName::new(kind, name);
            assert_eq!(
                component_of(&package_path(&id).unwrap()).as_ref(),
                Some(&id)
            );
            assert_eq!(component_of(&source_path(&id).unwrap()).as_ref(), Some(&id));
            if let Some(content) = content_path(&id) {
                assert_eq!(content_of(&content).as_ref(), Some(&id));
            }
        }
    }
}
