//! What an org is asked by query: objects of the data API, with every page.

pub(crate) mod access;
pub(crate) mod apps;
pub(crate) mod audit;
pub(crate) mod tokens;
pub(crate) mod users;

use std::time::SystemTime;

use crate::client::Client;
use crate::error::Error;
use crate::wire::soql::Soql;

/// The pages that are fetched of one query. A page has up to 2,000 rows (REST API Developer Guide,
/// "Query Options Header").
const MAX_PAGES: usize = 100;

/// The rows of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryRows<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether these are all. Some objects end before their last row, and a query has at most 100
    /// pages here.
    pub is_complete: bool,
    /// The org's clock, by the `Date` of the last response.
    pub org_time: Option<SystemTime>,
}

impl<T> QueryRows<T> {
    fn new() -> Self {
        Self {
            rows: Vec::new(),
            is_complete: true,
            org_time: None,
        }
    }

    fn extend(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.is_complete &= other.is_complete;
        self.org_time = other.org_time.or(self.org_time);
    }
}

impl Client {
    /// Every row of a query.
    async fn rows<T: 'static>(&self, query: &Soql<T>) -> Result<QueryRows<T>, Error> {
        let mut found = QueryRows::new();
        let mut seen: u64 = 0;
        let mut page = self.execute(query.first()).await?;
        for number in 1.. {
            seen += u64::try_from(page.records).unwrap_or(u64::MAX);
            found.rows.extend(page.rows);
            found.org_time = page.org_time.or(found.org_time);
            match page.next {
                Some(path) if number < MAX_PAGES && page.records > 0 => {
                    page = self.execute(query.next(path)).await?;
                }
                next => {
                    found.is_complete = next.is_none() && seen == page.total;
                    break;
                }
            }
        }
        Ok(found)
    }

    /// The rows of several queries, one after the other.
    async fn rows_of<T: 'static>(
        &self,
        queries: impl IntoIterator<Item = Soql<T>>,
    ) -> Result<QueryRows<T>, Error> {
        let mut all = QueryRows::new();
        for query in queries {
            all.extend(self.rows(&query).await?);
        }
        Ok(all)
    }

    /// The number of rows of a `SELECT COUNT()`.
    async fn count(&self, name: &'static str, text: String) -> Result<u64, Error> {
        let query = Soql::<()> {
            name,
            text,
            read: |_| None,
        };
        Ok(self.execute(query.first()).await?.total)
    }
}
