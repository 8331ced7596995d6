//! `package.xml` and the destructive-changes files.

use std::collections::{BTreeMap, BTreeSet};

use crate::file::decode::{Reader, Record};
use crate::project::component_name::ComponentName;
use crate::types::Package;
use crate::values::version::ApiVersion;
use crate::xml::{Content, Document, Member, SyntaxError, SyntaxErrorKind, write_document};

/// A manifest: which members of which types, for which API version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The API version that the package is written for.
    pub version: ApiVersion,
    /// Members by type name. Types are texts: a manifest may list any type.
    pub types: BTreeMap<String, BTreeSet<String>>,
}

impl Manifest {
    /// A manifest that lists nothing.
    pub fn new(version: ApiVersion) -> Self {
        Self {
            version,
            types: BTreeMap::new(),
        }
    }

    /// Adds one component; the name `*` stands for all of its type.
    pub fn insert(&mut self, component: &ComponentName) {
        let member = component.name.clone();
        let kind = component.kind.manifest_name();
        if let Some(members) = self.types.get_mut(kind) {
            members.insert(member);
        } else {
            let members = std::iter::once(member).collect();
            self.types.insert(kind.to_owned(), members);
        }
    }

    /// Whether the manifest names the component, by name or by wildcard.
    pub fn lists(&self, component: &ComponentName) -> bool {
        let members = self.types.get(component.kind.manifest_name());
        members.is_some_and(|members| members.contains(&component.name) || members.contains("*"))
    }

    /// The components that it names, a wildcard as the name `*`.
    pub fn components(&self) -> impl Iterator<Item = ComponentName> {
        let types = self.types.iter();
        types.flat_map(|(kind, members)| {
            let members = members.iter();
            members.map(move |member| ComponentName::new(kind, member))
        })
    }

    /// Reads a manifest. Namespace and unknown members are not checked: a manifest is a list. Its
    /// other members and all positions are in [`File<Package>`](crate::types::Package).
    ///
    /// # Errors
    /// When the text is not XML, its root is not `Package`, or `version` is missing or invalid.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        Self::from_document(&Document::parse(text)?)
    }

    pub(crate) fn from_document(document: &Document) -> Result<Self, SyntaxError> {
        let root = document.root();
        let wrong = |found: String, expected: &str| {
            let expected = expected.to_owned();
            SyntaxError::new(
                SyntaxErrorKind::WrongRoot { found, expected },
                root.position(),
            )
        };
        if root.name() != "Package" {
            return Err(wrong(root.name().to_owned(), "`Package`"));
        }
        let version = root.child("version").ok_or_else(|| {
            wrong(
                "Package".to_owned(),
                "a `Package` with a `version` element, such as <version>66.0</version>",
            )
        })?;
        let version = version.text().parse().map_err(|error| {
            let kind = SyntaxErrorKind::NotWellFormed(format!("`version`: {error}"));
            SyntaxError::new(kind, version.position())
        })?;
        let package = Package::decode(root, &mut Reader::default());
        let mut manifest = Self::new(version);
        for types in package.types {
            let Some(name) = types.name else {
                continue;
            };
            let members = manifest.types.entry(name.trim().to_owned()).or_default();
            members.extend(types.members.iter().map(|member| member.trim().to_owned()));
        }
        Ok(manifest)
    }

    /// The file as the Salesforce CLI writes it: types and members sorted, `version` last.
    pub fn to_xml(&self) -> String {
        let text = |name, value: &str| Member {
            name,
            list: false,
            content: Content::Text(value.to_owned()),
        };
        let mut members = Vec::new();
        for (name, listed) in &self.types {
            let mut types: Vec<_> = listed
                .iter()
                .map(|member| text("members", member))
                .collect();
            types.push(text("name", name));
            members.push(Member {
                name: "types",
                list: true,
                content: Content::Members(types),
            });
        }
        members.push(text("version", &self.version.to_string()));
        write_document("Package", &members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let mut manifest = Manifest::new(ApiVersion::new(66));
        let name = |text: &str| text.parse::<ComponentName>().unwrap();
        manifest.insert(&name("ExtlClntAppOauthSettings:Shop_oauth"));
        manifest.insert(&name("ExternalClientApplication:*"));
        let xml = manifest.to_xml();
        expect_test::expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <Package xmlns="http://soap.sforce.com/2006/04/metadata">
                <types>
                    <members>*</members>
                    <name>ExternalClientApplication</name>
                </types>
                <types>
                    <members>Shop_oauth</members>
                    <name>ExtlClntAppOauthSettings</name>
                </types>
                <version>66.0</version>
            </Package>
        "#]]
        .assert_eq(&xml);
        assert_eq!(Manifest::parse(&xml), Ok(manifest.clone()));
        assert!(manifest.lists(&name("ExternalClientApplication:Any")));
        assert!(!manifest.lists(&name("ExtlClntAppOauthSettings:Any")));
    }

    #[test]
    fn refusals_name_what_is_wrong() {
        for (text, message) in [
            (
                "<Package/>",
                "expected a `Package` with a `version` element",
            ),
            ("<package/>", "root element is `package`"),
            (
                "<Package><version>x</version></Package>",
                "`x` is not an API version",
            ),
        ] {
            let error = Manifest::parse(text).unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
