//! Decides which deploy of an org is the one whose start was lost. Pure.
//!
//! A start request has no name or label that the org would report. What a client can set and an
//! org reports is the size of the zip ([`DeployResult::zip_size`]), so a start carries a zip
//! comment of random length. The other facts exclude deploys that cannot be the lost one, whatever
//! their size.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::id::DeployId;
use crate::package::Package;
use crate::wire::tooling::{DeployRequest, RecentDeploys, parse_time};
use crate::wire::types::options::DeployOptions;
use crate::wire::types::result::DeployResult;
use crate::wire::zip::Zip;

/// How far the clocks of an org's servers may differ. `Date` has a resolution of one second.
pub(crate) const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);
/// How long after its sending a request may still start a deploy. A request may take ten minutes
/// (Salesforce Developer Limits and Allocations Quick Reference, "API Request Limits").
const LATEST_ARRIVAL: Duration = Duration::from_mins(15);
/// The fewest lengths to choose from: with fewer, another deploy may have the same size by chance.
const MIN_COMMENT_LENGTHS: u64 = 1000;
/// The part of a user id that does not depend on its form (15 or 18 characters).
const ID_LENGTH: usize = 15;

/// What identifies a deploy whose id is not known: the facts of its start that an org reports.
///
/// It can be stored, to find the deploy after the process that started it has died. It holds no
/// secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeployFingerprint {
    /// The time just before the request, by the org's clock.
    pub sent_at: Option<SystemTime>,
    /// The id of the token's user.
    pub user_id: Option<String>,
    /// As in the options.
    pub check_only: bool,
    /// As in the options. `None` for a quick deploy, which takes the options of the validation.
    pub ignore_warnings: Option<bool>,
    /// As in the options. `None` for a quick deploy.
    pub rollback_on_error: Option<bool>,
    /// The requested test level, in the WSDL's spelling. `None` if the org chooses it.
    pub test_level: Option<String>,
    /// The requested Apex test classes.
    pub run_tests: Vec<String>,
    /// The size of the zip that is sent, with its comment; for a quick deploy the size that the
    /// org reports for the validation.
    pub zip_bytes: Option<u64>,
    /// The length of the zip comment: random, so that no other deploy has the same size but by
    /// chance. `None` where the size is not random.
    pub zip_comment_bytes: Option<u16>,
    /// The validation whose package a quick deploy deploys.
    pub validated: Option<DeployId>,
}

/// How a deploy in the org compares with a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Same,
    Different,
    /// The org does not report enough about the deploy, or the fingerprint has not enough.
    Undecided,
}

/// The result of a search for a deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeployMatch {
    /// Exactly one deploy matches in every fact, and nothing else may be it.
    One(DeployId),
    /// None matches.
    None {
        /// Whether the request may still start a deploy, or may have started one that this search
        /// did not see. If false, it did not reach the org.
        may_be_there: bool,
    },
    /// Several match, or the org does not report enough about them.
    Several(Vec<DeployId>),
}

/// What a search saw of an org.
pub(crate) struct Observation {
    /// The org's clock.
    pub(crate) now: Option<SystemTime>,
    /// Deploys that [`DeployFingerprint::may_be`] let through.
    pub(crate) candidates: Vec<(DeployId, DeployResult)>,
    /// Whether the list went back to the start of the request.
    pub(crate) is_complete: bool,
}

