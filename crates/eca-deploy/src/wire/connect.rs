//! Connect REST: usage of apps, and stored credentials (Connect REST API Developer Guide, "OAuth
//! Usage Resources" and "Named Credentials Resources").

use bytes::Bytes;
use eca_http::Idempotency;
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::wire::call::Call;
use crate::wire::call::request::rest;
use crate::wire::soql::is_path;
use crate::wire::tree::Node;

/// What a name in a path or a query keeps as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.');

/// A `GET` of a resource that is read as JSON.
pub(crate) fn get<T: 'static>(
    name: &'static str,
    resource: String,
    read: fn(&Node<'_>) -> T,
) -> Call<'static, T> {
    Call::new(
        name,
        Idempotency::Idempotent,
        move |endpoint, token| {
            let url = match resource.strip_prefix('/') {
                // A path that the org named.
                Some(_) => format!("{}{resource}", endpoint.instance()),
                None => endpoint.data(&resource),
            };
            rest(Method::GET, &url, token, None, Bytes::new())
        },
        move |response| Ok(read(&response.json()?)),
    )
}

/// The path of the next page, if it is one of the data API.
pub(crate) fn next_page(node: &Node<'_>) -> Option<String> {
    node.string_of(&["nextPageUrl"])
        .filter(|path| is_path(path))
}

/// A name as a part of a path, or a value of a query.
pub(crate) fn part(name: &str) -> String {
    utf8_percent_encode(name, KEPT).to_string()
}
