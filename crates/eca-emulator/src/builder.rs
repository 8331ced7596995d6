//! Starting an org.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    path::PathBuf,
    sync::{Arc, RwLock},
    time::{Duration, SystemTime},
};

use eca_model::ApiVersion;
use tokio::{net::TcpListener, sync::oneshot};
use tokio_rustls::TlsAcceptor;

use crate::{
    clock::{Clock, ShiftedClock, SystemClock},
    core::Core,
    ids::{Ids, RecordKind},
    kind::OrgKind,
    metadata::{job::Jobs, package::OLDEST},
    oauth::{issue, replays::Replays, signing::SigningKey},
    org::{Administrator, Org},
    pace::Pace,
    profile::{AttestationCarrier, ChallengeProfile},
    random::Random,
    server::{self, Port},
    site::SiteSettings,
    start_error::StartError,
    state::{
        Facts, State,
        components::Metadata,
        grants::Grants,
        network::Network,
        users::{Cost, NewPassword, UserKind, Users},
        verifications::Verifications,
    },
    store::{
        Store,
        keeper::Keeper,
        rows::{self, Identity, Stored},
    },
    tls::{self, Authority, Tls},
};

/// How long a client may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most connections at a time.
const MAX_CONNECTIONS: NonZeroUsize = NonZeroUsize::new(512).unwrap();

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
    state_dir: Option<PathBuf>,
    bind: IpAddr,
    host: Option<String>,
    tls: Option<Tls>,
    is_public: bool,
    patience: Duration,
    max_connections: NonZeroUsize,
    is_strict: bool,
    keeps_pkce: bool,
    site: SiteSettings,
    kind: OrgKind,
    propagation: Duration,
}

/// Where an org comes from.
enum Origin {
    /// It is new and goes with the process.
    Memory,
    /// It is new and will stay.
    New(Store),
    /// It was there before.
    Stored(Box<Stored>, Store),
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
            state_dir: None,
            bind: Ipv4Addr::LOCALHOST.into(),
            host: None,
            tls: None,
            is_public: false,
            patience: PATIENCE,
            max_connections: MAX_CONNECTIONS,
            is_strict: false,
            keeps_pkce: false,
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

    /// The address to listen on, 127.0.0.1 by default. One that other machines can reach needs
    /// [`Builder::i_know_this_is_public`] and [`Builder::tls`]: whoever gets through to the org and
    /// has its administrator's token can do everything with it.
    pub fn bind(mut self, address: IpAddr) -> Self {
        self.bind = address;
        self
    }

