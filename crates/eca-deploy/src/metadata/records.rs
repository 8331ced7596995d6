//! Components read and written one by one, without a deploy (Metadata API Developer Guide,
//! "CRUD-Based Metadata Development"). One call takes up to ten components of one type.
//!
//! With `all_or_none` one failure rolls back the call; otherwise each component succeeds or fails
//! on its own. After a lost response only calls that are idempotent are sent again: updates and
//! upserts, not creations, deletions and renames.

use crate::client::Client;
use crate::error::Error;
use crate::wire::call::request::MAX_COMPONENTS;
use crate::wire::soap::crud;
use crate::wire::soap::crud::{MetadataRecord, ReadRecord};
use crate::wire::types::saved::SaveResult;

/// Reads components of one type, in as many calls as needed. Components that the org does not have
/// are skipped.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn read_metadata(
    client: &Client,
    kind: &str,
    full_names: &[String],
) -> Result<Vec<ReadRecord>, Error> {
    let mut records = Vec::new();
    for names in full_names.chunks(MAX_COMPONENTS) {
        records.extend(client.execute(crud::read_metadata(kind, names)?).await?);
    }
    Ok(records)
}

/// Creates components.
///
/// # Errors
/// The org's refusal of the call as a whole, or no response. Failures of single components are in
/// the results.
pub async fn create_metadata(
    client: &Client,
    records: &[MetadataRecord],
    all_or_none: bool,
) -> Result<Vec<SaveResult>, Error> {
    client
        .execute(crud::create_metadata(records, all_or_none)?)
        .await
}

/// Replaces components that the org has.
///
/// # Errors
/// As [`create_metadata`].
pub async fn update_metadata(
    client: &Client,
    records: &[MetadataRecord],
    all_or_none: bool,
) -> Result<Vec<SaveResult>, Error> {
    client
        .execute(crud::update_metadata(records, all_or_none)?)
        .await
}

/// Creates or replaces components.
///
/// # Errors
/// As [`create_metadata`].
pub async fn upsert_metadata(
    client: &Client,
    records: &[MetadataRecord],
    all_or_none: bool,
) -> Result<Vec<SaveResult>, Error> {
    client
        .execute(crud::upsert_metadata(records, all_or_none)?)
        .await
}

/// Deletes components of one type.
///
/// # Errors
/// As [`create_metadata`].
pub async fn delete_metadata(
    client: &Client,
    kind: &str,
    full_names: &[String],
    all_or_none: bool,
) -> Result<Vec<SaveResult>, Error> {
    client
        .execute(crud::delete_metadata(kind, full_names, all_or_none)?)
        .await
}

/// Renames a component.
///
/// # Errors
/// As [`create_metadata`].
pub async fn rename_metadata(
    client: &Client,
    kind: &str,
    old_full_name: &str,
    new_full_name: &str,
) -> Result<SaveResult, Error> {
    client
        .execute(crud::rename_metadata(kind, old_full_name, new_full_name))
        .await
}
