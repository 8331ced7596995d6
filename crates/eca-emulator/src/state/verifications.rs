//! Pending one-time passwords.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::state::expiring::{Expires, Expiring};
use crate::state::grants::MAX_ATTEMPTS;
use crate::state::pending::Pending;
use crate::state::token_hash::TokenHash;

/// The largest number of pending one-time passwords; more of them push out the oldest.
const MAX_VERIFICATIONS: usize = 1_000;

/// The purpose of a one-time password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    Registration,
    Login,
    PasswordReset,
    /// A login that needs more than a password.
    SecondFactor,
}

/// A pending one-time password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Verification {
    pub(crate) purpose: Purpose,
    /// `email` or `sms`.
    pub(crate) method: String,
    pub(crate) pending: Pending,
    pub(crate) attempts: u32,
}

impl Expires for Verification {
    fn keep_until(&self) -> SystemTime {
        self.pending.expires()
    }
}

/// All pending ones, by the fingerprint of their identifier.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Verifications(Expiring<Verification>);

impl Verifications {
    pub(crate) fn add(&mut self, identifier: &str, verification: Verification, now: SystemTime) {
        let key = TokenHash::new(identifier);
        self.0.insert(key, verification, MAX_VERIFICATIONS, now);
    }

    /// The user whom the one-time password of an identifier would log in or register.
    pub(crate) fn username(&self, identifier: &str) -> Option<&str> {
        let verification = self.0.get(TokenHash::new(identifier));
        verification.map(|verification| verification.pending.username())
    }

    /// The pending login or registration of an identifier, if the one-time password is right; it
    /// works once. Too many wrong ones end it.
    pub(crate) fn redeem(
        &mut self,
        identifier: &str,
        purpose: Purpose,
        method: Option<&str>,
        otp: &str,
        now: SystemTime,
    ) -> Option<Pending> {
        let key = TokenHash::new(identifier);
        let verification = self.0.get_mut(key).filter(|verification| {
            verification.purpose == purpose
                && method.is_none_or(|method| method == verification.method)
        })?;
        if verification.pending.matches(otp, now) {
            return self.0.remove(key).map(|verification| verification.pending);
        }
        verification.attempts += 1;
        if verification.attempts >= MAX_ATTEMPTS {
            self.0.remove(key);
        }
        None
    }
}
