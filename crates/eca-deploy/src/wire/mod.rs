//! The wire, pure: functions from values to requests and from responses to values. Nothing is sent
//! here.
//!
//! A SOAP request carries the access token in its body: never format one.
//!
//! Requests are strict: element order and names as in WSDL 66.0, members as in the Metadata API
//! Developer Guide. Responses are read leniently: numbers and booleans as strings, members left
//! out, the several spellings on which documents disagree, statuses that do not exist yet.

pub(crate) mod call;
mod multipart;
pub mod rest;
pub mod soap;
pub mod tooling;
mod tree;
pub(crate) mod types;
mod xml;
pub(crate) mod zip;

pub use call::error::{ApiError, ApiMessage, ResponseError, UnreadableCause};
pub use call::request::RequestError;
pub use soap::crud::{MetadataRecord, ReadRecord};
pub use soap::headers::{
    CallOptions, Debugging, LogCategory, LogCategoryLevel, LogType, PerfOption,
};
pub use tooling::{DeployRequest, RecentDeploys};
pub use types::describe::{DescribeMetadataObject, DescribeMetadataResult, ListQuery};
pub use types::options::{DeployOptions, TestLevel};
pub use types::result::{DeployDetails, DeployMessage, DeployResult};
pub use types::retrieve_result::{FileProperties, RetrieveMessage, RetrieveResult};
pub use types::saved::{SaveError, SaveResult};
pub use types::status::{DeployStatus, RetrieveStatus, UnknownStatus};
pub use types::test_result::{
    CodeCoverage, CodeLocation, CoverageWarning, FlowCoverage, RunTestsResult, TestFailure,
    TestSuccess,
};
pub use types::value_type::{DescribeValueTypeResult, PicklistEntry, ValueTypeField};
pub use zip::Zip;
