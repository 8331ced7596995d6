//! The replay store in memory.

use std::time::Duration;

use eca_attest::{MemoryReplayStore, ReplayStore, Seen};

use crate::support::now;

#[test]
fn entries_are_kept_until_their_tokens_expire() {
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
        "valid until the last second"
    );
    assert_eq!(
        record("other app", "1", 60),
        Seen::First,
        "each issuer has its own ids"
    );
    assert_eq!(record("app", "1", 61), Seen::First, "the entry has expired");
    assert_eq!(store.len(), 2);
    let now = now() + Duration::from_secs(61);
    store.record("app", "2", now, now).unwrap_err();
    assert_eq!(record("app", "2", 200), Seen::First, "no longer full");
    assert_eq!(store.len(), 1);
}

#[test]
fn one_of_many_concurrent_calls_is_first() {
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
