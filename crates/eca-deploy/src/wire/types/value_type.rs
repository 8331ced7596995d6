//! The fields of a metadata type in an org (`describeValueType`).

use serde::Serialize;

use crate::wire::tree::Node;

/// Deeper than the records of any metadata type.
const MAX_DEPTH: usize = 16;

/// A metadata type as the org describes it (WSDL 66.0, `DescribeValueTypeResult`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DescribeValueTypeResult {
    /// Whether `createMetadata` supports it.
    pub api_creatable: bool,
    /// Whether `deleteMetadata` supports it.
    pub api_deletable: bool,
    /// Whether `readMetadata` supports it.
    pub api_readable: bool,
    /// Whether `updateMetadata` supports it.
    pub api_updatable: bool,
    /// The field that names the parent, for child types.
    pub parent_field: Option<Box<ValueTypeField>>,
    /// The fields.
    pub value_type_fields: Vec<ValueTypeField>,
}

/// A field of a metadata type (WSDL 66.0, `ValueTypeField`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ValueTypeField {
    /// The element's name.
    pub name: String,
    /// The type in the WSDL: `string`, `boolean`, or the name of a record or an enumeration.
    pub soap_type: String,
    /// Whether it is required.
    pub value_required: bool,
    /// 0 for optional fields.
    pub min_occurs: u32,
    /// Whether it refers to another component.
    pub is_foreign_key: bool,
    /// The types of components that it may refer to.
    pub foreign_key_domain: Vec<String>,
    /// Whether it is the component's name.
    pub is_name_field: bool,
    /// The values of an enumeration.
    pub picklist_values: Vec<PicklistEntry>,
    /// The fields of a record.
    pub fields: Vec<ValueTypeField>,
}

/// One value of an enumeration (WSDL 66.0, `PicklistEntry`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PicklistEntry {
    /// The value.
    pub value: String,
    /// The label in the user interface.
    pub label: String,
    /// Whether it can be selected.
    pub active: bool,
    /// Whether it is the default.
    pub default_value: bool,
    /// The controlling values for which it is valid, as a base64 bitset.
    pub valid_for: Option<String>,
}

impl DescribeValueTypeResult {
    pub(crate) fn read(node: &Node<'_>) -> Self {
        let flag = |name| node.bool_of(&[name]).unwrap_or(false);
        Self {
            api_creatable: flag("apiCreatable"),
            api_deletable: flag("apiDeletable"),
            api_readable: flag("apiReadable"),
            api_updatable: flag("apiUpdatable"),
            parent_field: node
                .child(&["parentField"])
                .filter(|field| !field.children().is_empty())
                .map(|field| Box::new(ValueTypeField::read(field, 0))),
            value_type_fields: node
                .all("valueTypeFields")
                .map(|field| ValueTypeField::read(field, 0))
                .collect(),
        }
    }
}

impl ValueTypeField {
    fn read(node: &Node<'_>, depth: usize) -> Self {
        let flag = |name| node.bool_of(&[name]).unwrap_or(false);
        Self {
            name: node.string_of(&["name"]).unwrap_or_default(),
            soap_type: node.string_of(&["soapType"]).unwrap_or_default(),
            value_required: flag("valueRequired"),
            min_occurs: node.count_of(&["minOccurs"]).unwrap_or(0),
            is_foreign_key: flag("isForeignKey"),
            foreign_key_domain: node
                .all("foreignKeyDomain")
                .filter_map(|domain| domain.text().map(str::to_owned))
                .collect(),
            is_name_field: flag("isNameField"),
            picklist_values: node
                .all("picklistValues")
                .map(PicklistEntry::read)
                .collect(),
            fields: if depth < MAX_DEPTH {
                node.all("fields")
                    .map(|field| Self::read(field, depth + 1))
                    .collect()
            } else {
                Vec::new()
            },
        }
    }
}

impl PicklistEntry {
    fn read(node: &Node<'_>) -> Self {
        Self {
            value: node.string_of(&["value"]).unwrap_or_default(),
            label: node.string_of(&["label"]).unwrap_or_default(),
            active: node.bool_of(&["active"]).unwrap_or(false),
            default_value: node.bool_of(&["defaultValue"]).unwrap_or(false),
            valid_for: node.string_of(&["validFor"]),
        }
    }
}
