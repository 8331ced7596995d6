//! The Metadata API: deploy over REST and SOAP, retrieve, list and describe over SOAP.

pub(crate) mod archive;
pub(crate) mod checks;
pub(crate) mod decode;
pub(crate) mod deploy;
pub(crate) mod deployments;
pub(crate) mod envelope;
pub(crate) mod generate;
pub(crate) mod jobs;
pub(crate) mod package;
pub(crate) mod problem;
pub(crate) mod rest;
pub(crate) mod result;
pub(crate) mod retrieve;
pub(crate) mod soap;
pub(crate) mod start;
pub(crate) mod value_type;
pub(crate) mod xml;
