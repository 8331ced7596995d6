//! Finds a deploy in the org when the response to its start request was lost.
//!
//! The org's list of deploys has nothing that a client can set: no manifest description, no
//! comment, no file name. So the search compares what the org does list: the
//! creation time by the org's clock, check-only, the size of the zip in bytes, and the components
//! reported so far. `zipSize` is in WSDL 66.0; that every org sets it is inferred. Where it is
//! missing, the components decide.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use crate::client::Client;
use crate::deploy::deployment::Deployment;
use crate::error::Error;
use crate::id::DeployId;
use crate::package::Package;
use crate::wire::tooling::{self, RecentDeploys};
use crate::wire::types::options::DeployOptions;
use crate::wire::types::result::DeployResult;

/// How many of the latest deploys are compared.
const SEARCH_LIMIT: u16 = 25;
/// The assumed clock skew between an org's servers: a deploy older than its request is another one.
/// `Date` has a resolution of one second.
const TOLERANCE: Duration = Duration::from_secs(10);
/// The delay before each search: a request may reach the org after the client gave up on it.
const RETRY_DELAYS: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// What identifies a deploy whose id is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeployFingerprint {
    /// Whether it is check-only.
    pub check_only: bool,
    /// The size of the zip.
    pub zip_bytes: u64,
    /// The files in the zip, by path. Empty if they are not known.
    pub files: HashSet<String>,
    /// When the request was sent, by this machine's clock.
    pub sent_at: SystemTime,
    /// Deploys that are known to be others, such as those in a journal.
    pub excluded: HashSet<DeployId>,
}

/// How a deploy in the org compares with a fingerprint.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Same,
    Different,
    /// The org does not list enough about the deploy.
    Undecided,
}

impl DeployFingerprint {
    /// The fingerprint of a deploy that is about to be sent.
    pub fn new(package: &Package, options: &DeployOptions, sent_at: SystemTime) -> Self {
        let files = package.report().files.iter();
        Self {
            files: files.map(|file| file.package_path().to_owned()).collect(),
            ..Self::from_size(package.report().zip_bytes, options.check_only, sent_at)
        }
    }

    /// A fingerprint without file names.
    pub fn from_size(zip_bytes: u64, check_only: bool, sent_at: SystemTime) -> Self {
        Self {
            check_only,
            zip_bytes,
            files: HashSet::new(),
            sent_at,
            excluded: HashSet::new(),
        }
    }

    /// The same fingerprint, matching none of these deploys.
    #[must_use]
    pub fn excluding(mut self, deploys: impl IntoIterator<Item = DeployId>) -> Self {
        self.excluded.extend(deploys);
        self
    }

    fn compare(&self, result: &DeployResult) -> Comparison {
        let decided = |same| {
            if same {
                Comparison::Same
            } else {
                Comparison::Different
            }
        };
        if result.check_only != self.check_only {
            return Comparison::Different;
        }
        if let Some(size) = result.zip_size.filter(|size| *size > 0) {
            return decided(size == self.zip_bytes);
        }
        let details = &result.details;
        let mut reported = details
            .component_successes
            .iter()
            .chain(&details.component_failures)
            .filter(|message| message.component_type.is_some())
            .map(|message| message.file_name.as_str())
            .filter(|name| !name.is_empty())
            .peekable();
        if self.files.is_empty() || reported.peek().is_none() {
            return Comparison::Undecided;
        }
        let in_package = |name: &str| {
            let below_folder = name.split_once('/').map(|(_, rest)| rest);
            self.files.contains(name) || below_folder.is_some_and(|rest| self.files.contains(rest))
        };
        let complete = result.number_components_total as usize == self.files.len();
        decided(complete && reported.all(in_package))
    }
}

/// The result of a search for a deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeployMatch {
    /// Exactly one deploy matches.
    One(DeployId),
    /// None matches. The request may still be in flight.
    None,
    /// Several match, or the org does not list enough about them.
    Several(Vec<DeployId>),
}

/// The latest deploys of the org by all users, newest first.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn recent_deploys(client: &Client, limit: u16) -> Result<RecentDeploys, Error> {
    client.execute(tooling::recent_deploys(limit)).await
}

impl Deployment {
    /// Searches the org's latest deploys once.
    ///
    /// # Errors
    /// The org's refusal, or no response.
    pub async fn find_recent(
        client: &Client,
        fingerprint: &DeployFingerprint,
    ) -> Result<DeployMatch, Error> {
        let recent = recent_deploys(client, SEARCH_LIMIT).await?;
        let now = client.timer().now();
        let age = now.duration_since(fingerprint.sent_at).unwrap_or_default();
        // By the org's clock.
        let sent_at = recent.org_time.unwrap_or(now).checked_sub(age);
        let earliest = sent_at.and_then(|sent_at| sent_at.checked_sub(TOLERANCE));
        let (mut same, mut undecided) = (Vec::new(), Vec::new());
        for deploy in recent.deploys {
            let is_older = deploy
                .created()
                .is_some_and(|created| earliest.is_some_and(|earliest| created < earliest));
            if is_older
                || deploy.check_only != fingerprint.check_only
                || fingerprint.excluded.contains(&deploy.id)
            {
                continue;
            }
            let deployment = Self::attach(client, deploy.id.clone());
            match fingerprint.compare(&deployment.status_with_retry().await?) {
                Comparison::Same => same.push(deploy.id),
                Comparison::Undecided => undecided.push(deploy.id),
                Comparison::Different => {}
            }
        }
        Ok(match (&same[..], &undecided[..]) {
            ([], []) => DeployMatch::None,
            ([id], []) => DeployMatch::One(id.clone()),
            _ => {
                same.append(&mut undecided);
                DeployMatch::Several(same)
            }
        })
    }
}

/// Searches for a deploy whose start was lost, for some 20 seconds. `None` unless exactly one
/// matches.
pub(super) async fn find_lost(
    client: &Client,
    fingerprint: &DeployFingerprint,
) -> Option<DeployId> {
    for delay in RETRY_DELAYS {
        client.timer().sleep(delay).await;
        match Deployment::find_recent(client, fingerprint).await {
            Ok(DeployMatch::One(id)) => {
                tracing::debug!(%id, "found the deploy whose start was lost");
                return Some(id);
            }
            Ok(DeployMatch::None) => {}
            Ok(DeployMatch::Several(ids)) => {
                tracing::debug!(?ids, "several deploys may be the one whose start was lost");
                return None;
            }
            Err(error) => tracing::debug!(%error, "the search for the deploy failed"),
        }
    }
    None
}
