//! A request to be sent, and the answer to it.

pub(crate) mod error;
pub(crate) mod request;
pub(crate) mod response;
