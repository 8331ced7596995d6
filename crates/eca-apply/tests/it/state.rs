//! Locks and commits, the same in every backend.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eca_apply::{
    Applied, Backend, BackendError, ETag, Folder, Holder, LOCK_SILENCE, Memory, OrgId, Put,
    SNAPSHOTS, StateError, StateStore,
};
use eca_model::{Project, Snapshot};

fn org() -> OrgId {
    "00Dxx0000000001EAA".parse().unwrap()
}

fn holder(id: &str) -> Holder {
    Holder {
        id: id.to_owned(),
        who: "Ada".to_owned(),
        host: "build-7".to_owned(),
        command: "eca apply".to_owned(),
    }
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
}

fn snapshot(label: &str) -> Snapshot {
    let text = format!(
        "<ExtlClntAppGlobalOauthSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
         <consumerSecret>hunter2</consumerSecret><externalClientApplication>Shop</externalClientApplication>\
         <label>{label}</label></ExtlClntAppGlobalOauthSettings>"
    );
    Project::from_entries([("Shop.ecaGlblOauth-meta.xml".to_owned(), text.into_bytes())]).snapshot()
}

fn applied(label: &str) -> Applied {
    let apps = BTreeMap::from([("Shop".to_owned(), "shop-repo".to_owned())]);
    Applied::new(snapshot(label), apps)
}

/// Runs a test in memory and in a folder.
fn check<M: Future<Output = ()>, F: Future<Output = ()>>(
    in_memory: impl FnOnce(Arc<StateStore<Memory>>) -> M,
    in_folder: impl FnOnce(Arc<StateStore<Folder>>) -> F,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    runtime.block_on(in_memory(Arc::new(StateStore::new(Memory::default()))));
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("not/yet/there");
    runtime.block_on(in_folder(Arc::new(StateStore::new(Folder::new(&root)))));
    no_secret(&root);
}

/// No file has the secret of the project, and only the owner can read them.
fn no_secret(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            no_secret(&path);
            continue;
        }
        let content = std::fs::read_to_string(&path).unwrap();
        assert!(!content.contains("hunter2"), "{}", path.display());
        #[cfg(unix)]
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = path.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", path.display());
        }
    }
}

#[test]
fn what_is_committed_is_loaded() {
    async fn test<B: Backend>(store: Arc<StateStore<B>>) {
        let mut loaded = store.load(&org()).await.unwrap();
        assert_eq!((loaded.state.serial, loaded.state.apps.len()), (0, 0));
        let mut lock = store.lock(&org(), holder("a"), at(0)).await.unwrap();
        for serial in 1..=15 {
            let applied = applied(&serial.to_string());
            let committed = store.commit(&mut lock, &loaded, applied, at(serial)).await;
            loaded = committed.unwrap();
            assert_eq!(loaded.state.serial, serial);
            assert_eq!(store.load(&org()).await.unwrap(), loaded);
        }
        store.unlock(lock).await.unwrap();
        assert_eq!(loaded.state.other_owner("Shop", "shop-repo"), None);
        assert_eq!(
            loaded.state.other_owner("Shop", "till-repo"),
            Some("shop-repo")
        );
        assert_eq!(loaded.state.other_owner("Till", "till-repo"), None);
        // The last ones are kept, and mean what was applied.
        let kept: Vec<_> = loaded.state.snapshots.iter().copied().collect();
        assert_eq!(kept, (6..=15).collect::<Vec<_>>());
        assert_eq!(kept.len(), SNAPSHOTS);
        for serial in 1..=15 {
            let found = store.snapshot(&org(), serial).await.unwrap();
            let expected = kept
                .contains(&serial)
                .then(|| snapshot(&serial.to_string()));
            assert_eq!(found, expected, "{serial}");
        }
        // Another org has a state of its own.
        let other = store
            .load(&"00Dxx0000000002".parse().unwrap())
            .await
            .unwrap();
        assert_eq!(other.state.serial, 0);
    }
    check(test, test);
}

