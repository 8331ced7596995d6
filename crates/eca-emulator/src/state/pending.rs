//! A one-time password that was sent.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::secret;
use crate::secret::Secret;
use crate::state::users::NewPassword;

/// How long a one-time password works; this org's own choice.
pub(crate) const LIFETIME: Duration = Duration::from_mins(10);

/// A one-time password that was sent, and its user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) username: String,
    /// Where it was sent, when that is not the user name.
    #[serde(default)]
    pub(crate) address: Option<String>,
    #[serde(with = "secret::at_rest::shared")]
    pub(crate) otp: Arc<Secret>,
    pub(crate) expires: SystemTime,
    /// The password of a new user.
    pub(crate) registration: Option<NewPassword>,
}

impl Pending {
    /// Whether this is the one-time password, and it has not expired.
    pub(crate) fn matches(&self, otp: &str, now: SystemTime) -> bool {
        bool::from(self.otp.expose_secret().as_bytes().ct_eq(otp.as_bytes())) && now < self.expires
    }

    pub(crate) fn username(&self) -> &str {
        &self.username
    }

    pub(crate) fn expires(&self) -> SystemTime {
        self.expires
    }
}
