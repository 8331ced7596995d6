//! Finding a deploy in the org when the answer to its start request got lost.
//!
//! Nothing that a client puts into a package comes back in what an org lists about deploys: not the
//! description of the manifest, no comment, no file name. A token would have to be a component, and
//! a package that deploys another component is another package. So the match is on what the org
//! does tell: when the deploy was asked for, by the org's own clock; whether it is check-only; the
//! size of its zip, to the byte; the components that it has reported on. `zipSize` is in WSDL 66.0;
//! that every org fills it in is inferred. Where it does not, the components decide.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use eca_http::Idempotency;
use eca_oauth::AccessToken;

use crate::deploy::{Deployment, StartError};
use crate::error::Error;
use crate::id::DeployId;
use crate::org::Org;
use crate::package::{Package, PackagedFile};
use crate::wire::{DeployOptions, DeployResult, RecentDeploys, tooling};

/// How many of the latest deploys are looked at.
const LOOKED_AT: u16 = 25;
/// How far the clocks of an org's servers may be apart; a deploy that is older than its request is
/// another one. `Date` has whole seconds.
const TOLERANCE: Duration = Duration::from_secs(10);
/// How often, and after which pauses, is looked: a request may reach the org after its answer was
/// given up.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// What identifies a deploy of which the id is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fingerprint {
    /// Whether it is check-only.
    pub check_only: bool,
    /// The size of the zip.
    pub zip_bytes: u64,
    /// The files in the zip, by path; empty where nobody knows them any more.
    pub files: HashSet<String>,
    /// When it was sent, by this side's clock.
    pub sent: SystemTime,
    /// Deploys that are known to be others, such as those of a journal that have an id.
    pub others: HashSet<DeployId>,
}

impl Fingerprint {
    /// Of a deploy that is about to be sent.
    pub fn new(package: &Package, options: &DeployOptions, sent: SystemTime) -> Self {
        let files = package.report().files.iter();
        Self {
            check_only: options.check_only,
            zip_bytes: package.report().zip_bytes,
            files: files.map(PackagedFile::package_path).collect(),
            sent,
            others: HashSet::new(),
        }
    }

    /// A fingerprint that was kept without the names of the files.
    pub fn of_size(zip_bytes: u64, check_only: bool, sent: SystemTime) -> Self {
        Self {
            check_only,
            zip_bytes,
            files: HashSet::new(),
            sent,
            others: HashSet::new(),
        }
    }

    /// The same, which is none of these deploys.
    #[must_use]
    pub fn but_not(mut self, others: impl IntoIterator<Item = DeployId>) -> Self {
        self.others.extend(others);
        self
    }

    /// Whether it can be this deploy; `None` where what the org says does not tell.
    fn matches(&self, result: &DeployResult) -> Option<bool> {
        if result.check_only != self.check_only {
            return Some(false);
        }
        if let Some(size) = result.zip_size.filter(|size| *size > 0) {
            return Some(size == self.zip_bytes);
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
            return None;
        }
        let ours = |name: &str| {
            self.files.contains(name)
                || name
                    .split_once('/')
                    .is_some_and(|(_, rest)| self.files.contains(rest))
        };
        let whole = result.number_components_total as usize == self.files.len();
        Some(whole && reported.all(ours))
    }
}

/// What the search for a deploy gave.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// Exactly one deploy fits.
    One(DeployId),
    /// None fits; the request may still be on its way.
    None,
    /// Several fit, or the org does not say enough about them.
    Several(Vec<DeployId>),
}

/// The latest deploys of the org, whoever started them, newest first.
///
/// # Errors
/// No answer, or the org's refusal.
pub async fn recent_deploys(org: &Org, limit: u16) -> Result<RecentDeploys, Error> {
    let endpoint = org.endpoint();
    org.tell(
        "Tooling query on DeployRequest",
        Idempotency::Idempotent,
        |token: &AccessToken| tooling::recent_deploys(endpoint, token, limit),
        tooling::parse_recent_deploys,
    )
    .await
}

/// Looks once for a deploy in the org.
///
/// # Errors
/// No answer, or the org's refusal.
pub async fn find(org: &Org, wanted: &Fingerprint) -> Result<Found, Error> {
    let recent = recent_deploys(org, LOOKED_AT).await?;
    let now = org.timer().now();
    let ago = now.duration_since(wanted.sent).unwrap_or_default();
    // On the org's clock.
    let sent = recent.org_time.unwrap_or(now).checked_sub(ago);
    let earliest = sent.and_then(|sent| sent.checked_sub(TOLERANCE));
    let (mut sure, mut possible) = (Vec::new(), Vec::new());
    for deploy in recent.deploys {
        let in_time = deploy
            .created()
            .is_none_or(|created| earliest.is_none_or(|earliest| created >= earliest));
        let known = wanted.others.contains(&deploy.id);
        if known || deploy.check_only != wanted.check_only || !in_time {
            continue;
        }
        let id = deploy.id;
        match Deployment::attach(org, id.clone()).look().await? {
            result if wanted.matches(&result) == Some(true) => sure.push(id),
            result if wanted.matches(&result).is_none() => possible.push(id),
            _ => {}
        }
    }
    Ok(match (sure.len(), possible.is_empty()) {
        (0, true) => Found::None,
        (1, true) => sure.pop().map_or(Found::None, Found::One),
        _ => {
            sure.append(&mut possible);
            Found::Several(sure)
        }
    })
}

impl Deployment {
    /// [`start`](Self::start), and where the answer got lost, a search for the deploy in the org.
    ///
    /// Only when exactly one deploy fits, and it is none of `others`, is it taken for this one;
    /// [`was_found`](Self::was_found) says so. Whoever keeps a list of deploys gives those of it,
    /// so that an earlier deploy of the same package is not taken for the lost one.
    ///
    /// # Errors
    /// As [`start`](Self::start): [`StartError::Lost`] where the search did not settle it.
    pub async fn start_or_find(
        org: &Org,
        package: &Package,
        options: &DeployOptions,
        others: &[DeployId],
    ) -> Result<Self, StartError> {
        let sent = org.timer().now();
        let lost = match Self::start(org, package, options).await {
            Err(StartError::Lost(error)) => error,
            settled => return settled,
        };
        let wanted = Fingerprint::new(package, options, sent).but_not(others.iter().cloned());
        for pause in PAUSES {
            org.timer().sleep(pause).await;
            match find(org, &wanted).await {
                Ok(Found::One(id)) => {
                    tracing::debug!(%id, "found the deploy whose start was lost");
                    let source_map = package.source_map().clone();
                    return Ok(Self::attach(org, id).with_source_map(source_map).found());
                }
                Ok(Found::None) => {}
                Ok(Found::Several(ids)) => {
                    tracing::debug!(?ids, "several deploys may be the one whose start was lost");
                    break;
                }
                Err(error) => tracing::debug!(%error, "cannot look for the deploy"),
            }
        }
        Err(StartError::Lost(lost))
    }
}