#[test]
fn one_job_at_a_time() {
    async fn test<B: Backend>(store: Arc<StateStore<B>>) {
        let mut first = store.lock(&org(), holder("a"), at(0)).await.unwrap();
        let is_locked_by = |error: StateError, id: &str| match error {
            StateError::Locked { holder, since, .. } => {
                assert_eq!((holder.id.as_str(), since), (id, at(0)));
            }
            other => panic!("{other:?}"),
        };
        let refused = store.lock(&org(), holder("b"), at(1)).await.unwrap_err();
        is_locked_by(refused, "a");
        // A renewed lock stays, however old it is.
        let silence = LOCK_SILENCE.as_secs();
        store.renew(&mut first, at(silence)).await.unwrap();
        let refused = store
            .lock(&org(), holder("b"), at(2 * silence))
            .await
            .unwrap_err();
        is_locked_by(refused, "a");
        // A clock that is behind breaks nothing.
        let refused = store.lock(&org(), holder("b"), at(0)).await.unwrap_err();
        is_locked_by(refused, "a");
        // The job is taken for dead, and can commit nothing any more.
        let loaded = store.load(&org()).await.unwrap();
        let mut second = store
            .lock(&org(), holder("b"), at(2 * silence + 1))
            .await
            .unwrap();
        let late = store
            .commit(&mut first, &loaded, applied("late"), at(2 * silence + 2))
            .await;
        assert!(matches!(late, Err(StateError::LockLost { .. })), "{late:?}");
        store.unlock(first).await.unwrap();
        let committed = store
            .commit(&mut second, &loaded, applied("b"), at(2 * silence + 3))
            .await;
        assert_eq!(committed.unwrap().state.serial, 1);
        // A lock is broken by its id only.
        assert!(!store.break_lock(&org(), "a").await.unwrap());
        assert!(store.break_lock(&org(), "b").await.unwrap());
        assert!(!store.break_lock(&org(), "b").await.unwrap());
        let third = store.lock(&org(), holder("c"), at(0)).await.unwrap();
        assert_eq!((third.org(), third.holder().id.as_str()), (&org(), "c"));
        store.unlock(third).await.unwrap();
    }
    check(test, test);
}

#[test]
fn a_state_that_moved_is_not_overwritten() {
    async fn test<B: Backend>(store: Arc<StateStore<B>>) {
        let stale = store.load(&org()).await.unwrap();
        let mut lock = store.lock(&org(), holder("a"), at(0)).await.unwrap();
        let committed = store
            .commit(&mut lock, &stale, applied("1"), at(1))
            .await
            .unwrap();
        let again = store
            .commit(&mut lock, &stale, applied("other"), at(2))
            .await;
        assert!(
            matches!(again, Err(StateError::Moved { serial: 0, .. })),
            "{again:?}"
        );
        assert_eq!(store.load(&org()).await.unwrap(), committed);
        let kept = store.snapshot(&org(), 1).await.unwrap();
        assert_eq!(kept, Some(snapshot("1")));
        store.unlock(lock).await.unwrap();
    }
    check(test, test);
}

#[test]
fn one_of_many_gets_the_lock() {
    async fn test<B: Backend + 'static>(store: Arc<StateStore<B>>) {
        // The lock of a dead job, so that all of them try to take it over.
        drop(store.lock(&org(), holder("dead"), at(0)).await.unwrap());
        let now = at(LOCK_SILENCE.as_secs() + 1);
        let jobs: Vec<_> = (0..16)
            .map(|job| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.lock(&org(), holder(&job.to_string()), now).await })
            })
            .collect();
        let mut winners = 0;
        for job in jobs {
            winners += u32::from(job.await.unwrap().is_ok());
        }
        assert_eq!(winners, 1);
    }
    check(test, test);
}

