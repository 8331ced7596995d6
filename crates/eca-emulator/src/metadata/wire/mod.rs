//! Reading and writing SOAP.

pub(crate) mod envelope;
pub(crate) mod node;
pub(crate) mod opening;
pub(crate) mod result;
pub(crate) mod retrieve_request;
pub(crate) mod strict;
pub(crate) mod xml;
