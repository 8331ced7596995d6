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

/// The tokens that were used and have not expired. They are part of the state, so that a restart
/// loses none.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Replays(Mutex<BTreeMap<String, BTreeMap<String, SystemTime>>>);

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
        seen.retain(|_, ids| {
            ids.retain(|_, until| now <= *until);
            !ids.is_empty()
        });
        if seen.get(issuer).is_some_and(|ids| ids.contains_key(&*id)) {
            return Ok(Seen::Again);
        }
        let entries = seen.values().map(BTreeMap::len).sum();
        if entries >= LIMIT {
            return Err(ReplayError::Full { entries });
        }
        seen.entry(issuer.to_owned())
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
    }
}
