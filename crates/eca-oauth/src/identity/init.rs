//! The JSON requests that make a site send a one-time password.

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value};

use crate::challenge::verification_method::VerificationMethod;
use crate::error::Error;
use crate::headless::registration::UserData;
use crate::identity::gate::IdentityGate;
use crate::secret::Password;
use crate::step::{Step, StepKind};
use crate::urls::SiteUrl;
use crate::wire::answer;
use crate::wire::extras::Extras;
use crate::wire::unreadable_answer::UnreadableAnswer;

/// What an identity API calls the user that it sent a one-time password to. It stands for the user
/// in the next request.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Identifier {
    /// The handle.
    pub identifier: String,
    /// Where the one-time password went, if the API says.
    pub email: Option<String>,
    /// Everything else.
    pub extras: Extras,
}

impl Identifier {
    /// Reads the answer of [`PasswordlessInit`] or [`RegistrationInit`].
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's words, or [`Error::Unreadable`].
    pub fn parse(step: &Step, response: &http::Response<Bytes>) -> Result<Self, Error> {
        answer::read(step, response, |mut members| {
            Ok(Self {
                identifier: members
                    .take_text("identifier")?
                    .filter(|text| !text.is_empty())
                    .ok_or(UnreadableAnswer::Missing("identifier"))?,
                email: members.take_text("email")?,
                extras: Extras::new(members.0),
            })
        })
    }
}

/// Asks for a one-time password for a user who exists.
#[derive(Debug, Clone, Copy)]
pub struct PasswordlessInit<'a> {
    /// The user name.
    pub username: &'a str,
    /// Over what it goes.
    pub method: VerificationMethod,
}

impl PasswordlessInit<'_> {
    /// What errors call this exchange.
    pub fn step(site: &SiteUrl) -> Step {
        Step::new(StepKind::IdentityInit, site.host())
    }

    /// The request; [`Identifier::parse`] reads the answer.
    pub fn request(self, site: &SiteUrl, gate: IdentityGate<'_>) -> Request<Bytes> {
        let members = vec![
            ("username", self.username.into()),
            ("verificationmethod", self.method.as_str().into()),
        ];
        gate.post(
            site,
            "/services/auth/headless/init/passwordless/login",
            members,
        )
    }
}

/// Hands in the data of a new user and asks for a one-time password for them.
#[derive(Debug, Clone, Copy)]
pub struct RegistrationInit<'a> {
    /// `email`, `username`, `firstName`, `lastName` and what the site's handler reads beyond.
    pub user: &'a UserData,
    /// The password that the user chose.
    pub password: &'a Password,
    /// Over what the one-time password goes.
    pub method: VerificationMethod,
}

impl RegistrationInit<'_> {
    /// What errors call this exchange.
    pub fn step(site: &SiteUrl) -> Step {
        Step::new(StepKind::IdentityInit, site.host())
    }

    /// The request; [`Identifier::parse`] reads the answer.
    pub fn request(self, site: &SiteUrl, gate: IdentityGate<'_>) -> Request<Bytes> {
        let user = self.user.iter();
        let user: Map<_, _> = user
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let members = vec![
            ("userdata", Value::Object(user)),
            ("password", self.password.expose_secret().into()),
            ("verificationmethod", self.method.as_str().into()),
        ];
        gate.post(site, "/services/auth/headless/init/registration", members)
    }
}
