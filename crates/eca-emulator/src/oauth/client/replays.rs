//! Used tokens: attestations and assertions, by issuer and `jti`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use eca_attest::{ReplayError, ReplayStore, Seen};
use serde::{Deserialize, Serialize};

use crate::state::token_hash::TokenHash;

/// The largest number of remembered tokens. When it is reached, new ones are refused: forgetting a
/// live one would allow a replay.
const LIMIT: usize = 100_000;

/// The longest `jti` that is remembered as it is, in bytes; the hash stands for a longer one.
const LONGEST_ID: usize = 64;

/// Expired tokens are forgotten when there are at least so many.
const FIRST_SWEEP: usize = 64;

/// The tokens that were used and have not expired. They are part of the state, so that a restart
/// loses none.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Replays(Mutex<UsedTokens>);

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct UsedTokens {
    by_issuer: BTreeMap<String, BTreeMap<String, SystemTime>>,
    /// The number of tokens at which the expired ones are forgotten: twice the number that was
    /// left the last time, so that a token costs the same however many there are.
    #[serde(skip)]
    next_sweep: usize,
}

impl UsedTokens {
    fn count(&self) -> usize {
        self.by_issuer.values().map(BTreeMap::len).sum()
    }

    fn sweep(&mut self, now: SystemTime) {
        self.by_issuer.retain(|_, ids| {
            ids.retain(|_, until| now <= *until);
            !ids.is_empty()
        });
        self.next_sweep = FIRST_SWEEP.max(2 * self.count());
    }
}

impl ReplayStore for Replays {
    fn record(
        &self,
        issuer: &str,
        id: &str,
        keep_until: SystemTime,
        now: SystemTime,
    ) -> Result<Seen, ReplayError> {
        let id = match id.len() {
            0..=LONGEST_ID => Cow::Borrowed(id),
            _ => Cow::Owned(String::from(TokenHash::new(id))),
        };
        // Nothing below panics halfway, so a poisoned map is still consistent.
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.count() >= seen.next_sweep.min(LIMIT) {
            seen.sweep(now);
        }
        let known = seen.by_issuer.get(issuer).and_then(|ids| ids.get(&*id));
        if known.is_some_and(|until| now <= *until) {
            return Ok(Seen::Again);
        }
        let entries = seen.count();
        if entries >= LIMIT {
            return Err(ReplayError::Full { entries });
        }
        seen.by_issuer
            .entry(issuer.to_owned())
            .or_default()
            .insert(id.into_owned(), keep_until);
        Ok(Seen::First)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_token_is_new_once_until_it_expires_and_in_every_copy() {
        let replays = Replays::default();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let minute = Duration::from_mins(1);
        let record = |replays: &Replays, issuer, id, now| {
            replays.record(issuer, id, now + minute, now).unwrap()
        };
        assert_eq!(record(&replays, "A", "1", now), Seen::First);
        assert_eq!(record(&replays, "B", "1", now), Seen::First);
        assert_eq!(record(&replays, "A", "1", now + minute), Seen::Again);
        let text = serde_json::to_string(&replays).unwrap();
        let copy: Replays = serde_json::from_str(&text).unwrap();
        assert_eq!(record(&copy, "A", "1", now), Seen::Again);
        assert_eq!(record(&copy, "A", "1", now + 2 * minute), Seen::First);
        // An identifier of any length costs the same to remember.
        let long = "i".repeat(900_000);
        assert_eq!(record(&copy, "A", &long, now), Seen::First);
        assert_eq!(record(&copy, "A", &long, now), Seen::Again);
        assert!(serde_json::to_string(&copy).unwrap().len() < 1_000);
    }

    #[test]
    fn expired_tokens_make_room() {
        let replays = Replays::default();
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        for number in 0..10_000 {
            let now = start + Duration::from_secs(number);
            let until = now + Duration::from_secs(10);
            let seen = replays.record("A", &number.to_string(), until, now);
            assert_eq!(seen.unwrap(), Seen::First);
        }
        assert!(replays.0.lock().unwrap().count() <= 2 * FIRST_SWEEP);
    }
}
