//! A request, its response, and its errors.

pub(crate) mod error;
pub(crate) mod request;
pub(crate) mod response;
