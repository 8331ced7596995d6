//! Pending one-time passwords.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::state::grants::{MAX_ATTEMPTS, TokenHash};
use crate::state::pending::Pending;

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

/// All pending ones, by the fingerprint of their identifier.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Verifications(BTreeMap<TokenHash, Verification>);

impl Verifications {
    pub(crate) fn add(&mut self, identifier: &str, verification: Verification, now: SystemTime) {
        self.0.retain(|_, other| now < other.pending.expires());
        self.0.insert(TokenHash::new(identifier), verification);
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
        let verification = self.0.get_mut(&key).filter(|verification| {
            verification.purpose == purpose
                && method.is_none_or(|method| method == verification.method)
        })?;
        if verification.pending.matches(otp, now) {
            return self.0.remove(&key).map(|verification| verification.pending);
        }
        verification.attempts += 1;
        if verification.attempts >= MAX_ATTEMPTS {
            self.0.remove(&key);
        }
        None
    }
}
