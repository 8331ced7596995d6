//! The login history.

use std::net::IpAddr;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::ids::RecordId;
use crate::state::State;

/// A row of the login history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Login {
    pub(crate) time: SystemTime,
    pub(crate) user: RecordId,
    pub(crate) app: String,
    /// `Success`, or the reason of a failure.
    pub(crate) status: String,
    /// The address of the client.
    pub(crate) source: IpAddr,
}

impl State {
    /// Adds a row, if there is such a user: unknown users have no history.
    pub(crate) fn record_login(
        &mut self,
        username: &str,
        app: &str,
        status: impl Into<String>,
        source: IpAddr,
        now: SystemTime,
    ) {
        let Some(user) = self.users.get(username).map(|user| user.id.clone()) else {
            return;
        };
        self.logins.push(Login {
            time: now,
            user,
            app: app.to_owned(),
            status: status.into(),
            source,
        });
    }
}
