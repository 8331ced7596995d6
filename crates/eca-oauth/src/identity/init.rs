//! The JSON requests that come before a one-time password.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use serde_json::{Map, Value, json};

use crate::challenge::VerificationMethod;
use crate::error::Error;
use crate::headless::registration::UserData;
use crate::secret::{AccessToken, OneTimePassword, Password};
use crate::step::{Step, StepKind};
use crate::urls;
use crate::urls::SiteUrl;
use crate::wire::extras::Extras;
use crate::wire::unreadable_answer::UnreadableAnswer;
use crate::wire::{answer, form};

/// What a site wants to see before it sends one-time passwords to anybody.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum IdentityGate<'a> {
    /// A solved reCAPTCHA.
    Recaptcha(&'a Recaptcha),
    /// The access token of an internal integration user, with the scope of the API:
    /// `pwdless_login_api`, `user_registration_api` or `forgot_password`. An expired one is
    /// answered with 400, not 401.
    AccessToken(&'a AccessToken),
    /// Neither: the site asks for none.
    Open,
}

/// A solved reCAPTCHA: good once, and not worth hiding after.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recaptcha {
    /// Of reCAPTCHA v2 or v3.
    Token(String),
    /// Of reCAPTCHA Enterprise.
    Event {
        /// What the user's browser got.
        token: String,
        /// The public key of the site.
        site_key: String,
        /// The action that the score is for.
        expected_action: String,
        /// The Google Cloud project.
        project_id: String,
    },
}

impl Recaptcha {
    /// One of reCAPTCHA Enterprise: what the browser got, the site's public key, the action that
    /// the score is for, and the Google Cloud project.
    pub fn event(
        token: impl Into<String>,
        site_key: impl Into<String>,
        expected_action: impl Into<String>,
        project_id: impl Into<String>,
    ) -> Self {
        Self::Event {
            token: token.into(),
            site_key: site_key.into(),
            expected_action: expected_action.into(),
            project_id: project_id.into(),
        }
    }
}

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
        let mut members = answer::members(step, response)?;
        let mut read = || -> Result<Self, UnreadableAnswer> {
            Ok(Self {
                identifier: members
                    .take_text("identifier")?
                    .filter(|text| !text.is_empty())
                    .ok_or(UnreadableAnswer::Missing("identifier"))?,
                email: members.take_text("email")?,
                extras: Extras::new(std::mem::take(&mut members.0)),
            })
        };
        read().map_err(|source| unreadable(step, response, source))
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
        let body = object([
            ("username", self.username.into()),
            ("verificationmethod", self.method.as_str().into()),
        ]);
        post(
            site,
            "/services/auth/headless/init/passwordless/login",
            body,
            gate,
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
        let body = object([
            ("userdata", Value::Object(user)),
            ("password", self.password.expose_secret().into()),
            ("verificationmethod", self.method.as_str().into()),
        ]);
        post(
            site,
            "/services/auth/headless/init/registration",
            body,
            gate,
        )
    }
}

/// The two requests of a forgotten password, both to the same URL.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum ForgotPassword<'a> {
    /// Asks for a one-time password. The answer is the same whether the user exists or not.
    Ask {
        /// The user name.
        username: &'a str,
    },
    /// Sets the new password.
    Reset {
        /// The user name.
        username: &'a str,
        /// The new password.
        new_password: &'a Password,
        /// What the user typed in.
        one_time_password: &'a OneTimePassword,
    },
}

/// What a step of a forgotten password came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResetStatus {
    /// `otp_sent`: a one-time password is on its way, if the user exists.
    Sent,
    /// `success`: the new password is set.
    Done,
    /// Something else, as it came.
    Other(String),
}

impl ForgotPassword<'_> {
    /// What errors call this exchange.
    pub fn step(site: &SiteUrl) -> Step {
        Step::new(StepKind::ForgotPassword, site.host())
    }

    /// The request; [`ResetStatus::parse`] reads the answer.
    pub fn request(self, site: &SiteUrl, gate: IdentityGate<'_>) -> Request<Bytes> {
        let body = match self {
            Self::Ask { username } => object([("username", username.into())]),
            Self::Reset {
                username,
                new_password,
                one_time_password,
            } => object([
                ("username", username.into()),
                ("newpassword", new_password.expose_secret().into()),
                ("otp", one_time_password.expose_secret().into()),
            ]),
        };
        post(site, "/services/auth/headless/forgot_password", body, gate)
    }
}

impl ResetStatus {
    /// Reads the answer of [`ForgotPassword`].
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's words, or [`Error::Unreadable`].
    pub fn parse(step: &Step, response: &http::Response<Bytes>) -> Result<Self, Error> {
        let mut members = answer::members(step, response)?;
        let status = members
            .take_text("status_code")
            .and_then(|text| text.ok_or(UnreadableAnswer::Missing("status_code")));
        match status {
            Ok(text) if text == "otp_sent" => Ok(Self::Sent),
            Ok(text) if text == "success" => Ok(Self::Done),
            Ok(text) => Ok(Self::Other(text)),
            Err(source) => Err(unreadable(step, response, source)),
        }
    }
}

fn unreadable(step: &Step, response: &http::Response<Bytes>, source: UnreadableAnswer) -> Error {
    Error::Unreadable {
        step: step.clone(),
        status: response.status().as_u16(),
        source,
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    let members = members.into_iter();
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn post(
    site: &SiteUrl,
    path: &'static str,
    mut body: Map<String, Value>,
    gate: IdentityGate<'_>,
) -> Request<Bytes> {
    let (_, uri) = urls::joined(site.as_str(), site.uri(), path);
    let mut request = form::get(&uri);
    *request.method_mut() = http::Method::POST;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    match gate {
        IdentityGate::Open => {}
        IdentityGate::AccessToken(token) => {
            headers.insert(AUTHORIZATION, token.bearer_header());
        }
        IdentityGate::Recaptcha(Recaptcha::Token(token)) => {
            body.insert("recaptcha".to_owned(), token.as_str().into());
        }
        IdentityGate::Recaptcha(Recaptcha::Event {
            token,
            site_key,
            expected_action,
            project_id,
        }) => {
            let event = json!({
                "token": token,
                "siteKey": site_key,
                "expectedAction": expected_action,
                "projectId": project_id,
            });
            body.insert("recaptchaevent".to_owned(), event);
        }
    }
    *request.body_mut() = Value::Object(body).to_string().into();
    request
}
