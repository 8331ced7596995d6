//! The wire, pure: functions from values to requests and from responses to values. Nothing is sent
//! here.
//!
//! A SOAP request carries the access token in its body: never format one.
//!
//! Requests are strict: element order and names as in WSDL 66.0, members as in the Metadata API
//! Developer Guide. Responses are read leniently: numbers and booleans as strings, members left
//! out, the several spellings on which documents disagree, statuses that do not exist yet.

pub mod crud;
mod describe;
mod envelope;
mod error;
mod headers;
mod multipart;
mod options;
mod request;
mod response;
pub mod rest;
mod result;
mod retrieve_result;
mod saved;
pub mod soap;
mod status;
mod test_result;
pub mod tooling;
mod tree;
mod value_type;
mod xml;
mod zip;

pub use crud::{MetadataRecord, ReadRecord};
pub use describe::{DescribeMetadataObject, DescribeMetadataResult, ListQuery};
pub use error::{ApiError, ApiMessage, ResponseError, UnreadableCause};
pub use headers::{CallOptions, Debugging, LogCategory, LogCategoryLevel, LogType, PerfOption};
pub use options::{DeployOptions, TestLevel};
pub use request::RequestError;
pub use result::{DeployDetails, DeployMessage, DeployResult};
pub use retrieve_result::{FileProperties, RetrieveMessage, RetrieveResult};
pub use saved::{SaveError, SaveResult};
pub use status::{DeployStatus, RetrieveStatus, UnknownStatus};
pub use test_result::{
    CodeCoverage, CodeLocation, CoverageWarning, FlowCoverage, RunTestsResult, TestFailure,
    TestSuccess,
};
pub use tooling::{DeployRequest, RecentDeploys};
pub use value_type::{DescribeValueTypeResult, PicklistEntry, ValueTypeField};
pub use zip::Zip;