    /// The name of the org in its URLs and in the certificate of its own making, such as
    /// `org.example.com`. Default is the address, which does not do for 0.0.0.0.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.host = Some(name.into());
        self
    }

    /// Says that other machines may reach the org.
    pub fn i_know_this_is_public(mut self, is_known: bool) -> Self {
        self.is_public = is_known;
        self
    }

    /// Speaks HTTPS instead of HTTP.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Checks Metadata API requests against the schema (WSDL 66.0) instead of as leniently as
    /// Salesforce does, and names the first deviation: for clients that want to be right, not for
    /// those that exist. Default is lenient.
    pub fn strict(mut self, is_strict: bool) -> Self {
        self.is_strict = is_strict;
        self
    }

    /// Lets `isPkceRequired` of `false` be taken and read `true` afterwards, as was reported of one
    /// org at API 67.0. Default is to keep what was deployed, as the documentation has it.
    pub fn keeps_pkce_required(mut self, is_kept: bool) -> Self {
        self.keeps_pkce = is_kept;
        self
    }

    /// How long a client may take for a TLS handshake, for the head of a request, for its body, and
    /// for reading on while it is answered. Default 30 seconds.
    pub fn patience(mut self, time: Duration) -> Self {
        self.patience = time;
        self
    }

    /// How many connections are served at a time; more wait. Default 512.
    pub fn max_connections(mut self, count: NonZeroUsize) -> Self {
        self.max_connections = count;
        self
    }

    /// Keeps the org in this folder, which is made if need be: the next org that starts with it has
    /// the same id, apps, consumer keys, secrets, users, tokens and deploys. Every change is on the
    /// disk before its answer goes out. Default is memory only.
    ///
    /// An org that is there already keeps its kind, its administrator, its clock unless
    /// [`Builder::starts_at`] sets it, and its port if that is free; [`Builder::kind`] and
    /// [`Builder::seed`] have no effect on it.
    pub fn state_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(folder.into());
        self
    }

    /// Starts the org on a task of the current tokio runtime.
    ///
    /// # Errors
    /// When the port is taken or cannot be had, a setting does not make sense, or the state folder
    /// cannot be used.
    pub async fn start(self) -> Result<Org, StartError> {
        self.validate()?;
        let mut random = match self.seed {
            Some(seed) => Random::from_seed(seed),
            None => Random::from_system().map_err(StartError::Randomness)?,
        };
        let origin = match &self.state_dir {
            None => Origin::Memory,
            Some(folder) => {
                let (store, rows) = Store::open(folder, &mut random)?;
                if rows.is_empty() {
                    Origin::New(store)
                } else {
                    // A seed would give out the same tokens again.
                    let random = Random::from_system().map_err(StartError::Randomness)?;
                    let fresh = self.state(random, Cost::AtRest);
                    Origin::Stored(
                        Box::new(rows::read(&store, rows, fresh, self.api_version)?),
                        store,
                    )
                }
            }
        };
        let listener = self.listen(&origin).await?;
        let address = listener
            .local_addr()
            .map_err(|source| self.listen_error(source))?;
        let (patience, max_connections) = (self.patience, self.max_connections);
        let (core, admin, tls) = self.build(address, origin, random)?;
        let core = Arc::new(core);
        let (stop, stopped) = oneshot::channel();
        let port = Port {
            listener,
            tls,
            patience,
            max_connections,
        };
        let server = server::serve(port, Arc::clone(&core), stopped);
        tracing::info!(%address, "embedded org started");
        Ok(Org::new(core, address, admin, stop, server))
    }

    /// The port that was asked for, else the one that a stored org had, else any.
    async fn listen(&self, origin: &Origin) -> Result<TcpListener, StartError> {
        if let (0, Origin::Stored(stored, _)) = (self.port, origin)
            && let Ok(listener) = TcpListener::bind((self.bind, stored.identity.port)).await
        {
            return Ok(listener);
        }
        TcpListener::bind((self.bind, self.port))
            .await
            .map_err(|source| self.listen_error(source))
    }

    /// A state with nobody and nothing in it.
    fn state(&self, mut random: Random, cost: Cost) -> State {
        State {
            ids: Ids::new(&mut random),
            random,
            users: Users::new(cost),
            permission_sets: self.permission_sets.clone(),
            metadata: Metadata::default(),
            jobs: Jobs::default(),
            pace: self.pace,
            propagation: self.propagation,
            grants: Grants::default(),
            logins: Vec::new(),
            outbox: Vec::new(),
            shows_secrets: self.shows_secrets,
            replays: Replays::default(),
            network: Network::default(),
            site: self.site.clone(),
            verifications: Verifications::default(),
            exchanges: BTreeMap::new(),
            renewal: None,
        }
    }

    fn build(
        self,
        address: SocketAddr,
        origin: Origin,
        random: Random,
    ) -> Result<(Core, Administrator, Option<TlsAcceptor>), StartError> {
        let now = self.starts_at.unwrap_or_else(|| self.clock.now());
        let (mut identity, mut state, signing_key, store) = match origin {
            Origin::Stored(stored, store) => {
                let Stored {
                    identity,
                    state,
                    signing_key,
                } = *stored;
                let signing_key = signing_key
                    .map(|key| {
                        SigningKey::restore(&key).ok_or_else(|| store.unreadable("signing key"))
                    })
                    .transpose()?;
                (identity, state, signing_key, Some(store))
            }
            Origin::New(store) => {
                let mut state = self.state(random, Cost::AtRest);
                (self.identity(&mut state, now), state, None, Some(store))
            }
            Origin::Memory => {
                let mut state = self.state(random, Cost::InMemory);
                (self.identity(&mut state, now), state, None, None)
            }
        };
        identity.port = address.port();
        let host = self.host.clone().unwrap_or_else(|| match address.ip() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        });
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let instance_url = format!("{scheme}://{host}:{}", address.port());
        let acceptor = match &self.tls {
            None => None,
            Some(tls) => {
                let host = host.trim_matches(['[', ']']);
                // Clients look at their own clock, not at the org's.
                let now = SystemTime::now();
                let (acceptor, authority) =
                    tls::acceptor(tls, host, identity.authority.take(), now)?;
                identity.authority = authority;
                Some(acceptor)
            }
        };
        let clock = ShiftedClock::new(self.clock, None);
        clock.restore(identity.clock_shift);
        if let Some(time) = self.starts_at {
            clock.set(time);
        }
        let now = clock.now();
        // A refresh gave the org another id, and ended the first session.
        if let Some(renewal) = &state.renewal {
            identity.org_id = renewal.org_id.clone();
            identity.admin_token = Arc::clone(&renewal.admin_token);
        }
        let username = identity.admin_username.as_str();
        issue::open_administration(&mut state, &identity.admin_token, username, now);
        let facts = Facts {
            current_org_id: RwLock::new(identity.org_id.clone()),
            kind: identity.kind.clone(),
            born: identity.born,
            site_id: identity.site_id.clone(),
            admin_username: identity.admin_username.clone(),
            instance_url,
            site_path: self.site_path,
            api_version: self.api_version,
            profile: self.profile,
            is_strict: self.is_strict,
            keeps_pkce: self.keeps_pkce,
        };
        let admin = Administrator {
            token: identity.admin_token.duplicate(),
            password: identity.admin_password.duplicate(),
            ca_certificate: (self.tls == Some(Tls::OwnAuthority))
                .then(|| identity.authority.as_ref().and_then(Authority::pem))
                .flatten(),
        };
        let mut core = Core::new(facts, clock, state);
        if let Some(store) = store {
            core.keep(Keeper::new(store, identity), signing_key)?;
        }
        Ok((core, admin, acceptor))
    }

    /// A new org's ids and administrator.
    fn identity(&self, state: &mut State, now: SystemTime) -> Identity {
        let admin_username = self.kind.username(&self.admin_username);
        let (org_id, site_id) = (
            state.ids.next(RecordKind::Organization),
            state.ids.next(RecordKind::Site),
        );
        let password = state.random.token();
        let salt = state.random.bytes();
        let hash = NewPassword::derive(password.expose_secret(), salt, state.users.cost());
        state.users.insert(
            state.ids.next(RecordKind::User),
            &admin_username,
            UserKind::Administrator,
            Some(hash),
        );
        Identity {
            admin_token: Arc::new(issue::access_token(state, &org_id)),
            org_id,
            site_id,
            kind: self.kind.clone(),
            born: now,
            admin_username,
            admin_password: Arc::new(password),
            port: 0,
            clock_shift: (0, 0),
            authority: None,
        }
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
        if !self.bind.is_loopback() {
            let missing = if !self.is_public {
                Some("say that you know with i_know_this_is_public")
            } else if self.tls.is_none() {
                Some("tokens would travel in the clear; turn TLS on")
            } else if self.bind.is_unspecified() && self.host.is_none() {
                Some("give the name that clients use as the host")
            } else {
                None
            };
            if let Some(reason) = missing {
                return Err(StartError::Public {
                    address: self.bind,
                    reason,
                });
            }
        }
        if let Some(host) = &self.host
            && url::Host::parse(host).is_err()
        {
            return refuse("the host", host, "it must be a host name or an address");
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
