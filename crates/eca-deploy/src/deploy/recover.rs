//! Searches an org for the deploy of a start whose response was lost.

use std::collections::HashSet;
use std::time::Duration;

use crate::client::Client;
use crate::deploy::deployment::Deployment;
use crate::deploy::fingerprint::{DeployFingerprint, DeployMatch, Observation};
use crate::error::Error;
use crate::id::DeployId;
use crate::wire::tooling::{self, RecentDeploys};

/// How many of the latest deploys are listed. Only the status of those in question is requested.
const SEARCH_LIMIT: u16 = 100;
/// The delay before each search: a request may reach the org after the client gave up on it.
const RETRY_DELAYS: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// The latest deploys of the org by all users, newest first.
///
/// # Errors
/// The org's refusal, or no response.
pub async fn recent_deploys(client: &Client, limit: u16) -> Result<RecentDeploys, Error> {
    client.execute(tooling::recent_deploys(limit)).await
}

impl Deployment {
    /// Searches the org's latest deploys once, for one that is none of `excluded`: pass the deploys
    /// that are known to be others, such as those in a journal.
    ///
    /// # Errors
    /// The org's refusal, or no response.
    pub async fn find_recent(
        client: &Client,
        fingerprint: &DeployFingerprint,
        excluded: &HashSet<DeployId>,
    ) -> Result<DeployMatch, Error> {
        let recent = recent_deploys(client, SEARCH_LIMIT).await?;
        let now = recent.org_time;
        let is_complete = fingerprint.is_covered(&recent, SEARCH_LIMIT);
        let mut candidates = Vec::new();
        for deploy in recent.deploys {
            if fingerprint.may_be(&deploy, now) && !excluded.contains(&deploy.id) {
                let deployment = Self::attach(client, deploy.id.clone());
                candidates.push((deploy.id, deployment.status_with_retry().await?));
            }
        }
        let observed = Observation {
            now,
            candidates,
            is_complete,
        };
        Ok(fingerprint.choose(&observed, excluded))
    }
}

/// Searches for a deploy whose start was lost, for some 20 seconds. `None` unless exactly one
/// matches.
pub(super) async fn find_lost(
    client: &Client,
    fingerprint: &DeployFingerprint,
    excluded: &HashSet<DeployId>,
) -> Option<DeployId> {
    for delay in RETRY_DELAYS {
        client.timer().sleep(delay).await;
        match Deployment::find_recent(client, fingerprint, excluded).await {
            Ok(DeployMatch::One(id)) => {
                tracing::debug!(%id, "found the deploy whose start was lost");
                return Some(id);
            }
            Ok(found) => tracing::debug!(?found, "did not find the deploy whose start was lost"),
            Err(error) => tracing::debug!(%error, "the search for the deploy failed"),
        }
    }
    None
}