/// A backend that dies at a write.
struct Dying {
    objects: Memory,
    /// How many writes are left.
    left: std::sync::atomic::AtomicUsize,
}

impl Dying {
    fn write(&self) -> Result<(), BackendError> {
        use std::sync::atomic::Ordering::SeqCst;
        let left = self
            .left
            .fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
        left.map(drop)
            .map_err(|_| BackendError::new("write", "x", "the connection broke"))
    }
}

impl Backend for Dying {
    async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, ETag)>, BackendError> {
        self.objects.get(key).await
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<Put, BackendError> {
        self.write()?;
        self.objects.create(key, content).await
    }

    async fn replace(&self, key: &str, content: &[u8], of: &ETag) -> Result<Put, BackendError> {
        self.write()?;
        self.objects.replace(key, content, of).await
    }

    async fn remove(&self, key: &str, of: &ETag) -> Result<(), BackendError> {
        self.write()?;
        self.objects.remove(key, of).await
    }
}

/// Wherever a job dies, the next one finds the state before the commit or after it, and can commit.
#[test]
fn a_job_that_dies_leaves_nothing_half_done() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for writes in 0..8 {
        runtime.block_on(async {
            let store = StateStore::new(Dying {
                objects: Memory::default(),
                left: usize::MAX.into(),
            });
            let loaded = store.load(&org()).await.unwrap();
            let mut lock = store.lock(&org(), holder("a"), at(0)).await.unwrap();
            let left = &store.backend().left;
            left.store(writes, std::sync::atomic::Ordering::SeqCst);
            let dying = store
                .commit(&mut lock, &loaded, applied("dying"), at(1))
                .await;
            left.store(usize::MAX, std::sync::atomic::Ordering::SeqCst);
            drop(lock);

            let now = at(LOCK_SILENCE.as_secs() + 2);
            let mut lock = store.lock(&org(), holder("b"), now).await.unwrap();
            let found = store.load(&org()).await.unwrap();
            assert_eq!(found.state.serial, u64::from(dying.is_ok()), "{writes}");
            for serial in &found.state.snapshots {
                assert!(store.snapshot(&org(), *serial).await.unwrap().is_some());
            }
            let next = store
                .commit(&mut lock, &found, applied("next"), now)
                .await
                .unwrap();
            let kept = store.snapshot(&org(), next.state.serial).await.unwrap();
            assert_eq!(kept, Some(snapshot("next")), "{writes}");
        });
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for (content, words) in [
        ("{", "EOF while parsing"),
        (
            r#"{"schema":"eca/state/2","org":"00Dxx0000000001","serial":1,"apps":{},"snapshots":[]}"#,
            r#"it is of version "eca/state/2", and this program reads eca/state/1"#,
        ),
        (
            r#"{"schema":"eca/state/1","org":"../../etc","serial":1,"apps":{},"snapshots":[]}"#,
            "is not the id of an org",
        ),
    ] {
        let memory = Memory::default();
        let key = "00Dxx0000000001/state.json";
        runtime
            .block_on(memory.create(key, content.as_bytes()))
            .unwrap();
        let store = StateStore::new(memory);
        let error = runtime.block_on(store.load(&org())).unwrap_err();
        assert_eq!(error.to_string(), format!("{key} cannot be read"));
        let StateError::Unreadable { source, .. } = error else {
            panic!("{error:?}");
        };
        assert!(source.to_string().contains(words), "{source}");
    }
}

#[test]
fn ids_of_orgs() {
    for (text, expected) in [
        ("00Dxx0000000001", Some("00Dxx0000000001")),
        ("00Dxx0000000001EAA", Some("00Dxx0000000001")),
        ("00Dxx0000000001EA", None),
        ("005xx0000000001", None),
        ("00D../../../etc1", None),
        ("00Dxx000000000ü", None),
        ("", None),
    ] {
        let found = text.parse::<OrgId>().ok();
        assert_eq!(found.as_ref().map(OrgId::as_str), expected, "{text}");
    }
}
