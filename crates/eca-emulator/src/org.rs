//! The handle of a running org.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use eca_model::{ApiVersion, ComponentName};
use thiserror::Error;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::core::Core;
use crate::ids::{RecordId, RecordKind};
use crate::kind::OrgKind;
use crate::launch::Builder;
use crate::launch::start_error::StartError;
use crate::metadata::job::options::Options;
use crate::metadata::job::status::Status;
use crate::metadata::job::{DeployJob, advance};
use crate::metadata::package::Package;
use crate::metadata::retrieve;
use crate::profile::ChallengeProfile;
use crate::refresh;
use crate::refresh::{Production, RefreshRefused};
use crate::secret::Secret;
use crate::setup::SetupError;
use crate::state::lockouts::Lockouts;
use crate::state::users::UserKind;
use crate::testing::clock::Clock as _;

/// How long [`Org::stop`] waits for running requests.
const STOP_TIME: Duration = Duration::from_secs(2);

/// A running org. It stops when this is dropped.
///
/// The methods are what an administrator can see and do only in Setup: read a consumer secret,
/// create users, assign permission sets.
pub struct Org {
    core: Arc<Core>,
    address: SocketAddr,
    admin: Administrator,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

/// The credentials of the administrator.
#[derive(Debug)]
pub(crate) struct Administrator {
    pub(crate) token: Secret,
    pub(crate) password: Secret,
    pub(crate) ca_certificate: Option<String>,
}

/// A component of the org, as in [`Org::components`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeployedComponent {
    /// Type and name.
    pub name: ComponentName,
    /// The id of its record.
    pub record_id: RecordId,
    /// The file that a retrieve at the org's newest API version writes.
    pub file: String,
    /// When it was first deployed.
    pub created: SystemTime,
    /// When a deploy last changed it.
    pub modified: SystemTime,
}

/// Why [`Org::deploy`] deployed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the org refuses the package: {}", .reasons.join("; "))]
pub struct DeployRefused {
    /// One line for each problem: `file:line:column: text`.
    pub reasons: Vec<String>,
}

impl Org {
    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    /// Settings for a new org.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts an org with the default settings on a free port.
    ///
    /// # Errors
    /// As [`Builder::start`].
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    pub(crate) fn new(
        core: Arc<Core>,
        address: SocketAddr,
        admin: Administrator,
        stop: oneshot::Sender<()>,
        server: JoinHandle<()>,
    ) -> Self {
        Self {
            core,
            address,
            admin,
            stop: Some(stop),
            server,
        }
    }

