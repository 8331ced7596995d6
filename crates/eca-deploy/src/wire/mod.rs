//! The wire, pure: functions from values to requests and from responses to values. Nothing is sent here.
//!
//! A SOAP request carries the access token in its body: never format one.
//!
//! Requests are strict: element order and names as in WSDL 66.0, members as in the Metadata API Developer Guide.
//! Responses are read leniently: numbers and booleans as strings, members left out, the several spellings on
//! which documents disagree, statuses that do not exist yet.

mod describe;
mod error;
mod multipart;
mod options;
mod request;
mod response;
pub mod rest;
mod result;
mod retrieve_result;
pub mod soap;
mod status;
mod tree;

pub use describe::{DescribeMetadataObject, DescribeMetadataResult, ListQuery};
pub use error::{ApiError, ApiMessage, ResponseError, UnreadableCause};
pub use options::{DeployOptions, TestLevel};
pub use request::RequestError;
pub use result::{
    CoverageWarning, DeployDetails, DeployMessage, DeployResult, RunTestsResult, TestFailure,
};
pub use retrieve_result::{FileProperties, RetrieveMessage, RetrieveResult};
pub use status::{DeployStatus, RetrieveStatus, UnknownStatus};
