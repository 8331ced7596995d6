//! Locks and commits, the same in every backend.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eca_apply::{
    Applied, Backend, BackendError, ETag, Folder, Holder, LOCK_SILENCE, Memory, ObjectStorage,
    OrgId, Put, SNAPSHOTS, StateError, StateStore,
};
use eca_model::{Project, Snapshot};

use crate::bucket::{Behaviour, FakeS3, storage};

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

/// Runs a test in memory, in a folder and in a bucket.
fn check<M: Future<Output = ()>, F: Future<Output = ()>, O: Future<Output = ()>>(
    in_memory: impl FnOnce(Arc<StateStore<Memory>>) -> M,
    in_folder: impl FnOnce(Arc<StateStore<Folder>>) -> F,
    in_bucket: impl FnOnce(Arc<StateStore<ObjectStorage>>) -> O,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(in_memory(Arc::new(StateStore::new(Memory::default()))));
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("not/yet/there");
    runtime.block_on(in_folder(Arc::new(StateStore::new(Folder::new(&root)))));
    no_secret(&root);
    let storage = storage(&FakeS3::new(Behaviour::Right));
    runtime.block_on(in_bucket(Arc::new(StateStore::new(storage))));
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
    check(test, test, test);
}

#[test]
fn one_job_at_a_time() {
    async fn test<B: Backend>(store: Arc<StateStore<B>>) {
        let mut first = store.lock(&org(), holder("a"), at(0)).await.unwrap();
        let is_locked_by = |error: StateError, id: &str| match error {
            StateError::Locked { lock, .. } => {
                assert_eq!((lock.holder.id.as_str(), lock.since), (id, at(0)));
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
    check(test, test, test);
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
    check(test, test, test);
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
    check(test, test, test);
}

#[test]
fn orgs_are_listed_and_forgotten() {
    async fn test<B: Backend>(store: Arc<StateStore<B>>) {
        let other: OrgId = "00Dxx0000000002".parse().unwrap();
        assert_eq!(store.orgs().await.unwrap(), []);
        for org in [&other, &org()] {
            let mut lock = store.lock(org, holder("a"), at(0)).await.unwrap();
            // A lock alone is listed, too.
            assert!(store.orgs().await.unwrap().contains(org));
            let loaded = store.load(org).await.unwrap();
            let committed = store.commit(&mut lock, &loaded, applied("1"), at(7)).await;
            let last = committed.unwrap().state.last.unwrap();
            assert_eq!((last.at, last.by), (1_800_000_007, holder("a")));
            store.unlock(lock).await.unwrap();
        }
        assert_eq!(store.orgs().await.unwrap(), [org(), other.clone()]);
        let lock = store.lock(&org(), holder("b"), at(0)).await.unwrap();
        let held = store.held(&org()).await.unwrap().unwrap();
        assert_eq!(
            (held.holder, held.since, held.renewed),
            (holder("b"), at(0), at(0))
        );
        let loaded = store.load(&org()).await.unwrap();
        store.forget(&lock, loaded.clone()).await.unwrap();
        assert_eq!(store.load(&org()).await.unwrap().state.serial, 0);
        assert_eq!(store.snapshot(&org(), 1).await.unwrap(), None);
        let again = store.forget(&lock, loaded).await;
        assert!(matches!(again, Err(StateError::Moved { .. })), "{again:?}");
        store.unlock(lock).await.unwrap();
        assert_eq!(store.orgs().await.unwrap(), [other]);
    }
    check(test, test, test);
}

/// Two projects with apps in one org: each replaces what is its own.
#[test]
fn projects_share_an_org() {
    let one = |app: &str, label: &str| {
        let file = |kind: &str, members: &str| {
            format!("<{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{members}</{kind}>")
        };
        let app_file =
            format!("<distributionState>Local</distributionState><label>{label}</label>");
        Project::from_entries([
            (
                format!("{app}.eca-meta.xml"),
                file("ExternalClientApplication", &app_file).into_bytes(),
            ),
            (
                format!("{app}_Users.permissionset-meta.xml"),
                file("PermissionSet", "<label>Users</label>").into_bytes(),
            ),
        ])
        .snapshot()
    };
    let mut state = eca_apply::State::new(org());
    let mut snapshot = Snapshot::default();
    let mut apply = |project: &str, now: Snapshot| {
        let applied = Applied::with_others_of(&state, snapshot.clone(), project, now);
        state.apps = applied.apps;
        state.others = applied.others;
        snapshot = applied.snapshot;
        (state.clone(), snapshot.clone())
    };
    let (shop, till) = (one("Shop", "1"), one("Till", "1"));
    assert_eq!(shop.components.len(), 2, "{shop:?}");
    apply("shop-repo", shop.clone());
    let (state, both) = apply("till-repo", till.clone());
    assert_eq!(both.components.len(), 4);
    assert_eq!(
        state.of_project(both.clone(), "shop-repo").components,
        shop.components
    );
    assert_eq!(
        state.of_project(both.clone(), "till-repo").components,
        till.components
    );
    let renamed = one("Kiosk", "2");
    let (state, both) = apply("shop-repo", renamed.clone());
    assert_eq!(state.apps.keys().collect::<Vec<_>>(), ["Kiosk", "Till"]);
    assert_eq!(
        state.of_project(both.clone(), "shop-repo").components,
        renamed.components
    );
    assert_eq!(
        state.of_project(both, "till-repo").components,
        till.components
    );
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

    async fn folders(&self) -> Result<Vec<String>, BackendError> {
        self.objects.folders().await
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

/// A folder that somebody else can have prepared is not used.
#[cfg(unix)]
#[test]
fn planted_links_and_open_folders_are_refused() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let key = "00Dxx0000000001/state.json";
    for (plant, words) in [
        ("link to the root", "it is a symbolic link"),
        ("link to the org", "it is a symbolic link"),
        ("link to the object", "it is a symbolic link"),
        ("open root", "other users can write it"),
        ("open org", "other users can write it"),
        ("large object", "is larger than"),
    ] {
        let temporary = tempfile::tempdir().unwrap();
        let (root, other) = (
            temporary.path().join("root"),
            temporary.path().join("other"),
        );
        let folder = Folder::new(&root);
        std::fs::create_dir_all(&other).unwrap();
        std::fs::write(other.join("state.json"), "{}").unwrap();
        if plant != "link to the root" && plant != "link to the org" {
            let put = runtime.block_on(folder.create(key, b"{}")).unwrap();
            assert!(matches!(put, Put::Stored(_)));
        }
        let open = |path: &Path| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
        };
        match plant {
            "link to the root" => symlink(&other, &root).unwrap(),
            "link to the org" => {
                std::fs::create_dir(&root).unwrap();
                symlink(&other, root.join("00Dxx0000000001")).unwrap();
            }
            "link to the object" => {
                std::fs::remove_file(root.join(key)).unwrap();
                symlink(other.join("state.json"), root.join(key)).unwrap();
            }
            "open root" => open(&root),
            "open org" => open(&root.join("00Dxx0000000001")),
            _ => {
                let file = std::fs::File::options()
                    .write(true)
                    .open(root.join(key))
                    .unwrap();
                file.set_len(eca_apply::OBJECT_LIMIT as u64 + 1).unwrap();
            }
        }
        let version = ETag::new("x");
        for error in [
            runtime.block_on(folder.get(key)).unwrap_err(),
            runtime
                .block_on(folder.replace(key, b"1", &version))
                .unwrap_err(),
        ] {
            assert!(
                error.source.to_string().contains(words),
                "{plant}: {error:?}"
            );
        }
        assert_eq!(
            std::fs::read_to_string(other.join("state.json")).unwrap(),
            "{}"
        );
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
