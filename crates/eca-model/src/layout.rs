//! Where components stand: the metadata format and the source format.
//!
//! Both name a file `<folder>/<full name>.<suffix>`; the source format adds `-meta.xml`. In a package the folder is
//! mandatory, in a project it is a convention: what counts is the suffix (Salesforce CLI registry).

use crate::component::ComponentId;
use crate::types::MetadataType;

const SOURCE_SUFFIX: &str = "-meta.xml";

/// Which component a path belongs to; `None` for a file of another kind. The path uses `/`.
pub fn component_of(path: &str) -> Option<ComponentId> {
    let file = path.rsplit('/').next()?;
    let file = file.strip_suffix(SOURCE_SUFFIX).unwrap_or(file);
    let (name, suffix) = file.rsplit_once('.')?;
    let kind = MetadataType::of_suffix(suffix)?;
    (!name.is_empty()).then(|| ComponentId {
        kind,
        name: name.to_owned(),
    })
}

/// The path in a package: `extlClntAppOauthSettings/Shop_oauth.ecaOauth`.
pub fn package_path(id: &ComponentId) -> String {
    let schema = id.kind.schema();
    format!("{}/{}.{}", schema.directory, id.name, schema.suffix)
}

/// The path in a package directory of a project: `extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml`.
pub fn source_path(id: &ComponentId) -> String {
    package_path(id) + SOURCE_SUFFIX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats() {
        for path in [
            "force-app/main/default/extlClntAppOauthSettings/Shop_oauth.ecaOauth-meta.xml",
            "unpackaged/extlClntAppOauthSettings/Shop_oauth.ecaOauth",
            "Shop_oauth.ecaOauth",
        ] {
            let id = component_of(path).unwrap();
            assert_eq!(
                id.to_string(),
                "ExtlClntAppOauthSettings:Shop_oauth",
                "{path}"
            );
        }
        for path in [
            "package.xml",
            "README.md",
            ".ecaOauth",
            "classes/A.cls-meta.xml",
        ] {
            assert_eq!(component_of(path), None, "{path}");
        }
        let id = component_of("x/Shop.eca-meta.xml").unwrap();
        assert_eq!(package_path(&id), "externalClientApps/Shop.eca");
        assert_eq!(source_path(&id), "externalClientApps/Shop.eca-meta.xml");
    }
}