impl DeployFingerprint {
    /// The fingerprint of a package's deploy, and the zip to send: the package's with a comment,
    /// or unchanged when no comment fits into the limit, or when there is no random number.
    pub(crate) fn of_package(
        package: &Package,
        options: &DeployOptions,
        random: Option<u32>,
    ) -> (Self, Zip) {
        let zip = package.zip();
        let length = random
            .and_then(|random| comment_length(random, zip.length(), package.zip_limit()))
            .and_then(|length| Some((length, zip.with_comment(length)?)));
        let (zip_comment_bytes, zip) = match length {
            Some((length, zip)) => (Some(length), zip),
            None => (None, zip.clone()),
        };
        let fingerprint = Self {
            sent_at: None,
            user_id: None,
            check_only: options.check_only,
            ignore_warnings: Some(options.ignore_warnings),
            rollback_on_error: Some(options.rollback_on_error),
            test_level: options.test_level.map(|level| level.as_str().to_owned()),
            run_tests: options.run_tests.clone(),
            zip_bytes: Some(zip.length()),
            zip_comment_bytes,
            validated: None,
        };
        (fingerprint, zip)
    }

    /// The fingerprint of a quick deploy.
    pub(crate) fn of_validated(validated: &DeployId, zip_bytes: Option<u64>) -> Self {
        Self {
            sent_at: None,
            user_id: None,
            check_only: false,
            ignore_warnings: None,
            rollback_on_error: None,
            test_level: None,
            run_tests: Vec::new(),
            zip_bytes,
            zip_comment_bytes: None,
            validated: Some(validated.clone()),
        }
    }

    /// Whether the deploy can be told from all others. If not, a search never finds exactly one.
    pub fn is_recognizable(&self) -> bool {
        let size_tells = self.zip_comment_bytes.is_some() || self.validated.is_some();
        size_tells && self.zip_bytes.is_some() && self.sent_at.is_some() && self.user_id.is_some()
    }

    /// Whether a deploy of the list may be this one. The list has the time and check-only; the rest
    /// is in the deploy's status.
    pub(crate) fn may_be(&self, listed: &DeployRequest, now: Option<SystemTime>) -> bool {
        listed.check_only == self.check_only
            && self.window(now, listed.created()) != Comparison::Different
    }

    /// Whether a list goes back to the time before the request.
    pub(crate) fn is_covered(&self, recent: &RecentDeploys, limit: u16) -> bool {
        let is_older = |deploy: &DeployRequest| {
            let created = deploy.created().zip(self.earliest());
            created.is_some_and(|(created, earliest)| created < earliest)
        };
        recent.deploys.len() < usize::from(limit) || recent.deploys.last().is_some_and(is_older)
    }

    fn earliest(&self) -> Option<SystemTime> {
        self.sent_at?.checked_sub(CLOCK_TOLERANCE)
    }

    /// Compares a time with that between the request and now.
    fn window(&self, now: Option<SystemTime>, created: Option<SystemTime>) -> Comparison {
        let (Some(earliest), Some(now), Some(created)) = (self.earliest(), now, created) else {
            return Comparison::Undecided;
        };
        decided((earliest..=now + CLOCK_TOLERANCE).contains(&created))
    }

    /// Whether the deploy has the size of this one; undecided where either is not known.
    fn size(&self, result: &DeployResult) -> Comparison {
        let reported = result.zip_size.filter(|size| *size > 0);
        let (Some(expected), Some(size)) = (self.zip_bytes, reported) else {
            return Comparison::Undecided;
        };
        decided(size == expected)
    }

    /// Compares every fact. One that differs excludes the deploy; one that is missing leaves it
    /// undecided.
    fn compare(&self, result: &DeployResult, now: Option<SystemTime>) -> Comparison {
        let same_user = match (&self.user_id, &result.created_by) {
            (Some(user), Some(creator)) => {
                decided(user.get(..ID_LENGTH) == creator.get(..ID_LENGTH))
            }
            _ => Comparison::Undecided,
        };
        let is_recognizable = if self.is_recognizable() {
            Comparison::Same
        } else {
            Comparison::Undecided
        };
        let created = result.created_date.as_deref().and_then(parse_time);
        [
            is_recognizable,
            decided(result.check_only == self.check_only),
            decided(matches_if_set(self.ignore_warnings, result.ignore_warnings)),
            decided(matches_if_set(
                self.rollback_on_error,
                result.rollback_on_error,
            )),
            decided(self.has_same_tests(result)),
            decided(self.is_same_kind(result)),
            same_user,
            self.size(result),
            self.window(now, created),
        ]
        .into_iter()
        .fold(Comparison::Same, Comparison::and)
    }

