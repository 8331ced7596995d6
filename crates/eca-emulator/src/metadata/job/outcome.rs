//! The outcome of a job.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::metadata::job::message::Message;
use crate::state::components::Metadata;

/// The outcome of a package.
pub(crate) struct Outcome {
    pub(crate) messages: Vec<Message>,
    /// The org after the deploy.
    pub(crate) draft: Metadata,
}

impl Outcome {
    pub(crate) fn failures(&self) -> usize {
        self.messages
            .iter()
            .filter(|message| message.failed)
            .count()
    }
}

/// The result of a retrieve.
#[derive(Serialize, Deserialize)]
pub(crate) struct RetrieveOutcome {
    /// `FileProperties` of the files.
    pub(crate) files: Vec<Json>,
    /// `RetrieveMessage`s: requested components that do not exist.
    pub(crate) messages: Vec<Json>,
    /// `errorStatusCode` and `errorMessage`.
    pub(crate) error: Option<(String, String)>,
    /// Until an answer has contained it.
    #[serde(skip)]
    pub(crate) zip: Option<Bytes>,
}
