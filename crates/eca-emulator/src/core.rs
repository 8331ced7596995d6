//! The org behind its server.

use std::collections::VecDeque;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::SystemTime;

use http::{Method, StatusCode};

use crate::metadata::job::advance;
use crate::oauth::error::OauthError;
use crate::oauth::issue::signing::SigningKey;
use crate::server::call::Call;
use crate::state::users::{NewPassword, Proof};
use crate::state::{OrgConfig, State};
use crate::store::error::StoreError;
use crate::store::persister::Persister;
use crate::testing::clock::{Clock as _, ShiftedClock};
use crate::testing::expectation::{AnsweredRequest, Expectations};
use crate::testing::faults;
use crate::testing::faults::Fault;

/// Most requests that are remembered.
const MAX_ANSWERED: usize = 10_000;

/// The org behind its server.
///
/// Every request is answered by code that neither waits nor sleeps: work that takes time on a real
/// org is *settled*, up to the current time, whenever the state is locked. Clients see no
/// difference, and tests need no waiting.
///
/// A request reads the state through [`Core::read`] and changes it in a transaction,
/// [`Core::begin`] or [`Core::transact`]. What changed is on the disk before the answer goes out.
pub(crate) struct Core {
    pub(crate) config: OrgConfig,
    clock: ShiftedClock,
    state: Mutex<State>,
    key: OnceLock<Option<SigningKey>>,
    faults: Mutex<Vec<Fault>>,
    answered: Mutex<VecDeque<AnsweredRequest>>,
    expectations: Mutex<Expectations>,
    persister: Option<Persister>,
    /// Whether the state has a change that is not on the disk.
    is_unsaved: AtomicBool,
}

impl Core {
    pub(crate) fn new(config: OrgConfig, clock: ShiftedClock, state: State) -> Self {
        Self {
            config,
            clock,
            state: Mutex::new(state),
            key: OnceLock::new(),
            faults: Mutex::default(),
            answered: Mutex::default(),
            expectations: Mutex::default(),
            persister: None,
            is_unsaved: AtomicBool::new(false),
        }
    }

    /// Stores the org, and from now on each of its changes.
    pub(crate) fn persist_with(
        &mut self,
        persister: Persister,
        key: Option<SigningKey>,
    ) -> Result<(), StoreError> {
        if let Some(key) = key {
            self.key = OnceLock::from(Some(key));
        }
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let key = self.key.get().and_then(Option::as_ref);
        persister.save(state, self.clock.shift(), key.map(SigningKey::expose_pkcs8))?;
        self.persister = Some(persister);
        Ok(())
    }

    /// The key that signs what the org issues; called in a transaction, which stores a new key.
    pub(crate) fn signing_key(&self) -> Result<&SigningKey, OauthError> {
        self.key
            .get_or_init(SigningKey::generate)
            .as_ref()
            .ok_or_else(|| OauthError::new("server_error", "the org has no signing key"))
    }

    /// The key that signs what the org issues, after it is stored.
    pub(crate) fn published_key(&self) -> Result<&SigningKey, OauthError> {
        let mut transaction = self.begin();
        transaction.is_changed = self.key.get().is_none();
        let key = self.signing_key();
        transaction.commit();
        key
    }

    /// The faults that are armed.
    pub(crate) fn faults(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault that hits a request, if one is armed for it. This uses it up by one.
    pub(crate) fn take_fault(&self, call: &Call) -> Option<Fault> {
        faults::take(&mut self.faults(), call)
    }

    /// The requests to the org.
    pub(crate) fn answered(&self) -> MutexGuard<'_, VecDeque<AnsweredRequest>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a request, and forgets the oldest where there are too many.
    pub(crate) fn remember(&self, method: &Method, path: &str, status: Option<StatusCode>) {
        let mut answered = self.answered();
        if answered.len() >= MAX_ANSWERED {
            answered.pop_front();
        }
        answered.push_back(AnsweredRequest {
            method: method.to_string(),
            path: path.to_owned(),
            status: status.map(|status| status.as_u16()),
        });
    }

    /// What tests expect.
    pub(crate) fn expectations(&self) -> MutexGuard<'_, Expectations> {
        let guard = self.expectations.lock();
        guard.unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock, which can be put forward and back while the org runs.
    pub(crate) fn clock(&self) -> &ShiftedClock {
        &self.clock
    }

    /// Changes the clock, stores it, and settles what is due by it.
    pub(crate) fn change_clock(&self, change: impl FnOnce(&ShiftedClock)) {
        change(&self.clock);
        let mut transaction = self.begin();
        transaction.is_changed = true;
        transaction.commit();
    }

    /// The state as of now, to read only.
    pub(crate) fn read(&self) -> StateView<'_> {
        let (state, now) = self.lock();
        StateView { state, now }
    }

