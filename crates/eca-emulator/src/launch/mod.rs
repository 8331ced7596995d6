//! Settings of an org before its start.

pub(crate) mod check;
pub(crate) mod start;
pub(crate) mod start_error;
pub(crate) mod tls;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eca_model::ApiVersion;

use crate::kind::OrgKind;
use crate::launch::tls::Tls;
use crate::profile::ChallengeProfile;
use crate::site::SiteSettings;
use crate::state::lockouts::LockoutSettings;
use crate::testing::clock::{Clock, SystemClock};
use crate::testing::pace::Pace;

/// The default time limit for a client.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// The default number of connections at a time.
const MAX_CONNECTIONS: NonZeroUsize = NonZeroUsize::new(512).unwrap();

/// Settings of an org before its start; created by [`Org::builder`](crate::org::Org::builder).
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
    idle_timeout: Duration,
    max_connections: NonZeroUsize,
    is_strict: bool,
    keeps_pkce: bool,
    site: SiteSettings,
    kind: OrgKind,
    propagation: Duration,
    lockout: LockoutSettings,
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
            idle_timeout: IDLE_TIMEOUT,
            max_connections: MAX_CONNECTIONS,
            is_strict: false,
            keeps_pkce: false,
            site: SiteSettings::default(),
            kind: OrgKind::default(),
            propagation: Duration::ZERO,
            lockout: LockoutSettings::default(),
        }
    }

    /// The loopback port; 0, the default, is any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The path of the Experience Cloud site below the instance URL. Default `/storefront`.
    pub fn site_path(mut self, path: impl Into<String>) -> Self {
        self.site_path = path.into();
        self
    }

    /// The administrator's user name. Default `admin@embedded.example`; a sandbox appends its name.
    pub fn admin_username(mut self, username: impl Into<String>) -> Self {
        self.admin_username = username.into();
        self
    }

    /// The newest API version of the org; the oldest is always 58.0. Default 68.0 (Winter '27).
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.api_version = version;
        self
    }

    /// The form of the authorization challenge endpoint.
    pub fn challenge_profile(mut self, profile: ChallengeProfile) -> Self {
        self.profile = profile;
        self
    }

    /// How long deploys and retrieves take.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Whether the credentials resource returns secrets, as "Allow access to external client app
    /// consumer secrets via REST API" in Setup. Default no.
    pub fn secrets_over_rest(mut self, are_shown: bool) -> Self {
        self.shows_secrets = are_shown;
        self
    }

    /// The clock. Default the clock of the machine.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the org's clock to this time at its start; it runs on from there. Works with every
    /// clock.
    pub fn starts_at(mut self, time: SystemTime) -> Self {
        self.starts_at = Some(time);
        self
    }

    /// Makes ids, keys and tokens the same at every start, for golden files. Such an org has no
    /// secrets; do not use it for anything else.
    pub fn seed(mut self, seed: [u8; 32]) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The switches of the Experience Cloud site for off-platform apps. By default all are on.
    pub fn site(mut self, settings: SiteSettings) -> Self {
        self.site = settings;
        self
    }

    /// How many wrong passwords and one-time passwords lock a user or an address. Default as
    /// [`LockoutSettings`].
    pub fn lockout(mut self, settings: LockoutSettings) -> Self {
        self.lockout = settings;
        self
    }

    /// The kind of the org. Default a production org.
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

    /// The address to listen on. Default 127.0.0.1. An address that other machines can reach needs
    /// [`Builder::i_know_this_is_public`] and [`Builder::tls`]: every client that reaches the org
    /// and has its administrator's token can do everything with it.
    pub fn bind(mut self, address: IpAddr) -> Self {
        self.bind = address;
        self
    }

    /// The name of the org in its URLs and in its generated certificate, such as `org.example.com`.
    /// Default the address, which is not enough for 0.0.0.0. Requests for other hosts than this
    /// one, loopback, the login hosts and My Domains are answered 421.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.host = Some(name.into());
        self
    }

    /// Allows other machines to reach the org.
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
    /// Salesforce does, and names the first deviation. For the development of new clients; existing
    /// clients deviate. Default lenient.
    pub fn strict(mut self, is_strict: bool) -> Self {
        self.is_strict = is_strict;
        self
    }

    /// Accepts `isPkceRequired` of `false` and returns `true` afterwards, as was reported of one
    /// org at API 67.0. By default the deployed value stays, as documented.
    pub fn keeps_pkce_required(mut self, is_kept: bool) -> Self {
        self.keeps_pkce = is_kept;
        self
    }

    /// How long a client may take for a TLS handshake, for the head of a request, for its body, and
    /// for reading the answer. Default 30 seconds.
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle_timeout = time;
        self
    }

    /// The largest number of connections at a time; more wait. Default 512.
    pub fn max_connections(mut self, count: NonZeroUsize) -> Self {
        self.max_connections = count;
        self
    }

    /// Stores the org in this folder, which is created if needed: the next org that starts with it
    /// has the same id, apps, consumer keys, secrets, users, tokens and deploys. Every change is on
    /// the disk before its answer is sent. Default memory only.
    ///
    /// A stored org keeps its kind, its administrator, its clock unless [`Builder::starts_at`] sets
    /// it, and its port if that is free; [`Builder::kind`] and [`Builder::seed`] have no effect on
    /// it.
    pub fn state_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(folder.into());
        self
    }
}
