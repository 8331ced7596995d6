//! Components read and written one by one, without a deploy (Metadata API Developer Guide,
//! "CRUD-Based Metadata Development"). One call takes up to ten components of one type.
//!
//! With `all_or_none` one failure rolls back the call; otherwise each component succeeds or fails
//! on its own. After a lost response only calls that are idempotent are sent again: updates and
//! upserts, not creations, deletions and renames.

use eca_http::Idempotency;
use eca_oauth::AccessToken;

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
    let endpoint = client.endpoint();
    let mut records = Vec::new();
    for names in full_names.chunks(MAX_COMPONENTS) {
        let read = client
            .execute(
                "readMetadata",
                Idempotency::Idempotent,
                |token: &AccessToken| crud::read_metadata(endpoint, token, kind, names),
                |response| crud::parse_read_metadata(kind, response),
            )
            .await?;
        records.extend(read);
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
    let not_idempotent = Idempotency::NotIdempotent;
    write(
        client,
        "createMetadata",
        not_idempotent,
        records,
        all_or_none,
    )
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
    let idempotent = Idempotency::Idempotent;
    write(client, "updateMetadata", idempotent, records, all_or_none).await
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
    let idempotent = Idempotency::Idempotent;
    write(client, "upsertMetadata", idempotent, records, all_or_none).await
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
    let endpoint = client.endpoint();
    client
        .execute(
            "deleteMetadata",
            Idempotency::NotIdempotent,
            |token: &AccessToken| {
                crud::delete_metadata(endpoint, token, kind, full_names, all_or_none)
            },
            |response| crud::parse_saved("deleteMetadata", response),
        )
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
    let endpoint = client.endpoint();
    let results = client
        .execute(
            "renameMetadata",
            Idempotency::NotIdempotent,
            |token: &AccessToken| {
                crud::rename_metadata(endpoint, token, kind, old_full_name, new_full_name)
            },
            |response| crud::parse_saved("renameMetadata", response),
        )
        .await?;
    // The parser returns at least one result.
    Ok(results.into_iter().next().unwrap_or_default())
}

async fn write(
    client: &Client,
    operation: &'static str,
    idempotency: Idempotency,
    records: &[MetadataRecord],
    all_or_none: bool,
) -> Result<Vec<SaveResult>, Error> {
    let endpoint = client.endpoint();
    client
        .execute(
            operation,
            idempotency,
            |token: &AccessToken| {
                crud::write_metadata(operation, endpoint, token, records, all_or_none)
            },
            |response| crud::parse_saved(operation, response),
        )
        .await
}
