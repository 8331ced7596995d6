//! The message of a deploy about one component.

use eca_model::MetadataType;
use serde::{Deserialize, Serialize};

use crate::ids::RecordId;
use crate::metadata::job::problem::Problem;
use crate::store::as_text;

/// A `DeployMessage`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    /// `None` for the package itself.
    #[serde(with = "as_text::optional")]
    pub(crate) kind: Option<MetadataType>,
    pub(crate) path: String,
    pub(crate) full_name: String,
    pub(crate) id: Option<RecordId>,
    pub(crate) created: bool,
    pub(crate) changed: bool,
    pub(crate) deleted: bool,
    pub(crate) failed: bool,
    pub(crate) problem: Option<Problem>,
}
