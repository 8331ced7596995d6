//! Password resets.

use bytes::Bytes;
use http::Request;

use crate::error::Error;
use crate::identity::gate::IdentityGate;
use crate::secret::{OneTimePassword, Password};
use crate::step::{Step, StepKind};
use crate::urls::SiteUrl;
use crate::wire::json;

/// The two requests of a password reset, both to the same URL.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum ForgotPassword<'a> {
    /// Makes the site send a one-time password. The response is the same whether the user exists or
    /// not.
    Start {
        /// The user name.
        username: &'a str,
    },
    /// Sets the new password.
    Reset {
        /// The user name.
        username: &'a str,
        /// The new password.
        new_password: &'a Password,
        /// The code that the user entered.
        one_time_password: &'a OneTimePassword,
    },
}

/// The status of a password reset.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResetStatus {
    /// `otp_sent`: a one-time password is on its way, if the user exists.
    Sent,
    /// `success`: the new password is set.
    Done,
    /// Another status, verbatim.
    Other(String),
}

impl ForgotPassword<'_> {
    /// The step that errors and reports name.
    pub fn step(site: &SiteUrl) -> Step {
        Step::new(StepKind::ForgotPassword, site.host())
    }

    /// The request; [`ResetStatus::parse`] reads the response.
    pub fn request(self, site: &SiteUrl, gate: IdentityGate<'_>) -> Request<Bytes> {
        let members = match self {
            Self::Start { username } => vec![("username", username.into())],
            Self::Reset {
                username,
                new_password,
                one_time_password,
            } => vec![
                ("username", username.into()),
                ("newpassword", new_password.expose_secret().into()),
                ("otp", one_time_password.expose_secret().into()),
            ],
        };
        gate.post(site, "/services/auth/headless/forgot_password", members)
    }
}

impl ResetStatus {
    /// Reads the response of [`ForgotPassword`].
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's error, or [`Error::Unreadable`].
    pub fn parse(step: &Step, response: &http::Response<Bytes>) -> Result<Self, Error> {
        json::read(step, response, |mut members| {
            let status = members.require_text("status_code")?;
            Ok(match status.as_str() {
                "otp_sent" => Self::Sent,
                "success" => Self::Done,
                _ => Self::Other(status),
            })
        })
    }
}
