//! The login history.

use std::net::IpAddr;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::ids::RecordId;
use crate::state::State;

/// The largest number of rows: as many as Setup shows (Salesforce Help, "Monitor Login History").
const MAX_LOGINS: usize = 20_000;
/// The longest status, in characters.
const MAX_STATUS: usize = 255;

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
        self.push_login(Login {
            time: now,
            user,
            app: app.to_owned(),
            status: status.into(),
            source,
        });
    }

    /// Adds a row. The oldest tenth is forgotten when there are too many.
    pub(crate) fn push_login(&mut self, mut login: Login) {
        if let Some((end, _)) = login.status.char_indices().nth(MAX_STATUS) {
            login.status.truncate(end);
        }
        if self.logins.len() >= MAX_LOGINS {
            self.logins.drain(..MAX_LOGINS / 10);
        }
        self.logins.push(login);
    }
}
