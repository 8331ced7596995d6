//! Users and addresses that are locked after wrong passwords and one-time passwords.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::state::State;
use crate::state::expiring::{Expires, Expiring};
use crate::state::token_hash::TokenHash;

/// The largest number of users and addresses with failed attempts.
const MAX_LOCKED: usize = 10_000;
/// The bits of an IPv6 address that a client cannot choose (RFC 4291 section 2.5.4).
const NETWORK_BITS: u32 = 64;

/// How many wrong passwords and one-time passwords lock whom, and for how long, by the org's
/// clock.
///
/// Fifteen minutes are the default of an org, and ten attempts are one of its choices (Salesforce
/// Help, "Set Password Policies"); that one-time passwords count too, and the lock of addresses,
/// are this org's own. Loopback addresses are never locked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockoutSettings {
    /// Wrong attempts that lock a user; `None` for never. Default 10.
    pub per_user: Option<NonZeroU32>,
    /// Wrong attempts that lock an address, whoever they were for; `None` for never. Default 50.
    pub per_address: Option<NonZeroU32>,
    /// How long a lock lasts, and how long a wrong attempt counts. Default 15 minutes.
    pub time: Duration,
}

impl Default for LockoutSettings {
    fn default() -> Self {
        Self {
            per_user: NonZeroU32::new(10),
            per_address: NonZeroU32::new(50),
            time: Duration::from_mins(15),
        }
    }
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failed {
    Wrong,
    /// The user or the address is locked; nothing was compared.
    Locked,
}

impl Failed {
    /// The status in the login history. The second is inferred.
    pub(crate) fn status(self) -> &'static str {
        match self {
            Self::Wrong => "Invalid Password",
            Self::Locked => "Password Lockout",
        }
    }
}

/// What an attempt is made with. Each has its own count: knowing the password must not give more
/// attempts at a one-time password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credential {
    Password,
    OneTimePassword,
}

/// Wrong attempts of one user, or from one address.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Attempts {
    count: u32,
    /// When they are forgotten.
    until: SystemTime,
}

impl Expires for Attempts {
    fn keep_until(&self) -> SystemTime {
        self.until
    }
}

/// All wrong attempts that still count.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Lockouts(Expiring<Attempts>);

/// A user or an address that can be locked.
struct Subject {
    key: TokenHash,
    limit: NonZeroU32,
}

impl Lockouts {
    fn is_locked(&self, subject: &Subject, now: SystemTime) -> bool {
        self.0
            .get(subject.key)
            .is_some_and(|attempts| attempts.count >= subject.limit.get() && now < attempts.until)
    }

    fn count(&mut self, subject: &Subject, until: SystemTime, now: SystemTime) {
        let before = self
            .0
            .get(subject.key)
            .filter(|attempts| now < attempts.until);
        let count = before.map_or(0, |attempts| attempts.count) + 1;
        self.0
            .insert(subject.key, Attempts { count, until }, MAX_LOCKED, now);
    }
}

fn user_key(username: &str, credential: Credential) -> TokenHash {
    TokenHash::new(&format!("{credential:?} {}", username.to_lowercase()))
}

/// `None` for loopback.
fn address_key(address: IpAddr) -> Option<TokenHash> {
    let address = address.to_canonical();
    if address.is_loopback() {
        return None;
    }
    let network = match address {
        IpAddr::V6(address) => {
            let mask = u128::MAX << (u128::BITS - NETWORK_BITS);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V4(_) => address,
    };
    Some(TokenHash::new(&format!("address {network}")))
}

impl State {
    /// Makes an attempt for a user with a credential, which `check` compares. A locked user or
    /// address has no attempt. A failure counts for the address, and for `username`, which is
    /// `None` when nobody has that name: what does not exist is not remembered.
    pub(crate) fn attempt<T>(
        &mut self,
        credential: Credential,
        username: Option<&str>,
        source: IpAddr,
        now: SystemTime,
        check: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<T, Failed> {
        let settings = &self.lockout;
        let user = username
            .map(|name| user_key(name, credential))
            .zip(settings.per_user);
        let address = address_key(source).zip(settings.per_address);
        let until = now + settings.time;
        let subjects: Vec<_> = [user, address]
            .into_iter()
            .flatten()
            .map(|(key, limit)| Subject { key, limit })
            .collect();
        if subjects
            .iter()
            .any(|subject| self.lockouts.is_locked(subject, now))
        {
            return Err(Failed::Locked);
        }
        check(self).ok_or_else(|| {
            for subject in &subjects {
                self.lockouts.count(subject, until, now);
            }
            Failed::Wrong
        })
    }

    /// Forgets the wrong attempts of a user who has logged in with this credential.
    pub(crate) fn forget_attempts(&mut self, credential: Credential, username: &str) {
        self.lockouts.0.remove(user_key(username, credential));
    }
}
