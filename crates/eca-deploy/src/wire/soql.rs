//! Queries of the data API (REST API Developer Guide, "Query").

use std::time::SystemTime;

use bytes::Bytes;
use eca_http::Idempotency;
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::endpoint::Endpoint;
use crate::wire::call::Call;
use crate::wire::call::request::rest;
use crate::wire::tree::Node;

/// A query on one object, with rows of one kind.
pub(crate) struct Soql<T> {
    /// The operation in errors: `query on OauthToken`.
    pub(crate) name: &'static str,
    pub(crate) text: String,
    /// Reads a record; what is no record of the object is left out.
    pub(crate) read: fn(&Node<'_>) -> Option<T>,
}

/// A page of rows.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<T>,
    /// The records on the page, read or not.
    pub(crate) records: usize,
    /// How many rows the query has in all.
    pub(crate) total: u64,
    /// The path of the next page.
    pub(crate) next: Option<String>,
    /// The org's clock, by the `Date` of the response.
    pub(crate) org_time: Option<SystemTime>,
}

impl<T: 'static> Soql<T> {
    /// The first page.
    pub(crate) fn first(&self) -> Call<'_, Page<T>> {
        let text = utf8_percent_encode(&self.text, NON_ALPHANUMERIC).to_string();
        self.page(move |endpoint| format!("{}?q={text}", endpoint.data("query")))
    }

    /// The page at a path, as the page before names it.
    pub(crate) fn next(&self, path: String) -> Call<'_, Page<T>> {
        self.page(move |endpoint| format!("{}{path}", endpoint.instance()))
    }

    fn page(&self, url: impl Fn(&Endpoint) -> String + Send + Sync + 'static) -> Call<'_, Page<T>> {
        let read = self.read;
        Call::new(
            self.name,
            Idempotency::Idempotent,
            move |endpoint, token| rest(Method::GET, &url(endpoint), token, None, Bytes::new()),
            move |response| {
                let node = response.json()?;
                let Some(total) = node.number_of(&["totalSize"]) else {
                    return Err(response.unreadable("it is not the result of a query", None));
                };
                let next = node.string_of(&["nextRecordsUrl"]);
                if next.as_deref().is_some_and(|path| !is_path(path)) {
                    return Err(response.unreadable("its next page is not one of the API", None));
                }
                Ok(Page {
                    rows: node.all("records").filter_map(read).collect(),
                    records: node.all("records").count(),
                    total,
                    next,
                    org_time: eca_http::date(response.headers()),
                })
            },
        )
    }
}

/// Whether a page is below the data API. An address of another host would get the token.
pub(crate) fn is_path(path: &str) -> bool {
    path.starts_with("/services/data/") && !path.contains("..")
}

/// A text in a query (SOQL and SOSL Reference, "Quoted String Escape Sequences").
pub(crate) fn text(value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('\'', "\\'");
    let escaped = escaped.replace('\n', "\\n").replace('\r', "\\r");
    format!("'{escaped}'")
}

/// Lists of texts for `IN`, in as many parts as the length of a request asks for.
pub(crate) fn lists(values: &[String]) -> Vec<String> {
    /// In bytes, before they are encoded. A request line has at most 16,384 bytes (REST API
    /// Developer Guide, "Status Codes and Error Responses", 414).
    const LONGEST: usize = 4_000;
    let mut lists: Vec<String> = Vec::new();
    for value in values {
        let text = text(value);
        match lists.last_mut() {
            Some(list) if list.len() + text.len() < LONGEST => {
                list.push_str(", ");
                list.push_str(&text);
            }
            _ => lists.push(text),
        }
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_end_their_quotes() {
        assert_eq!(text(r"O'Brien \ Co"), r"'O\'Brien \\ Co'");
        assert_eq!(text("a\nb"), r"'a\nb'");
    }

    #[test]
    fn long_lists_are_divided() {
        let names: Vec<_> = (0..1_000).map(|number| format!("Name_{number}")).collect();
        let lists = lists(&names);
        assert!(lists.len() > 1 && lists.iter().all(|list| list.len() < 4_100));
        let count: usize = lists.iter().map(|list| list.split(", ").count()).sum();
        assert_eq!(count, 1_000);
    }

    #[test]
    fn pages_stay_in_the_org() {
        assert!(is_path("/services/data/v66.0/query/01g-2000"));
        for path in [
            "https://evil.example/services/data/",
            "@evil.example",
            "//evil.example",
            "/services/data/../oauth2/revoke",
            "/services/oauth2/token",
        ] {
            assert!(!is_path(path), "{path}");
        }
    }
}
