//! Components read and written one by one, without a deploy: ten of one type a call.
//!
//! With `all_or_none` one failure undoes the call; otherwise each component has its own fate. Only
//! calls that may be repeated without harm are sent again after a loss: replacing a component by
//! the same content is harmless, making or deleting it is not.

use eca_http::Idempotency;
use eca_oauth::AccessToken;

use crate::client::Client;
use crate::error::Error;
use crate::wire::soap::crud;
use crate::wire::soap::crud::{MetadataRecord, ReadRecord};
use crate::wire::types::saved::SaveResult;

/// Reads components of one type, in as many calls as it takes. Those that the org does not have are
/// left out.
///
/// # Errors
/// No answer, or the org's refusal.
pub async fn read_metadata(
    client: &Client,
    kind: &str,
    full_names: &[String],
) -> Result<Vec<ReadRecord>, Error> {
    let endpoint = client.endpoint();
    let mut records = Vec::new();
    for names in full_names.chunks(crud::MAX_PER_CALL) {
        let found = client
            .execute(
                "readMetadata",
                Idempotency::Idempotent,
                |token: &AccessToken| crud::read_metadata(endpoint, token, kind, names),
                |response| crud::parse_read_metadata(kind, response),
            )
            .await?;
        records.extend(found);
    }
    Ok(records)
}

/// Creates components.
///
/// # Errors
/// No answer, or the org's refusal of the call as a whole; what became of each component is in its
/// result.
pub async fn create_metadata(
    client: &Client,
    records: &[MetadataRecord],
    all_or_none: bool,
) -> Result<Vec<SaveResult>, Error> {
    let endpoint = client.endpoint();
    client
        .execute(
            "createMetadata",
            Idempotency::NotIdempotent,
            |token: &AccessToken| crud::create_metadata(endpoint, token, records, all_or_none),
            |response| crud::parse_saved("createMetadata", response),
        )
        .await
}

/// Replaces components that the org has.
///
/// # Errors
/// No answer, or the org's refusal of the call as a whole; what became of each component is in its
/// result.
pub async fn update_metadata(
    client: &Client,
    records: &[MetadataRecord],
    all_or_none: bool,
) -> Result<Vec<SaveResult>, Error> {
    let endpoint = client.endpoint();
    client
        .execute(
            "updateMetadata",
            Idempotency::Idempotent,
            |token: &AccessToken| crud::update_metadata(endpoint, token, records, all_or_none),
            |response| crud::parse_saved("updateMetadata", response),
        )
        .await
}

/// Creates components or replaces them.
///
/// # Errors
/// No answer, or the org's refusal of the call as a whole; what became of each component is in its
/// result.
pub async fn upsert_metadata(
    client: &Client,
    records: &[MetadataRecord],
    all_or_none: bool,
) -> Result<Vec<SaveResult>, Error> {
    let endpoint = client.endpoint();
    client
        .execute(
            "upsertMetadata",
            Idempotency::Idempotent,
            |token: &AccessToken| crud::upsert_metadata(endpoint, token, records, all_or_none),
            |response| crud::parse_saved("upsertMetadata", response),
        )
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

/// Gives a component another name.
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
    // The parser gives at least one.
    Ok(results.into_iter().next().unwrap_or_default())
}