    /// Only a REST status has the level and the classes.
    fn has_same_tests(&self, result: &DeployResult) -> bool {
        if self.validated.is_some() {
            // The tests are those of the validation.
            return true;
        }
        let runs = self.test_level.as_ref().map(|level| level != "NoTestRun");
        let classes = result.run_tests.as_ref().is_none_or(|tests| {
            let classes = |tests: &[String]| tests.iter().cloned().collect::<HashSet<_>>();
            classes(tests) == classes(&self.run_tests)
        });
        let level = match (&self.test_level, &result.test_level) {
            (Some(ours), Some(theirs)) => ours == theirs,
            // An org chooses no single classes.
            (None, Some(theirs)) => theirs != "RunSpecifiedTests",
            (_, None) => true,
        };
        matches_if_set(runs, result.run_tests_enabled) && classes && level
    }

    /// Only a REST status has the id of the validation.
    fn is_same_kind(&self, result: &DeployResult) -> bool {
        let theirs = &result.validated_deploy_request_id;
        match &self.validated {
            Some(_) => theirs.is_none() || *theirs == self.validated,
            None => theirs.is_none(),
        }
    }

    /// Which of the deploys is this one; never one of `excluded`.
    pub(crate) fn choose(
        &self,
        observed: &Observation,
        excluded: &HashSet<DeployId>,
    ) -> DeployMatch {
        let (mut same, mut undecided) = (Vec::new(), Vec::new());
        let mut has_same_size = false;
        let candidates = observed.candidates.iter();
        for (id, result) in candidates.filter(|(id, _)| !excluded.contains(id)) {
            match self.compare(result, observed.now) {
                Comparison::Same => same.push(id.clone()),
                Comparison::Undecided => undecided.push(id.clone()),
                Comparison::Different => {
                    has_same_size |= self.size(result) == Comparison::Same;
                }
            }
        }
        match (&same[..], &undecided[..]) {
            ([id], []) => DeployMatch::One(id.clone()),
            ([], []) => {
                let age = observed.now.zip(self.sent_at);
                let age = age.and_then(|(now, sent)| now.duration_since(sent).ok());
                let has_expired = age.is_some_and(|age| age > LATEST_ARRIVAL);
                // One of this size may be ours after all, if the org reports an option otherwise.
                let may_be_there = has_same_size || !has_expired || !observed.is_complete;
                DeployMatch::None { may_be_there }
            }
            _ => {
                same.append(&mut undecided);
                DeployMatch::Several(same)
            }
        }
    }
}

impl Comparison {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Different, _) | (_, Self::Different) => Self::Different,
            (Self::Undecided, _) | (_, Self::Undecided) => Self::Undecided,
            (Self::Same, Self::Same) => Self::Same,
        }
    }
}

fn decided(same: bool) -> Comparison {
    if same {
        Comparison::Same
    } else {
        Comparison::Different
    }
}

fn matches_if_set(ours: Option<bool>, theirs: bool) -> bool {
    ours.is_none_or(|ours| ours == theirs)
}

/// The length of a comment: at most 65,535 bytes (APPNOTE.TXT 6.3.10, section 4.4.12), and no more
/// than the limit leaves. `None` where that is too little to tell deploys apart.
fn comment_length(random: u32, zip_bytes: u64, limit: u64) -> Option<u16> {
    let lengths = limit.checked_sub(zip_bytes)?.min(u16::MAX.into()) + 1;
    if lengths < MIN_COMMENT_LENGTHS {
        return None;
    }
    u16::try_from(u64::from(random) % lengths).ok()
}

#[cfg(test)]
mod tests;
