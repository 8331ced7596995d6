//! The replay store in memory.

use std::time::Duration;

use eca_attest::{MemoryReplayStore, ReplayStore, Seen};

use crate::support::now;

#[test]
fn entries_live_until_their_tokens_have_expired() {
    let store = MemoryReplayStore::with_limit(2);
    let record = |issuer: &str, id: &str, after: u64| {
        let now = now() + Duration::from_secs(after);
        store
            .record(issuer, id, now + Duration::from_mins(1), now)
            .unwrap()
    };
    assert_eq!(record("app", "1", 0), Seen::First);
    assert_eq!(
        record("app", "1", 60),
        Seen::Again,
        "valid to the last second"
    );
    assert_eq!(
        record("other app", "1", 60),
        Seen::First,
        "ids belong to an issuer"
    );
    assert_eq!(record("app", "1", 61), Seen::First, "expired and forgotten");
    assert_eq!(store.len(), 2);
    let now = now() + Duration::from_secs(61);
    store.record("app", "2", now, now).unwrap_err();
    assert_eq!(record("app", "2", 200), Seen::First, "room again");
    assert_eq!(store.len(), 1);
}

#[test]
fn of_many_at_once_one_is_first() {
    let store = MemoryReplayStore::default();
    let first = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| store.record("app", "id", now(), now()).unwrap()))
            .collect();
        let seen = threads.into_iter().map(|thread| thread.join().unwrap());
        seen.filter(|seen| *seen == Seen::First).count()
    });
    assert_eq!(first, 1);
}
