//! Forms of requests and JSON of responses.

pub(crate) mod extras;
pub(crate) mod form;
pub(crate) mod json;
pub(crate) mod members;
pub(crate) mod stored;
pub(crate) mod unreadable_response;
