//! Starting an org.

use std::{
    collections::BTreeSet,
    io,
    net::Ipv4Addr,
    sync::{Arc, RwLock},
    time::{Duration, SystemTime},
};

use eca_model::ApiVersion;
use thiserror::Error;
use tokio::{net::TcpListener, sync::oneshot};

use crate::{
    clock::{Clock, ShiftedClock, SystemClock},
    ids::{Ids, RecordKind},
    kind::OrgKind,
    metadata::package::OLDEST,
    oauth::{attestation::Replays, headless::verification::Verifications, issue},
    org::{Administrator, Org, Pace},
    profile::{AttestationCarrier, ChallengeProfile},
    random::Random,
    server,
    site::SiteSettings,
    state::{
        Core, Facts, State,
        components::Metadata,
        grants::Grants,
        users::{UserKind, Users},
    },
};

/// Settings of an org that is to be started; made by [`Org::builder`].
#[derive(Debug, Clone)]
#[must_use = "an org runs only after `start`"]
pub struct Builder {
    port: u16,
    site_path: String,
    admin_username: String,
    api_version: ApiVersion,
    profile: ChallengeProfile,
    pace: Pace,
    shows_secrets: bool,
    clock: Arc<dyn Clock>,
    starts_at: Option<SystemTime>,
    seed: Option<[u8; 32]>,
    permission_sets: BTreeSet<String>,
    site: SiteSettings,
    kind: OrgKind,
    propagation: Duration,
}