    /// Stops the org and waits until its port is free and running requests are answered.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        // The server can only fail while accepting connections, and it has stopped accepting. A
        // client that holds an idle connection open does not delay the stop.
        if timeout(STOP_TIME, &mut self.server).await.is_err() {
            self.server.abort();
        }
    }

    /// The address on which the org listens; on the loopback interface by default.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, or `https://` with the org's host, without a slash at the end.
    pub fn instance_url(&self) -> &str {
        &self.core.config.instance_url
    }

    /// The URL of the Experience Cloud site: the instance URL with the path of the site. Headless
    /// login happens below it, and it is the audience of client attestations.
    pub fn site_url(&self) -> String {
        self.core.config.site_url()
    }

    /// The org's id, until [`Org::refresh`] changes it.
    pub fn org_id(&self) -> RecordId {
        self.core.read().org_id.clone()
    }

    /// The kind of the org.
    pub fn kind(&self) -> &OrgKind {
        &self.core.config.kind
    }

    /// The newest API version of the org.
    pub fn api_version(&self) -> ApiVersion {
        self.core.config.api_version
    }

    /// The form of the authorization challenge endpoint.
    pub fn challenge_profile(&self) -> &ChallengeProfile {
        &self.core.config.profile
    }

    /// The administrator's user name.
    pub fn admin_username(&self) -> &str {
        &self.core.config.admin_username
    }

    /// An access token of the administrator (`00D…!…`), valid as long as the org runs.
    pub fn admin_access_token(&self) -> &Secret {
        &self.admin.token
    }

    /// The certificate that clients have to trust, as PEM, when the org generates its TLS
    /// certificate. Write it to the file that `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE` or
    /// `REQUESTS_CA_BUNDLE` names.
    pub fn ca_certificate(&self) -> Option<&str> {
        self.admin.ca_certificate.as_deref()
    }

    /// The administrator's password, for the login page.
    pub fn admin_password(&self) -> &Secret {
        &self.admin.password
    }

    /// The consumer key of an app that has global OAuth settings.
    pub fn consumer_key(&self, app: &str) -> Option<String> {
        let state = self.core.read();
        Some(state.metadata.consumers.get(app)?.key.clone())
    }

    /// The consumer secret of an app, which an administrator reads in Setup; the Metadata API does
    /// not return it.
    pub fn consumer_secret(&self, app: &str) -> Option<Secret> {
        let state = self.core.read();
        Some(state.metadata.consumers.get(app)?.secret.duplicate())
    }

    /// Creates a customer of the site.
    ///
    /// # Errors
    /// When the name is taken, or name or password is empty.
    pub fn create_external_user(&self, username: &str, password: &str) -> Result<(), SetupError> {
        self.create_user(username, UserKind::External, Some(password))
    }

    /// Creates an API-only user, which the client credentials flow can run as.
    ///
    /// # Errors
    /// When the name is taken or empty.
    pub fn create_integration_user(&self, username: &str) -> Result<(), SetupError> {
        self.create_user(username, UserKind::Integration, None)
    }

    fn create_user(
        &self,
        username: &str,
        kind: UserKind,
        password: Option<&str>,
    ) -> Result<(), SetupError> {
        let password = self.core.first_password(password)?;
        self.core
            .transact(|state, _| state.make_user(username, kind, password))
    }

    /// Assigns a permission set of the org to a user.
    ///
    /// # Errors
    /// When there is no such user or no such permission set.
    pub fn assign_permission_set(
        &self,
        username: &str,
        permission_set: &str,
    ) -> Result<(), SetupError> {
        self.core
            .transact(|state, _| state.assign(username, permission_set))
    }

    /// Replaces the Apex handler of the token exchange flow, which this org cannot run: this
    /// foreign token, of whatever kind, now belongs to this user.
    ///
    /// # Errors
    /// When the token is empty or there is no such user.
    pub fn answer_exchange(&self, subject_token: &str, username: &str) -> Result<(), SetupError> {
        self.core
            .transact(|state, _| state.answer_exchange(subject_token, username))
    }

    /// Deactivates a user, or activates one again. An inactive user cannot log in, and the user's
    /// tokens do not work.
    ///
    /// # Errors
    /// When there is no such user.
    pub fn set_user_active(&self, username: &str, is_active: bool) -> Result<(), SetupError> {
        self.core.transact(|state, _| {
            let user = state.users.get_mut(username);
            let user = user.ok_or_else(|| SetupError::NoSuchUser(username.to_owned()))?;
            user.is_active = is_active;
            Ok(())
        })
    }

    /// Unlocks all users and addresses, and forgets their wrong attempts.
    pub fn unlock_all(&self) {
        self.core
            .transact(|state, _| state.lockouts = Lockouts::default());
    }

    /// Sets the source address of all later requests. By default it is the real one, which is this
    /// machine.
    pub fn set_source_address(&self, address: IpAddr) {
        self.core
            .transact(|state, _| state.network.source = Some(address));
    }

    /// Lets users with a profile log in from these addresses only; from everywhere, if there are
    /// none. The profile's name is its label or its API name, such as `System Administrator`.
    pub fn set_login_ip_ranges(&self, profile: &str, ranges: &[RangeInclusive<IpAddr>]) {
        let ranges = ranges.to_vec();
        self.core.transact(|state, _| {
            state
                .network
                .login_ranges
                .insert(profile.to_owned(), ranges);
        });
    }

    /// Deploys a package at once, all or nothing, as the administrator. Use it to fill an org
    /// before clients connect. The zip is that of the Metadata API, with `package.xml` at its root;
    /// warnings are ignored.
    ///
    /// # Errors
    /// When the org refuses the package; the error lists its reasons.
    pub fn deploy(&self, zip: &[u8]) -> Result<(), DeployRefused> {
        let options = Options {
            ignore_warnings: true,
            rollback_on_error: true,
            single_package: true,
            ..Options::default()
        };
        let package = Package::read(zip, true, false, self.core.config.api_version).map(Arc::new);
        if let Err(error) = &package {
            return Err(DeployRefused {
                reasons: vec![error.to_string()],
            });
        }
        let id = self.core.transact(|state, now| {
            let id = state.ids.next(RecordKind::Deploy);
            let zip = Bytes::copy_from_slice(zip);
            let job = DeployJob::new(id.clone(), options, package, zip, now);
            advance::run_deploy(state, &self.core.config, job, now);
            id
        });
        let state = self.core.read();
        let Some(job) = state.jobs.deploy(id.as_str()) else {
            return Ok(());
        };
        if job.status == Status::Succeeded {
            return Ok(());
        }
        let reasons = job
            .messages()
            .iter()
            .filter_map(|message| {
                let problem = message.problem.as_ref()?;
                let place = problem
                    .position
                    .map_or_else(String::new, |at| format!(":{}:{}", at.line, at.column));
                Some(format!("{}{place}: {}", message.path, problem.text))
            })
            .collect();
        Err(DeployRefused { reasons })
    }

    /// Refreshes a sandbox: it becomes a copy of its production org, with another org id. All
    /// sessions and tokens end, [`Org::admin_access_token`] is a new one, and user names end in the
    /// sandbox's name.
    ///
    /// # Errors
    /// When the org is not a sandbox.
    pub fn refresh(&mut self, production: Production) -> Result<(), RefreshRefused> {
        let core = &self.core;
        self.admin.token =
            core.transact(|state, now| refresh::refresh(state, &core.config, production, now))?;
        Ok(())
    }

    /// The apps that have a consumer, sorted by name.
    pub fn apps(&self) -> Vec<String> {
        let state = self.core.read();
        state.metadata.consumers.keys().cloned().collect()
    }

    /// The time of the org's clock.
    pub fn now(&self) -> SystemTime {
        self.core.clock().now()
    }

    /// Moves the org's clock forward and settles all work that is due by then.
    pub fn advance_clock(&self, by: Duration) {
        self.core.change_clock(|clock| clock.advance(by));
    }

    /// All deployed components, sorted by type and name.
    pub fn components(&self) -> Vec<DeployedComponent> {
        let state = self.core.read();
        state
            .metadata
            .components
            .iter()
            .map(|(id, component)| DeployedComponent {
                name: id.clone().into(),
                record_id: component.id.clone(),
                file: retrieve::file(id, &component.record, self.core.config.api_version),
                created: component.created,
                modified: component.modified,
            })
            .collect()
    }
}

impl Drop for Org {
    fn drop(&mut self) {
        self.core.close();
        self.settle_expectations();
    }
}

impl fmt::Debug for Org {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Org")
            .field("instance_url", &self.core.config.instance_url)
            .field("org_id", &self.org_id())
            .finish_non_exhaustive()
    }
}
