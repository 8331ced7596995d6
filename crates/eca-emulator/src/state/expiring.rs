//! Values that expire, limited in number.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::state::token_hash::TokenHash;

/// Expired values are removed when there are at least so many.
const FIRST_SWEEP: usize = 64;

/// Something that serves no purpose after a time.
pub(crate) trait Expires {
    /// The time until which it is remembered.
    fn keep_until(&self) -> SystemTime;
}

/// Values by the hash of their identifier.
///
/// A lookup may return an expired value: the time that counts is the caller's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Expiring<T> {
    entries: BTreeMap<TokenHash, T>,
    /// The number of entries at which the expired ones are removed. It is twice the number that
    /// was left the last time, so an insertion costs the same however many there are.
    #[serde(skip)]
    next_sweep: usize,
}

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            next_sweep: 0,
        }
    }
}

impl<T: Expires> Expiring<T> {
    /// Adds a value. When `limit` values are there, the tenth of them that expires first is
    /// forgotten.
    pub(crate) fn insert(&mut self, key: TokenHash, value: T, limit: usize, now: SystemTime) {
        let full = self.entries.len() >= limit;
        if full || self.entries.len() >= self.next_sweep {
            self.entries.retain(|_, value| now < value.keep_until());
            if self.entries.len() >= limit {
                self.forget(limit.div_ceil(10));
            }
            self.next_sweep = FIRST_SWEEP.max(2 * self.entries.len());
        }
        self.entries.insert(key, value);
    }

    fn forget(&mut self, count: usize) {
        let mut oldest: Vec<_> = self
            .entries
            .iter()
            .map(|(key, value)| (value.keep_until(), *key))
            .collect();
        oldest.sort_unstable();
        for (_, key) in oldest.into_iter().take(count) {
            self.entries.remove(&key);
        }
    }

    pub(crate) fn get(&self, key: TokenHash) -> Option<&T> {
        self.entries.get(&key)
    }

    pub(crate) fn get_mut(&mut self, key: TokenHash) -> Option<&mut T> {
        self.entries.get_mut(&key)
    }

    pub(crate) fn remove(&mut self, key: TokenHash) -> Option<T> {
        self.entries.remove(&key)
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.entries.retain(|_, value| keep(value));
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.values_mut()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;

    use super::*;

    const START: SystemTime = SystemTime::UNIX_EPOCH;

    /// Counts how often its time is asked for.
    #[derive(Clone)]
    struct Entry {
        until: SystemTime,
        looks: Rc<Cell<usize>>,
    }

    impl Expires for Entry {
        fn keep_until(&self) -> SystemTime {
            self.looks.set(self.looks.get() + 1);
            self.until
        }
    }

    /// Adds this many entries, one a second, each for `life`; returns how many are left and how
    /// often one was looked at.
    fn add(count: u64, limit: usize, life: Duration) -> (Expiring<Entry>, usize) {
        let looks = Rc::new(Cell::new(0));
        let mut all = Expiring::default();
        for number in 0..count {
            let now = START + Duration::from_secs(number);
            let entry = Entry {
                until: now + life,
                looks: Rc::clone(&looks),
            };
            all.insert(TokenHash::new(&number.to_string()), entry, limit, now);
        }
        (all, looks.get())
    }

    #[test]
    fn an_insertion_costs_the_same_however_many_there_are() {
        for count in [1_000, 10_000, 75_000] {
            for life in [Duration::from_secs(10), Duration::MAX / 4] {
                let life = life.min(Duration::from_hours(1_000_000));
                let (_, looks) = add(count, usize::MAX, life);
                let count = usize::try_from(count).unwrap();
                assert!(looks <= 2 * count, "{count} entries, {looks} looks");
            }
        }
    }

    #[test]
    fn the_oldest_give_way() {
        let day = Duration::from_hours(24);
        let (all, looks) = add(10_000, 100, day);
        assert!(all.entries.len() <= 100, "{}", all.entries.len());
        assert!(looks <= 10_000 * 30, "{looks}");
        let has = |number: u32| all.get(TokenHash::new(&number.to_string())).is_some();
        assert!(has(9_999) && has(9_950) && !has(0));
        // Expired ones give way first.
        let (all, _) = add(200, 100, Duration::from_secs(5));
        assert!(all.entries.len() <= 100, "{}", all.entries.len());
    }
}
