//! Pages of the usage lists.

use http::StatusCode;
use serde_json::{Value, json};

use crate::server::call::{Call, Reply, json_reply};

/// The items of a page, unless `pageSize` says otherwise (Connect REST API Developer Guide, "OAuth
/// Usage").
const PAGE_SIZE: usize = 100;

/// A page. Each names the next one, also the last: a list ends with an empty page.
pub(super) fn page(call: &Call, list: &str, items: Vec<Value>) -> Reply {
    let number = |name: &str| call.query_value(name)?.parse::<usize>().ok();
    let page = number("page").unwrap_or(0);
    let size = number("pageSize").unwrap_or(PAGE_SIZE).clamp(1, PAGE_SIZE);
    let start = page.saturating_mul(size);
    let items: Vec<_> = items.into_iter().skip(start).take(size).collect();
    let url = |page: usize| format!("{}?page={page}&pageSize={size}", call.path);
    let body = json!({
        list: items,
        "currentPageUrl": url(page),
        "nextPageUrl": url(page.saturating_add(1)),
    });
    json_reply(StatusCode::OK, &body)
}
