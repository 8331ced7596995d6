//! Observations of a running org.

use std::net::IpAddr;
use std::time::SystemTime;

use crate::ids::RecordId;
use crate::org::Org;
use crate::secret::Secret;
use crate::testing::expectation::{AnsweredRequest, Expectation, ExpectationsUnmet};

/// A row of the login history.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoginRecord {
    /// The time.
    pub time: SystemTime,
    /// The user name.
    pub username: String,
    /// The app, if it was known.
    pub app: String,
    /// `Success`, or the true reason of the refusal.
    pub status: String,
    /// The address of the client.
    pub source: IpAddr,
}

/// A one-time password that would have been mailed.
#[derive(Debug)]
#[non_exhaustive]
pub struct SentMail {
    /// The time.
    pub time: SystemTime,
    /// The address, or the user name where none is known.
    pub to: String,
    /// The one-time password.
    pub otp: Secret,
}

impl Org {
    /// Every request to the org, oldest first; at most the last ten thousand.
    pub fn requests(&self) -> Vec<AnsweredRequest> {
        self.core().answered().iter().cloned().collect()
    }

    /// The login history, oldest first.
    pub fn logins(&self) -> Vec<LoginRecord> {
        let state = self.core().read();
        let name = |id: &RecordId| {
            let mut users = state.users.iter();
            let user = users.find(|user| user.id == *id);
            user.map(|user| user.username.clone()).unwrap_or_default()
        };
        state
            .logins
            .iter()
            .map(|login| LoginRecord {
                time: login.time,
                username: name(&login.user),
                app: login.app.clone(),
                status: login.status.clone(),
                source: login.source,
            })
            .collect()
    }

    /// One-time passwords that were sent, oldest first.
    pub fn outbox(&self) -> Vec<SentMail> {
        let state = self.core().read();
        state
            .outbox
            .iter()
            .map(|mail| SentMail {
                time: mail.time,
                to: mail.to.clone(),
                otp: mail.otp.duplicate(),
            })
            .collect()
    }

    /// Adds an expectation, which covers requests from the start of the org on. [`Org::verify`]
    /// checks it. An org that is dropped without a call of `verify` panics if an expectation is not
    /// met, unless the thread is panicking already.
    pub fn expect(&self, expectation: Expectation) {
        self.core().expectations().push(expectation);
    }

    /// Verifies expectations that the test did not verify, when the org is dropped.
    pub(crate) fn settle_expectations(&self) {
        if self.core().expectations().is_verified || std::thread::panicking() {
            return;
        }
        if let Err(unmet) = self.verify() {
            #[expect(
                clippy::panic,
                reason = "a test that expects something and never verifies it would pass silently"
            )]
            {
                panic!("{unmet}");
            }
        }
    }

    /// Checks all expectations.
    ///
    /// # Errors
    /// When requests did not come, or came too often; the error lists them.
    pub fn verify(&self) -> Result<(), ExpectationsUnmet> {
        let requests = self.requests();
        let mut expectations = self.core().expectations();
        expectations.is_verified = true;
        let unmet: Vec<_> = expectations
            .all
            .iter()
            .filter_map(|expectation| expectation.unmet(&requests))
            .collect();
        if unmet.is_empty() {
            Ok(())
        } else {
            Err(ExpectationsUnmet { unmet })
        }
    }
}