/// Why an org did not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program listens on the port.
    #[error("port {port} is already in use")]
    PortInUse {
        /// The port that was asked for.
        port: u16,
    },
    /// The port cannot be listened on for another reason.
    #[error("cannot listen on port {port} of this machine")]
    Listen {
        /// The port that was asked for; 0 for any.
        port: u16,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The operating system gave no randomness.
    #[error("the operating system gave no random numbers")]
    Randomness(#[source] getrandom::Error),
    /// A setting does not make sense.
    #[error("{setting} cannot be {value:?}: {reason}")]
    Setting {
        /// The name of the setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What it should be.
        reason: &'static str,
    },
}

impl StartError {
    /// Whether another port would help.
    pub fn is_port_in_use(&self) -> bool {
        matches!(self, Self::PortInUse { .. })
    }
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            port: 0,
            site_path: "/storefront".to_owned(),
            admin_username: "admin@embedded.example".to_owned(),
            api_version: ApiVersion::new(68),
            profile: ChallengeProfile::default(),
            pace: Pace::default(),
            shows_secrets: false,
            clock: Arc::new(SystemClock),
            starts_at: None,
            seed: None,
            permission_sets: BTreeSet::new(),
            site: SiteSettings::default(),
            kind: OrgKind::default(),
            propagation: Duration::ZERO,
        }
    }

    /// The loopback port; 0, the default, is any that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The path of the Experience Cloud site below the instance URL, such as `/storefront`, which
    /// is the default.
    pub fn site_path(mut self, path: impl Into<String>) -> Self {
        self.site_path = path.into();
        self
    }

    /// The administrator's user name. Default `admin@embedded.example`; in a sandbox its name is
    /// appended.
    pub fn admin_username(mut self, username: impl Into<String>) -> Self {
        self.admin_username = username.into();
        self
    }

    /// The newest API version of the org; the oldest is always 58.0. Default 68.0 (Winter '27).
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.api_version = version;
        self
    }

    /// How the authorization challenge endpoint looks.
    pub fn challenge_profile(mut self, profile: ChallengeProfile) -> Self {
        self.profile = profile;
        self
    }

    /// How long deploys and retrieves take.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Whether the credentials resource gives secrets out, as "Allow access to external client app
    /// consumer secrets via REST API" in Setup says. Default is no.
    pub fn secrets_over_rest(mut self, are_shown: bool) -> Self {
        self.shows_secrets = are_shown;
        self
    }

    /// The clock. Default is the one of the machine.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Lets the org's clock show this time at its start and run on from there; any clock can be
    /// set so.
    pub fn starts_at(mut self, time: SystemTime) -> Self {
        self.starts_at = Some(time);
        self
    }

    /// Makes ids, keys and tokens repeat from start to start, for golden files. Such an org has no
    /// secrets; leave this out anywhere else.
    pub fn seed(mut self, seed: [u8; 32]) -> Self {
        self.seed = Some(seed);
        self
    }

    /// What the Experience Cloud site lets off-platform apps do. Default is everything.
    pub fn site(mut self, settings: SiteSettings) -> Self {
        self.site = settings;
        self
    }

    /// What kind of org it is. Default is a production org.
    pub fn kind(mut self, kind: OrgKind) -> Self {
        self.kind = kind;
        self
    }

    /// How long, by the org's clock, the login servers take to learn of a new consumer key. Setup
    /// warns that it can take up to ten minutes; the default is no time.
    pub fn propagation_delay(mut self, delay: Duration) -> Self {
        self.propagation = delay;
        self
    }

    /// Adds a permission set that is in the org from the start.
    pub fn permission_set(mut self, name: impl Into<String>) -> Self {
        self.permission_sets.insert(name.into());
        self
    }

    /// Starts the org on a task of the current tokio runtime.
    ///
    /// # Errors
    /// When the port is taken or cannot be had, or a setting does not make sense.
    pub async fn start(self) -> Result<Org, StartError> {
        self.validate()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))
            .await
            .map_err(|source| self.listen_error(source))?;
        let address = listener
            .local_addr()
            .map_err(|source| self.listen_error(source))?;
        let random = match self.seed {
            Some(seed) => Random::from_seed(seed),
            None => Random::from_system().map_err(StartError::Randomness)?,
        };
        let (core, admin) = self.build(&format!("http://{address}"), random);
        let core = Arc::new(core);
        let (stop, stopped) = oneshot::channel();
        let server = server::serve(listener, Arc::clone(&core), stopped);
        tracing::info!(%address, "embedded org started");
        Ok(Org::new(core, address, admin, stop, server))
    }

    fn build(self, instance_url: &str, mut random: Random) -> (Core, Administrator) {
        let mut ids = Ids::new(&mut random);
        let clock = ShiftedClock::new(self.clock, self.starts_at);
        let facts = Facts {
            current_org_id: RwLock::new(ids.next(RecordKind::Organization)),
            site_id: ids.next(RecordKind::Site),
            admin_username: self.kind.username(&self.admin_username),
            kind: self.kind,
            started: clock.now(),
            instance_url: instance_url.to_owned(),
            site_path: self.site_path,
            api_version: self.api_version,
            profile: self.profile,
        };
        let mut users = Users::new(&mut random);
        let password = random.token();
        users.insert(
            ids.next(RecordKind::User),
            &facts.admin_username,
            UserKind::Administrator,
            Some(password.expose_secret()),
            &mut random,
        );
        let mut state = State {
            random,
            ids,
            users,
            permission_sets: self.permission_sets,
            metadata: Metadata::default(),
            jobs: crate::metadata::jobs::Jobs::default(),
            pace: self.pace,
            propagation: self.propagation,
            grants: Grants::default(),
            logins: Vec::new(),
            outbox: Vec::new(),
            shows_secrets: self.shows_secrets,
            replays: Replays::default(),
            site: self.site,
            verifications: Verifications::default(),
        };
        let token = issue::administrator_token(&mut state, &facts, clock.now());
        (
            Core::new(facts, clock, state),
            Administrator { token, password },
        )
    }

    fn validate(&self) -> Result<(), StartError> {
        let refuse = |setting, value: &dyn ToString, reason| {
            Err(StartError::Setting {
                setting,
                value: value.to_string(),
                reason,
            })
        };
        if !is_path(&self.site_path) {
            return refuse(
                "the site path",
                &self.site_path,
                "it must start with a slash, end without one, and have no other than unreserved characters",
            );
        }
        if !is_path(&self.profile.endpoint_path) {
            return refuse(
                "the path of the authorization challenge endpoint",
                &self.profile.endpoint_path,
                "it must start with a slash, end without one, and have no other than unreserved characters",
            );
        }
        if let AttestationCarrier::Header { name } = &self.profile.attestation
            && name.parse::<http::HeaderName>().is_err()
        {
            return refuse("the attestation header", name, "it must be a header name");
        }
        if self.api_version < OLDEST {
            return refuse(
                "the API version",
                &self.api_version,
                "it must be at least 58.0",
            );
        }
        if self.admin_username.trim().is_empty() {
            return refuse(
                "the administrator's user name",
                &self.admin_username,
                "it must not be empty",
            );
        }
        Ok(())
    }

    fn listen_error(&self, source: io::Error) -> StartError {
        if source.kind() == io::ErrorKind::AddrInUse {
            StartError::PortInUse { port: self.port }
        } else {
            StartError::Listen {
                port: self.port,
                source,
            }
        }
    }
}

fn is_path(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| {
        rest.split('/').all(|segment| {
            !segment.is_empty()
                && segment != "."
                && segment != ".."
                && segment
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        })
    })
}
