//! What refreshing a sandbox leaves.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::RecordId;
use crate::secret;
use crate::secret::Secret;

/// What a refresh gives the org beside its new content.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Renewal {
    pub(crate) org_id: RecordId,
    #[serde(with = "secret::at_rest::shared")]
    pub(crate) admin_token: Arc<Secret>,
}