    /// Begins a change of the state as of now.
    pub(crate) fn begin(&self) -> Transaction<'_> {
        let (state, now) = self.lock();
        Transaction {
            core: self,
            state,
            now,
            is_changed: false,
        }
    }

    /// Runs `change` in a transaction, which is committed whatever it returns: an error can leave
    /// a change behind, such as a counted login.
    pub(crate) fn transact<T>(&self, change: impl FnOnce(&mut State, SystemTime) -> T) -> T {
        let mut transaction = self.begin();
        let now = transaction.now;
        let outcome = change(&mut transaction, now);
        transaction.commit();
        outcome
    }

    /// Locks the state and settles the work that is due. What that changes is a transaction of its
    /// own and stored at once: an answer never shows what a restart would not know of.
    fn lock(&self) -> (MutexGuard<'_, State>, SystemTime) {
        // A panic while the lock was held spoils one answer, not the org.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let has_settled = advance::settle(&mut state, &self.config, now);
        if has_settled || self.is_unsaved.load(Ordering::Relaxed) {
            self.persist(&state);
        }
        (state, now)
    }

    /// Stores the state. A failure is kept for [`Core::storage_failure`], and the next lock tries
    /// again.
    fn persist(&self, state: &State) {
        if let Some(persister) = &self.persister {
            let key = self.key.get().and_then(Option::as_ref);
            let key = key.map(SigningKey::expose_pkcs8);
            let saved = persister.save(state, self.clock.shift(), key);
            self.is_unsaved.store(saved.is_err(), Ordering::Relaxed);
        }
    }

    /// Compares a password with a user's. That takes long: the state is locked only before it.
    pub(crate) fn prove(&self, username: &str, password: &str) -> Proof {
        // No user has an empty password, and requests without a password are many.
        if password.is_empty() {
            return Proof::NONE;
        }
        let attempt = self.read().users.attempt(username);
        attempt.prove(password)
    }

    /// Hashes a new password. That takes long: the state is locked only before it.
    pub(crate) fn hash(&self, password: &str) -> NewPassword {
        let (salt, cost) = {
            // The generator has no place in the store: this is not a change.
            let (mut state, _) = self.lock();
            (state.random.bytes(), state.users.cost())
        };
        NewPassword::derive(password, salt, cost)
    }

    /// Why the state is not on the disk as it should be, if that is so, after another attempt.
    pub(crate) fn storage_failure(&self) -> Option<String> {
        if self.is_unsaved.load(Ordering::Relaxed) {
            drop(self.lock());
        }
        self.persister.as_ref()?.failure()
    }

    /// Closes the store.
    pub(crate) fn close(&self) {
        // A last attempt, if the state is not on the disk.
        self.storage_failure();
        if let Some(persister) = &self.persister {
            persister.close();
        }
    }
}

/// The state, locked, to read only. Nothing of this reaches the disk.
pub(crate) struct StateView<'a> {
    state: MutexGuard<'a, State>,
    now: SystemTime,
}

impl StateView<'_> {
    /// The time of the org's clock.
    pub(crate) fn now(&self) -> SystemTime {
        self.now
    }
}

impl Deref for StateView<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

/// A change of the state, under its lock.
///
/// [`Transaction::commit`] stores what changed, and only then may the answer go out. There is no
/// rollback: what a request changed before an error stands, so an error is committed too. A change
/// that is dropped without a commit is a mistake in this crate: debug builds panic, others log it
/// and store the change before the answer all the same.
#[must_use = "a change is stored by `commit`"]
pub(crate) struct Transaction<'a> {
    core: &'a Core,
    state: MutexGuard<'a, State>,
    now: SystemTime,
    is_changed: bool,
}

