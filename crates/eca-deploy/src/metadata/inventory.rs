//! Lists of an org's components and types, in as few calls as the API allows.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use crate::client::Client;
use crate::error::Error;
use crate::wire::soap;
use crate::wire::types::describe::{DescribeMetadataResult, ListQuery};
use crate::wire::types::retrieve_result::FileProperties;
use crate::wire::types::value_type::DescribeValueTypeResult;

/// The result of a list: components, and queries that failed.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Inventory {
    /// The components, sorted by type and name.
    pub components: Vec<FileProperties>,
    /// The failed queries with their errors, in the order of the queries.
    pub failures: Vec<(ListQuery, Arc<Error>)>,
}

/// Lists components: three queries per call, at most `concurrency` calls at a time (at least one).
///
/// An org that refuses one query refuses the whole call, without naming the query. Then each query
/// of that call is sent alone, so that one unknown type does not hide the others. What is not about
/// a query (no response, an expired session) would meet every call: it ends the listing.
pub async fn list_metadata(
    client: &Client,
    queries: &[ListQuery],
    concurrency: usize,
) -> Inventory {
    let mut inventory = Inventory::default();
    let calls = queries.chunks(ListQuery::MAX_PER_CALL);
    let mut batches = stream::iter(calls.map(|queries| list_together(client, queries)))
        .buffered(concurrency.max(1));
    let mut ended = 0;
    while let Some(batch) = batches.next().await {
        ended += 1;
        let mut errors = batch.failures.iter().map(|(_, error)| error);
        let general = errors.find(|error| !is_about_a_query(error)).cloned();
        inventory.components.extend(batch.components);
        inventory.failures.extend(batch.failures);
        if let Some(error) = general {
            let others = queries
                .chunks(ListQuery::MAX_PER_CALL)
                .skip(ended)
                .flatten();
            let others = others.map(|query| (query.clone(), error.clone()));
            inventory.failures.extend(others);
            break;
        }
    }
    let order = |a: &FileProperties, b: &FileProperties| {
        (&a.kind, &a.full_name).cmp(&(&b.kind, &b.full_name))
    };
    inventory.components.sort_by(order);
    inventory
}

/// The metadata types of the org.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn describe_metadata(client: &Client) -> Result<DescribeMetadataResult, Error> {
    client.execute(soap::describe_metadata()).await
}

/// The fields of a metadata type in the org.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn describe_value_type(
    client: &Client,
    type_name: &str,
) -> Result<DescribeValueTypeResult, Error> {
    client.execute(soap::describe_value_type(type_name)).await
}

async fn list_together(client: &Client, queries: &[ListQuery]) -> Inventory {
    let mut inventory = Inventory::default();
    match client.execute(soap::list_metadata(queries)).await {
        Ok(components) => inventory.components = components,
        Err(error) if queries.len() > 1 && is_about_a_query(&error) => {
            for query in queries {
                let query_alone = std::slice::from_ref(query);
                match client.execute(soap::list_metadata(query_alone)).await {
                    Ok(components) => inventory.components.extend(components),
                    Err(error) => inventory.failures.push((query.clone(), Arc::new(error))),
                }
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            let each = queries.iter().map(|query| (query.clone(), error.clone()));
            inventory.failures.extend(each);
        }
    }
    inventory
}

/// Whether the org refused the query itself: not the session, and not temporarily.
fn is_about_a_query(error: &Error) -> bool {
    error.api_error().is_some() && !error.is_auth() && !error.is_retryable()
}
