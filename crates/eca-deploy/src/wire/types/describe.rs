//! The metadata types of an org.

use serde::Serialize;

use crate::wire::tree::Node;

/// One query of a `listMetadata` call (WSDL 66.0, `ListMetadataQuery`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListQuery {
    /// The metadata type.
    pub kind: String,
    /// The folder, for types with folders.
    pub folder: Option<String>,
}

impl ListQuery {
    /// How many queries one call takes (Metadata API Developer Guide, "listMetadata()").
    pub(crate) const MAX_PER_CALL: usize = 3;

    /// All components of a type without folders.
    pub fn new(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            folder: None,
        }
    }
}

/// The metadata types of an org (WSDL 66.0, `DescribeMetadataResult`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DescribeMetadataResult {
    /// The types.
    pub metadata_objects: Vec<DescribeMetadataObject>,
    /// The org's namespace, if it has one.
    pub organization_namespace: Option<String>,
    /// Whether `rollbackOnError` may be false.
    pub partial_save_allowed: bool,
    /// Whether Apex tests are required.
    pub test_required: bool,
}

/// One metadata type of an org (WSDL 66.0, `DescribeMetadataObject`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DescribeMetadataObject {
    /// The type's name.
    pub xml_name: String,
    /// The folder in the metadata format.
    pub directory_name: String,
    /// The file suffix, without the dot.
    pub suffix: Option<String>,
    /// Whether components are in folders.
    pub in_folder: bool,
    /// Whether a `-meta.xml` file goes with each component.
    pub meta_file: bool,
    /// Types whose components are in files of this one.
    pub child_xml_names: Vec<String>,
}

impl DescribeMetadataResult {
    pub(crate) fn read(node: &Node<'_>) -> Self {
        let flag = |node: &Node<'_>, name: &str| node.bool_of(&[name]).unwrap_or(false);
        Self {
            metadata_objects: node
                .all("metadataObjects")
                .map(|object| DescribeMetadataObject {
                    xml_name: object.string_of(&["xmlName"]).unwrap_or_default(),
                    directory_name: object.string_of(&["directoryName"]).unwrap_or_default(),
                    suffix: object.string_of(&["suffix"]),
                    in_folder: flag(object, "inFolder"),
                    meta_file: flag(object, "metaFile"),
                    child_xml_names: object
                        .all("childXmlNames")
                        .filter_map(|name| name.text().map(str::to_owned))
                        .collect(),
                })
                .collect(),
            organization_namespace: node.string_of(&["organizationNamespace"]),
            partial_save_allowed: flag(node, "partialSaveAllowed"),
            test_required: flag(node, "testRequired"),
        }
    }
}
