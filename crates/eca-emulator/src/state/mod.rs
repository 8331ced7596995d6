//! The state of the org.

pub(crate) mod audit_trail;
pub(crate) mod component_key;
pub(crate) mod components;
pub(crate) mod expiring;
pub(crate) mod grants;
pub(crate) mod id_token_config;
pub(crate) mod ip_range;
pub(crate) mod lockouts;
pub(crate) mod logins;
pub(crate) mod network;
pub(crate) mod pending;
pub(crate) mod permissions;
pub(crate) mod record;
pub(crate) mod stored_credentials;
pub(crate) mod token_hash;
pub(crate) mod users;
pub(crate) mod verifications;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eca_model::ApiVersion;
use serde::{Deserialize, Serialize};

use crate::ids::{Ids, RecordId};
use crate::kind::OrgKind;
use crate::metadata::job::Jobs;
use crate::oauth::client::replays::Replays;
use crate::profile::ChallengeProfile;
use crate::random::Random;
use crate::secret;
use crate::secret::Secret;
use crate::server::host::OwnHosts;
use crate::site::SiteSettings;
use crate::state::audit_trail::SetupChange;
use crate::state::components::{Consumer, Metadata};
use crate::state::grants::Grants;
use crate::state::lockouts::{LockoutSettings, Lockouts};
use crate::state::logins::Login;
use crate::state::network::Network;
use crate::state::stored_credentials::StoredCredentials;
use crate::state::token_hash::TokenHash;
use crate::state::users::Users;
use crate::state::verifications::Verifications;
use crate::testing::pace::Pace;

/// The settings of an org, fixed at its start.
#[derive(Debug)]
pub(crate) struct OrgConfig {
    pub(crate) kind: OrgKind,
    pub(crate) created_at: SystemTime,
    pub(crate) site_id: RecordId,
    pub(crate) admin_username: String,
    /// Without a slash at the end.
    pub(crate) instance_url: String,
    /// The hosts of `instance_url`.
    pub(crate) hosts: OwnHosts,
    /// Path of the Experience Cloud site, with a slash at its start and none at its end.
    pub(crate) site_path: String,
    pub(crate) api_version: ApiVersion,
    pub(crate) profile: ChallengeProfile,
    /// Whether requests are checked against the schema.
    pub(crate) is_strict: bool,
    /// Whether `isPkceRequired` cannot be turned off.
    pub(crate) keeps_pkce: bool,
}

impl OrgConfig {
    /// The issuer of tokens of the site, or of the instance.
    pub(crate) fn issuer(&self, is_of_site: bool) -> String {
        if is_of_site {
            self.site_url()
        } else {
            self.instance_url.clone()
        }
    }

    pub(crate) fn site_url(&self) -> String {
        format!("{}{}", self.instance_url, self.site_path)
    }
}

/// A one-time password in the outbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Mail {
    pub(crate) time: SystemTime,
    pub(crate) to: String,
    #[serde(with = "secret::at_rest::shared")]
    pub(crate) otp: Arc<Secret>,
}

/// The part that changes.
pub(crate) struct State {
    /// A refresh of the sandbox replaces it.
    pub(crate) org_id: RecordId,
    /// The administrator's session, which a refresh of the sandbox replaces.
    pub(crate) admin_token: Arc<Secret>,
    pub(crate) random: Random,
    pub(crate) ids: Ids,
    pub(crate) users: Users,
    /// Permission sets that exist without a deploy.
    pub(crate) permission_sets: BTreeSet<String>,
    pub(crate) metadata: Metadata,
    pub(crate) jobs: Jobs,
    /// How long jobs take.
    pub(crate) pace: Pace,
    /// How long the login servers take to learn of a new consumer key.
    pub(crate) propagation: Duration,
    pub(crate) grants: Grants,
    /// Oldest first.
    pub(crate) logins: Vec<Login>,
    /// Who changed what, oldest first.
    pub(crate) audit_trail: Vec<SetupChange>,
    /// What principals of external credentials have.
    pub(crate) stored_credentials: StoredCredentials,
    /// Oldest first.
    pub(crate) outbox: Vec<Mail>,
    /// Whether REST returns secrets.
    pub(crate) shows_secrets: bool,
    pub(crate) replays: Replays,
    /// The source addresses of requests.
    pub(crate) network: Network,
    /// The switches for headless clients.
    pub(crate) site: SiteSettings,
    /// How many wrong passwords and one-time passwords lock whom.
    pub(crate) lockout: LockoutSettings,
    pub(crate) lockouts: Lockouts,
    /// One-time passwords of the Headless Identity APIs.
    pub(crate) verifications: Verifications,
    /// The users of foreign tokens, in place of a token exchange handler.
    pub(crate) exchanges: BTreeMap<TokenHash, String>,
}

impl State {
    /// Whether the login servers know a consumer already.
    pub(crate) fn has_propagated(&self, consumer: &Consumer, now: SystemTime) -> bool {
        let created_at = self.metadata.key_births.get(&consumer.key);
        created_at.is_none_or(|created_at| *created_at + self.propagation <= now)
    }
}
