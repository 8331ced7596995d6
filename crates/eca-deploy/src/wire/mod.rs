//! The wire: for each operation a function that makes its [`Call`](call::Call), which builds the
//! request and parses the response. Nothing is sent here.
//!
//! A SOAP request carries the access token in its body: never format one.
//!
//! Requests are strict: element order and names as in WSDL 66.0, members as in the Metadata API
//! Developer Guide. Responses are read leniently: numbers and booleans may be strings, members may
//! be missing, names may have any of the spellings that the documents give, and a status may be
//! one of a later version.

pub(crate) mod call;
pub(crate) mod connect;
pub(crate) mod deploy_api;
mod multipart;
pub(crate) mod resources;
pub(crate) mod rest;
pub(crate) mod soap;
pub(crate) mod soql;
pub(crate) mod tooling;
pub(crate) mod tree;
pub(crate) mod types;
mod xml;
pub(crate) mod zip;
