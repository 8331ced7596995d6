#![doc = include_str!("../README.md")]
//! # The features
#![doc = document_features::document_features!()]
//!
//! # Overview
//!
//! * **An org is read once.** [`read_org`] retrieves what the org has of a project and of the apps
//!   that were applied before, and asks by query what no file says ([`eca_plan::Facts`]).
//! * **What cannot be read is said**, with the reason and what helps. It never counts as unchanged
//!   or as harmless.
//! * **A plan is applied as it is.** A [`PlanFile`] has the exact package and what was read;
//!   [`Apply`] does it only while the org and the state are still so, and goes on after a kill.
//! * **State is small.** A [`State`] has the apps of an org that belong to the project, and which
//!   snapshots were applied. It holds no secret.
//! * **One at a time.** A [`StateStore`] gives a lock to one job. The lock of a job that died is
//!   taken over after [`LOCK_SILENCE`].
//! * **Nothing half-written.** A commit stores the snapshot first and the state last, and only over
//!   the state that it was made from.
//! * **Backends are a few operations** on objects ([`Backend`]): get, create, replace, remove, and
//!   a list of orgs. There are a folder, memory and object storages, chosen by a [`StateUrl`].

mod apply;
mod plan_file;
mod read;
mod state;

pub use apply::difference::Difference;
pub use apply::error::ApplyError;
pub use apply::event::{Event, Observer};
pub use apply::gate::{Gate, UnknownGate, missing_gates};
pub use apply::journal::{Changed, DoneStep, InterruptedApply};
pub use apply::{Apply, Report};
pub use plan_file::{InvalidPlanFile, PLAN_FILE_LIMIT, PlanFile, PlanFileError, PlanFor};
pub use read::error::ReadError;
pub use read::unknown::UnknownFact;
pub use read::{LastModified, OrgReading, ReadOptions, read_org};
pub use state::backend::{Backend, BackendError, BackendErrorKind, ETag, OBJECT_LIMIT, Put};
pub use state::folder::Folder;
pub use state::lock::{HeldLock, Holder, LOCK_RENEWAL, LOCK_SILENCE, Lock};
pub use state::memory::Memory;
#[cfg(feature = "object-store")]
pub use state::object_storage::ObjectStorage;
pub use state::org_id::{InvalidOrgId, OrgId};
pub use state::storage::Storage;
pub use state::store::{Applied, Loaded, StateError, StateStore};
pub use state::url::{Bucket, InvalidStateUrl, Provider, StateUrl};
pub use state::{LastCommit, SNAPSHOTS, State};
