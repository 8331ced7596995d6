//! Why a state folder cannot be used.

use std::path::PathBuf;

use eca_model::fs::PrivateError;
use thiserror::Error;

use crate::store::FORMAT;

/// Why a state folder cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process has the state open.
    #[error("the state in {} is in use by another process", .folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder or a file cannot be used, or others can change it.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// The rows were written by another version of this program.
    #[error(
        "{} has format {found}; this program reads format {FORMAT}: remove it to start a new org",
        .path.display()
    )]
    Format {
        /// The database.
        path: PathBuf,
        /// The version of its rows.
        found: u64,
    },
    /// A row cannot be read.
    #[error("row {row} of {} cannot be read: the file is damaged", .path.display())]
    Row {
        /// The database.
        path: PathBuf,
        /// The name of the row.
        row: String,
    },
    /// A value cannot be written, such as a time before 1970.
    #[error("row {row} cannot be written")]
    Unwritable {
        /// The name of the row.
        row: String,
        /// The cause.
        #[source]
        source: serde_json::Error,
    },
    /// The database cannot be used.
    #[error("the database {} cannot be used", .path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// Its error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Whether another process has the state open.
    pub fn is_in_use(&self) -> bool {
        matches!(self, Self::InUse { .. })
    }
}
