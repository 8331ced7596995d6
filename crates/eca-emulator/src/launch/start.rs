//! Starting an org from its settings.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::core::Core;
use crate::ids::{Ids, RecordKind};
use crate::launch::Builder;
use crate::launch::start_error::StartError;
use crate::launch::tls;
use crate::launch::tls::{Authority, Tls};
use crate::metadata::job::Jobs;
use crate::oauth::client::replays::Replays;
use crate::oauth::issue;
use crate::oauth::issue::signing::SigningKey;
use crate::org::{Administrator, Org};
use crate::random::Random;
use crate::secret::Secret;
use crate::server;
use crate::server::Port;
use crate::server::host::OwnHosts;
use crate::state::components::Metadata;
use crate::state::grants::Grants;
use crate::state::lockouts::Lockouts;
use crate::state::network::Network;
use crate::state::stored_credentials::StoredCredentials;
use crate::state::users::{Cost, NewPassword, UserKind, Users};
use crate::state::verifications::Verifications;
use crate::state::{OrgConfig, State};
use crate::store::database::Store;
use crate::store::persister::Persister;
use crate::store::rows;
use crate::store::rows::{Identity, Stored};
use crate::testing::clock::{Clock as _, ShiftedClock};

/// The origin of an org.
enum Origin {
    /// It is new and in memory only.
    Memory,
    /// It is new and will be stored.
    New(Store),
    /// It was stored before.
    Stored(Box<Stored>, Store),
}

impl Builder {
    /// Starts the org on a task of the current tokio runtime.
    ///
    /// # Errors
    /// When the port is in use or not available, a setting is invalid, or the state folder cannot
    /// be used.
    pub async fn start(self) -> Result<Org, StartError> {
        self.validate()?;
        let random = match self.seed {
            Some(seed) => Random::from_seed(seed),
            None => Random::from_system().map_err(StartError::Randomness)?,
        };
        let origin = match &self.state_dir {
            None => Origin::Memory,
            Some(folder) => {
                let (store, rows) = Store::open(folder)?;
                if rows.is_empty() {
                    Origin::New(store)
                } else {
                    // A seed would generate the same tokens again.
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
        let (idle_timeout, max_connections) = (self.idle_timeout, self.max_connections);
        let (core, admin, tls) = self.build(address, origin, random)?;
        let core = Arc::new(core);
        let (stop, stopped) = oneshot::channel();
        let port = Port {
            listener,
            tls,
            idle_timeout,
            max_connections,
        };
        let server = server::serve(port, Arc::clone(&core), stopped);
        tracing::info!(%address, "embedded org started");
        Ok(Org::new(core, address, admin, stop, server))
    }

    /// The requested port, or else that of the stored org, or else any.
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

    /// A state without users and metadata.
    fn state(&self, mut random: Random, cost: Cost) -> State {
        let mut ids = Ids::new(&mut random);
        let org_id = ids.next(RecordKind::Organization);
        State {
            admin_token: Arc::new(Secret::new("")),
            org_id,
            ids,
            random,
            users: Users::new(cost),
            permission_sets: self.permission_sets.clone(),
            metadata: Metadata::default(),
            jobs: Jobs::default(),
            pace: self.pace,
            propagation: self.propagation,
            grants: Grants::default(),
            logins: Vec::new(),
            audit_trail: Vec::new(),
            stored_credentials: StoredCredentials::default(),
            outbox: Vec::new(),
            shows_secrets: self.shows_secrets,
            replays: Replays::default(),
            network: Network::default(),
            site: self.site.clone(),
            lockout: self.lockout.clone(),
            lockouts: Lockouts::default(),
            verifications: Verifications::default(),
            exchanges: BTreeMap::new(),
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
                // Clients use their own clock, not the org's.
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
        let admin_token = Arc::clone(&state.admin_token);
        let username = identity.admin_username.as_str();
        issue::add_admin_session(&mut state, &admin_token, username, now);
        let config = OrgConfig {
            kind: identity.kind.clone(),
            created_at: identity.created_at,
            site_id: identity.site_id.clone(),
            admin_username: identity.admin_username.clone(),
            instance_url,
            hosts: OwnHosts::new(&host, address.ip()),
            site_path: self.site_path,
            api_version: self.api_version,
            profile: self.profile,
            is_strict: self.is_strict,
            keeps_pkce: self.keeps_pkce,
        };
        let admin = Administrator {
            token: admin_token.duplicate(),
            password: identity.admin_password.duplicate(),
            ca_certificate: (self.tls == Some(Tls::OwnAuthority))
                .then(|| identity.authority.as_ref().and_then(Authority::pem))
                .flatten(),
        };
        let mut core = Core::new(config, clock, state);
        if let Some(store) = store {
            core.persist_with(Persister::new(store, identity), signing_key)?;
        }
        Ok((core, admin, acceptor))
    }

    /// The site and administrator of a new org.
    fn identity(&self, state: &mut State, now: SystemTime) -> Identity {
        let admin_username = self.kind.username(&self.admin_username);
        let site_id = state.ids.next(RecordKind::Site);
        let password = state.random.token();
        let salt = state.random.bytes();
        let hash = NewPassword::derive(password.expose_secret(), salt, state.users.cost());
        state.users.insert(
            state.ids.next(RecordKind::User),
            &admin_username,
            UserKind::Administrator,
            Some(hash),
        );
        state.admin_token = Arc::new(issue::access_token(&state.org_id, &mut state.random));
        Identity {
            site_id,
            kind: self.kind.clone(),
            created_at: now,
            admin_username,
            admin_password: Arc::new(password),
            port: 0,
            clock_shift: (0, 0),
            authority: None,
        }
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
