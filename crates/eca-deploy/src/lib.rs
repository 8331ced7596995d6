#![doc = include_str!("../README.md")]
//!
//! # The map
//!
//! - [`Package`]: a [project](eca_model::Project) as a zip with `package.xml`. The same project
//!   gives the same bytes; members that are bound to one org and secrets stay out, and the
//!   [`PackageReport`] lists them.
//! - [`Deployment`]: starts a deploy at most once, knows its id before the first question, follows
//!   it through resets, busy servers and expired sessions, and ends in a [`DeployOutcome`]:
//!   succeeded, partial, failed (with a reason, always), cancelled, or unknown. A lost connection
//!   or a time limit on this side is never a failure.
//! - [`retrieve()`]: polls, fetches the zip once, reads it [with suspicion](Archive), and counts
//!   members that did not come as an error unless they may be missing.
//! - [`wire`]: every operation as a pure function to a request and a pure reader of a response.

mod deploy;
mod endpoint;
mod error;
mod id;
mod limits;
mod metadata;
mod org;
mod package;
mod retrieve;
pub mod wire;

pub use deploy::outcome::{DeployOutcome, Failure, Finished, UnknownOutcome, WhyUnknown};
pub use deploy::poll::PollPolicy;
pub use deploy::problem::{Channel, DeployProblem, Severity, Subject};
pub use deploy::recover::{Fingerprint, Found, find, recent_deploys};
pub use deploy::{Deployment, StartError, Update};
pub use eca_model::ApiVersion;
pub use endpoint::Endpoint;
pub use error::Error;
pub use id::{DeployId, IdError, RetrieveId};
pub use limits::{Limit, Limits, NearLimit};
pub use metadata::inventory::{Inventory, describe, describe_type, list};
pub use metadata::records::{
    create_metadata, delete_metadata, read_metadata, rename_metadata, update_metadata,
    upsert_metadata,
};
pub use org::{DeployApi, Org};
pub use package::{
    CertificatePair, CertificatePairError, ComponentSet, ConsumerChoice, DropReason, Dropped,
    FilePlace, Kept, Omitted, Package, PackageBuilder, PackageError, PackageReport, PackageSource,
    PackagedFile, Part, SetError, SourceMap, Supplied,
};
pub use retrieve::archive::{Archive, ArchiveError, ZipFailure};
pub use retrieve::{MissingMember, RetrieveError, RetrieveOptions, Retrieved, retrieve};
pub use wire::{DeployOptions, DeployResult, DeployStatus, TestLevel, Zip};
