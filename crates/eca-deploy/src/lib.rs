#![doc = include_str!("../README.md")]
//!
//! # Overview
//!
//! - [`Package`]: a [project](eca_model::Project) as a zip with `package.xml`. The same project
//!   gives the same bytes. Org-bound fields and secrets are removed; the [`PackageReport`] lists
//!   them.
//! - [`Client::deploy`]: a [`Deploy`], awaited for its [`DeployOutcome`], or started and followed
//!   as a [`Deployment`].
//! - [`retrieve()`]: polls, fetches the zip once, reads it as [untrusted](Archive), and reports
//!   missing members as an error unless they are allowed.
//! - [`list_metadata`], [`describe_metadata`], [`read_metadata`], … : single calls of the Metadata
//!   API.
//! - [`app_access`], [`oauth_tokens`], [`oauth_usage`], [`stored_credential`], … : what no retrieve
//!   says, by query and over Connect REST.
//!
//! # Features
#![doc = document_features::document_features!()]

mod client;
mod connect;
mod deploy;
mod endpoint;
mod error;
mod id;
mod limits;
mod metadata;
mod package;
mod query;
mod retrieve;
mod wire;

pub use client::Client;
pub use connect::credentials::{
    CredentialPrincipal, StoredCredential, credential_principals, stored_credential,
};
pub use connect::usage::{AppUsage, UsageList, has_oauth_users, oauth_usage};
pub use deploy::changes::ComponentChange;
pub use deploy::deployment::Deployment;
pub use deploy::fingerprint::{DeployFingerprint, DeployMatch};
pub use deploy::follow::Update;
pub use deploy::outcome::{
    DeployOutcome, FailedDeploy, FinishedDeploy, UnknownOutcome, UnknownReason,
};
pub use deploy::poll::PollPolicy;
pub use deploy::problem::{Channel, DeployProblem, Severity};
pub use deploy::recover::recent_deploys;
pub use deploy::start::{Deploy, RecoverableDeploy, StartError};
pub use eca_model::ApiVersion;
pub use endpoint::Endpoint;
#[cfg(feature = "reqwest")]
pub use error::ConnectError;
pub use error::Error;
pub use id::{DeployId, IdError, RetrieveId};
pub use limits::{Limit, Limits, NearLimit};
pub use metadata::inventory::{Inventory, describe_metadata, describe_value_type, list_metadata};
pub use metadata::records::{
    create_metadata, delete_metadata, read_metadata, rename_metadata, update_metadata,
    upsert_metadata,
};
pub use package::{
    CertificatePair, CertificatePairError, ComponentSet, ComponentSetError, ConsumerChoice,
    FilePlace, InjectedSecret, Package, PackageBuilder, PackageEntry, PackageError, PackageReport,
    PackagedFile, RemovalReason, RemovedField, RetainedField, SkippedFile, SourceMap,
};
pub use query::QueryRows;
pub use query::access::{
    AccessGrant, AppAccess, PermissionSetHolder, app_access, has_user_permission,
    permission_set_holders,
};
pub use query::apps::{AppRecord, app_records};
pub use query::audit::{SetupAuditEntry, setup_audit_trail};
pub use query::tokens::{OauthTokenRecord, oauth_tokens};
pub use query::users::{
    OrgSession, UserRecord, active_users_of_profile, api_only_users, org_session, users,
};
pub use retrieve::archive::{Archive, ArchiveError, ZipFailure};
pub use retrieve::{MissingMember, RetrieveError, RetrieveOptions, Retrieved, retrieve};
pub use wire::call::error::{ApiError, ApiMessage, ResponseError, UnreadableCause};
pub use wire::call::request::RequestError;
pub use wire::deploy_api::DeployApi;
pub use wire::soap::crud::{MetadataRecord, ReadRecord};
pub use wire::soap::headers::{
    CallOptions, Debugging, LogCategory, LogCategoryLevel, LogType, PerfOption,
};
pub use wire::tooling::{DeployRequest, RecentDeploys};
pub use wire::types::describe::{DescribeMetadataObject, DescribeMetadataResult, ListQuery};
pub use wire::types::options::{DeployOptions, TestLevel};
pub use wire::types::result::{DeployDetails, DeployMessage, DeployResult};
pub use wire::types::retrieve_result::{FileProperties, RetrieveMessage};
pub use wire::types::saved::{SaveError, SaveResult};
pub use wire::types::status::{DeployStatus, UnknownStatus};
pub use wire::types::test_result::{
    CodeCoverage, CodeLocation, CoverageWarning, FlowCoverage, RunTestsResult, TestFailure,
    TestSuccess,
};
pub use wire::types::value_type::{DescribeValueTypeResult, PicklistEntry, ValueTypeField};
pub use wire::zip::Zip;
