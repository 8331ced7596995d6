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
use crate::wire::extras::Extras;
use crate::wire::json;
use crate::wire::unreadable_response::UnreadableResponse;

/// The handle of a user who was sent a one-time password. It identifies the user in the next
/// request.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Identifier {
    /// The handle.
    pub identifier: String,
    /// The address that got the one-time password, if the API names it.
    pub email: Option<String>,
    /// Everything else.
    pub extras: Extras,
}

impl Identifier {
    /// Reads the response of [`PasswordlessInit`] or [`RegistrationInit`].
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's error, or [`Error::Unreadable`].
    pub fn parse(step: &Step, response: &http::Response<Bytes>) -> Result<Self, Error> {
        json::read(step, response, |mut members| {
            Ok(Self {
                identifier: members
                    .take_text("identifier")?
                    .filter(|text| !text.is_empty())
                    .ok_or(UnreadableResponse::Missing("identifier"))?,
                email: members.take_text("email")?,
                extras: Extras::new(members.0),
            })
        })
    }
}

/// Makes the site send a one-time password to an existing user.
#[derive(Debug, Clone, Copy)]
pub struct PasswordlessInit<'a> {
    /// The user name.
    pub username: &'a str,
    /// How the one-time password is sent.
    pub method: VerificationMethod,
}

impl PasswordlessInit<'_> {
    /// The step that errors and reports name.
    pub fn step(site: &SiteUrl) -> Step {
        Step::new(StepKind::IdentityInit, site.host())
    }

    /// The request; [`Identifier::parse`] reads the response.
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

/// Sends the data of a new user and makes the site send them a one-time password.
#[derive(Debug, Clone, Copy)]
pub struct RegistrationInit<'a> {
    /// `email`, `username`, `firstName`, `lastName` and what else the site's handler reads.
    pub user: &'a UserData,
    /// The password that the user chose.
    pub password: &'a Password,
    /// How the one-time password is sent.
    pub method: VerificationMethod,
}

impl RegistrationInit<'_> {
    /// The step that errors and reports name.
    pub fn step(site: &SiteUrl) -> Step {
        Step::new(StepKind::IdentityInit, site.host())
    }

    /// The request; [`Identifier::parse`] reads the response.
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
