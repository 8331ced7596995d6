//! The lock of an org's state.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::state::backend::ETag;
use crate::state::org_id::OrgId;

/// How often a job renews its lock.
pub const LOCK_RENEWAL: Duration = Duration::from_secs(30);
/// After this time without a renewal the job is taken for dead.
pub const LOCK_SILENCE: Duration = Duration::from_mins(2);

/// Who holds a lock, for the message to the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Told apart by this id, which no other job has.
    pub id: String,
    /// The user.
    pub who: String,
    /// The machine, or the address of the job.
    pub host: String,
    /// The command.
    pub command: String,
}

/// A lock that this process holds. It is not given back when dropped: a job that dies leaves it.
#[derive(Debug)]
#[must_use = "a lock is given back with StateStore::unlock"]
pub struct Lock {
    pub(super) org: OrgId,
    pub(super) record: Record,
    pub(super) version: ETag,
}

/// A lock that some job holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeldLock {
    /// The job.
    pub holder: Holder,
    /// Since when.
    pub since: SystemTime,
    /// When it last said that it is alive.
    pub renewed: SystemTime,
}

/// What is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) holder: Holder,
    /// Seconds since 1970.
    pub(super) since: u64,
    pub(super) renewed: u64,
}

impl Lock {
    /// The org.
    pub fn org(&self) -> &OrgId {
        &self.org
    }

    /// Who holds it.
    pub fn holder(&self) -> &Holder {
        &self.record.holder
    }
}

impl Record {
    pub(super) fn new(holder: Holder, now: SystemTime) -> Self {
        let now = seconds(now);
        Self {
            holder,
            since: now,
            renewed: now,
        }
    }

    pub(super) fn renewed_at(&self, now: SystemTime) -> Self {
        Self {
            renewed: seconds(now),
            ..self.clone()
        }
    }

    /// Whether the job is taken for dead. A clock that is behind takes no one for dead.
    pub(super) fn is_silent(&self, now: SystemTime) -> bool {
        seconds(now).saturating_sub(self.renewed) > LOCK_SILENCE.as_secs()
    }

    pub(super) fn held(self) -> HeldLock {
        let time = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        HeldLock {
            since: time(self.since),
            renewed: time(self.renewed),
            holder: self.holder,
        }
    }
}

pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs())
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} ({})", self.who, self.host, self.command)
    }
}
