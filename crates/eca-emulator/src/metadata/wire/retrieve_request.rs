//! The request of a retrieve.

use eca_model::ApiVersion;
use serde::{Deserialize, Serialize};

use crate::metadata::wire::node::Node;
use crate::store::as_text;

/// `RetrieveRequest` (WSDL 66.0).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RetrieveRequest {
    #[serde(with = "as_text")]
    pub(crate) version: ApiVersion,
    pub(crate) single_package: bool,
    /// The types of `unpackaged` with their members, in the order of the request.
    pub(crate) types: Vec<(String, Vec<String>)>,
    /// Members of the request that this org does not support.
    pub(crate) refused: Option<(String, String)>,
}

impl RetrieveRequest {
    /// Reads the request; children of `<types>` may come in either order.
    pub(crate) fn parse(node: &Node, fallback: ApiVersion) -> Self {
        let unpackaged = node.child(&["unpackaged"]);
        let version = unpackaged
            .and_then(|package| package.text_of(&["version"]))
            .or_else(|| node.text_of(&["apiVersion"]))
            .and_then(|text| text.parse().ok())
            .unwrap_or(fallback);
        let types = unpackaged
            .into_iter()
            .flat_map(|package| package.children_named("types"))
            .filter_map(|types| {
                let name = types.text_of(&["name"])?.to_owned();
                let members = types
                    .children_named("members")
                    .map(|member| member.text.trim().to_owned())
                    .collect();
                Some((name, members))
            })
            .collect();
        let refused = if let Some(package) = node
            .children_named("packageNames")
            .find(|name| !name.text.trim().is_empty())
        {
            Some((
                "INVALID_CROSS_REFERENCE_KEY".to_owned(),
                format!("No package named '{}' found", package.text.trim()),
            ))
        } else {
            ["specificFiles", "rootTypesWithDependencies"]
                .into_iter()
                .find(|name| node.child(&[name]).is_some())
                .map(|name| {
                    (
                        "INVALID_OPERATION".to_owned(),
                        format!("{name} is not supported by this org"),
                    )
                })
        };
        Self {
            version,
            single_package: node.flag(&["singlePackage"]).unwrap_or(false),
            types,
            refused,
        }
    }

    pub(crate) fn root(&self) -> &'static str {
        if self.single_package {
            ""
        } else {
            "unpackaged/"
        }
    }
}
