//! What a plan means for who runs it.

use serde::{Deserialize, Serialize};

use crate::change::{Action, ComponentChange, Verdict};
use crate::plan::Plan;

/// What a plan means for who runs it; the exit code of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// Nothing to do.
    Nothing,
    /// Something is sent, or somebody changed something in the org.
    ChangesOrDrift,
    /// The project and the org changed the same in different ways.
    Conflicts,
    /// Nothing of those, and something could not be read.
    UnreadableOnly,
}

/// How many components a plan says what about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Counts {
    /// Created.
    pub create: usize,
    /// Changed.
    pub update: usize,
    /// Deleted.
    pub delete: usize,
    /// Changed in the org; also apps whose effective policy is another one.
    pub drift: usize,
    /// Conflicts, by member.
    pub conflicts: usize,
    /// Unreadable, as a whole or in a member.
    pub unreadable: usize,
    /// With values, or as a whole, only in the org.
    pub unmanaged: usize,
}

impl Plan {
    /// What the plan means.
    pub fn outcome(&self) -> Outcome {
        let counts = self.counts();
        let is_sent = self.changes.iter().any(ComponentChange::is_sent);
        if counts.conflicts > 0 {
            Outcome::Conflicts
        } else if is_sent || counts.drift > 0 {
            Outcome::ChangesOrDrift
        } else if counts.unreadable > 0 {
            Outcome::UnreadableOnly
        } else {
            Outcome::Nothing
        }
    }

    /// How many components the plan says what about.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            conflicts: self.conflicts.len(),
            drift: self.policies.len(),
            ..Counts::default()
        };
        for change in &self.changes {
            match change.action {
                Action::Create => counts.create += 1,
                Action::Update => counts.update += 1,
                Action::Delete => counts.delete += 1,
                Action::Keep => {}
            }
            let is_unmanaged = |verdict| verdict == Verdict::Unmanaged;
            let mut verdicts = change.members.iter().map(|member| member.verdict);
            counts.drift += usize::from(change.is_drift());
            counts.unreadable += usize::from(change.is_unreadable());
            counts.unmanaged +=
                usize::from(change.verdict.is_some_and(is_unmanaged) || verdicts.any(is_unmanaged));
        }
        counts
    }
}