impl Transaction<'_> {
    /// The time of the org's clock.
    pub(crate) fn now(&self) -> SystemTime {
        self.now
    }

    /// Stores what changed, if anything did.
    pub(crate) fn commit(mut self) {
        if self.is_changed {
            self.is_changed = false;
            self.core.persist(&self.state);
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.is_changed = true;
        &mut self.state
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.is_changed {
            // Found by `Core::storage_failure`, which stands before every answer.
            self.core.is_unsaved.store(true, Ordering::Relaxed);
            if !thread::panicking() {
                tracing::error!("a change of the state was not committed");
                debug_assert!(!self.is_changed, "a change of the state was not committed");
            }
        }
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;
    use http::{HeaderMap, header};

    use super::*;
    use crate::org::Org;
    use crate::server::call::{Payload, Reply};
    use crate::server::router::route;
    use crate::testing::clock::ManualClock;
    use crate::testing::pace::Pace;

    /// An org in a folder, whose jobs take an hour.
    async fn org(folder: &tempfile::TempDir, clock: &Arc<ManualClock>) -> Org {
        Org::builder()
            .pace(Pace::Time(Duration::from_hours(1)))
            .clock(clock.clone())
            .state_dir(folder.path())
            .start()
            .await
            .unwrap()
    }

    fn clock() -> Arc<ManualClock> {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
        Arc::new(ManualClock::new(start))
    }

    fn ask(org: &Org, method: Method, target: &str, body: &str) -> Reply {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let bearer = format!("Bearer {}", org.admin_access_token().expose_secret());
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, bearer.parse().unwrap());
        let call = Call {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            payload: Payload::Bytes(Bytes::copy_from_slice(body.as_bytes())),
        };
        route(org.core(), &call)
    }

    fn soap(org: &Org, operation: &str) -> Reply {
        let token = org.admin_access_token().expose_secret();
        let envelope = format!(
            "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Header><SessionHeader>\
             <sessionId>{token}</sessionId></SessionHeader></Header>\
             <Body>{operation}</Body></Envelope>"
        );
        ask(org, Method::POST, "/services/Soap/m/66.0", &envelope)
    }

    fn saves(org: &Org) -> usize {
        org.core().persister.as_ref().unwrap().saves()
    }

    #[tokio::test]
    async fn reading_writes_nothing() {
        let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
        let org = org(&folder, &clock).await;
        let deploy = soap(&org, "<deploy><ZipFile>bm8gemlw</ZipFile></deploy>");
        let text = String::from_utf8_lossy(deploy.body()).into_owned();
        let id = text
            .split("<id>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap();
        // The first reading generates the key of the org.
        ask(&org, Method::GET, "/id/keys", "");
        // The deploy is in progress, and its progress differs from request to request.
        clock.advance(Duration::from_mins(10));
        ask(&org, Method::GET, "/services/data", "");
        let data = "/services/data/v66.0";
        let resource = format!("{data}/metadata/deployRequest/{id}?includeDetails=true");
        let query = format!("{data}/query?q=SELECT+Id,Name+FROM+Organization");
        let tooling = format!("{data}/tooling/query?q=SELECT+Id+FROM+DeployRequest");
        let user = "/services/oauth2/userinfo";
        let described = format!("{data}/sobjects/User/describe");
        let apps = format!("{data}/apps/oauth/usage");
        let reading = [
            "/services/data",
            data,
            &resource,
            &query,
            &tooling,
            &described,
            &apps,
            user,
            "/id/keys",
            "/.well-known/openid-configuration",
            "/_org/clock",
            "/_org/outbox",
            "/_org/network",
            "/_org/site",
            "/_org/users",
        ];
        let before = saves(&org);
        for target in reading {
            clock.advance(Duration::from_secs(1));
            let reply = ask(&org, Method::GET, target, "");
            assert_eq!(
                reply.status(),
                StatusCode::OK,
                "{target}: {:?}",
                reply.body()
            );
            assert_eq!(saves(&org), before, "GET {target}");
        }
        for operation in [
            &format!("<checkDeployStatus><id>{id}</id></checkDeployStatus>"),
            &format!("<checkStatus><id>{id}</id></checkStatus>"),
            "<listMetadata><queries><type>PermissionSet</type></queries></listMetadata>",
            "<describeMetadata/>",
            "<readMetadata><type>PermissionSet</type><fullNames>A</fullNames></readMetadata>",
        ] {
            clock.advance(Duration::from_secs(1));
            let reply = soap(&org, operation);
            assert_eq!(
                reply.status(),
                StatusCode::OK,
                "{operation}: {:?}",
                reply.body()
            );
            assert_eq!(saves(&org), before, "{operation}");
        }
        // Work that has come due is stored once, by the request that sees it first.
        clock.advance(Duration::from_hours(2));
        for _ in 0..3 {
            assert_eq!(
                ask(&org, Method::GET, &resource, "").status(),
                StatusCode::OK
            );
            assert_eq!(saves(&org), before + 1);
        }
        ask(
            &org,
            Method::POST,
            "/_org/propagation",
            r#"{"seconds": 60}"#,
        );
        assert_eq!(saves(&org), before + 2);
    }

    #[tokio::test]
    async fn a_transaction_stores_what_changed_and_nothing_else() {
        let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
        let org = org(&folder, &clock).await;
        let core = org.core();
        let before = saves(&org);
        core.begin().commit();
        drop(core.begin());
        assert_eq!(saves(&org), before);
        let mut transaction = core.begin();
        transaction.propagation = Duration::from_secs(1);
        transaction.commit();
        assert_eq!(saves(&org), before + 1);
        // An error keeps what was changed before it.
        let failed: Result<(), ()> = core.transact(|state, _| {
            state.shows_secrets = true;
            Err(())
        });
        assert!(failed.is_err() && core.read().shows_secrets);
        assert_eq!(saves(&org), before + 2);
    }

    #[tokio::test]
    #[cfg_attr(debug_assertions, should_panic(expected = "was not committed"))]
    async fn a_change_needs_a_commit() {
        let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
        let org = org(&folder, &clock).await;
        let before = saves(&org);
        let mut transaction = org.core().begin();
        transaction.shows_secrets = true;
        drop(transaction);
        // Only where that does not panic: it is stored before the answer.
        assert_eq!(org.core().storage_failure(), None);
        assert_eq!(saves(&org), before + 1);
    }
}
