//! The gate in front of one-time passwords.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use serde_json::{Map, Value, json};

use crate::secret::AccessToken;
use crate::urls::SiteUrl;
use crate::wire::form;

/// What a site requires before it sends one-time passwords.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum IdentityGate<'a> {
    /// A solved reCAPTCHA.
    Recaptcha(&'a Recaptcha),
    /// The access token of an internal integration user, with the scope of the API:
    /// `pwdless_login_api`, `user_registration_api` or `forgot_password`. An expired one is
    /// answered with 400, not 401.
    AccessToken(&'a AccessToken),
    /// Neither: the site requires none.
    Open,
}

impl IdentityGate<'_> {
    /// A JSON request to the site that passes this gate.
    pub(crate) fn post(
        self,
        site: &SiteUrl,
        path: &'static str,
        members: Vec<(&str, Value)>,
    ) -> Request<Bytes> {
        let members = members.into_iter();
        let mut body: Map<String, Value> = members
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let mut request = form::get(&site.join(path));
        *request.method_mut() = http::Method::POST;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match self {
            Self::Open => {}
            Self::AccessToken(token) => {
                headers.insert(AUTHORIZATION, token.bearer_header());
            }
            Self::Recaptcha(Recaptcha::Token(token)) => {
                body.insert("recaptcha".to_owned(), token.as_str().into());
            }
            Self::Recaptcha(event) => {
                body.insert("recaptchaevent".to_owned(), event.event_json());
            }
        }
        *request.body_mut() = Value::Object(body).to_string().into();
        request
    }
}

/// A solved reCAPTCHA. It can be used once, so it is not treated as a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recaptcha {
    /// Of reCAPTCHA v2 or v3.
    Token(String),
    /// Of reCAPTCHA Enterprise.
    Event {
        /// The token from the user's browser.
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
    /// The members of `recaptchaevent`; empty for a token of v2 or v3.
    pub(crate) fn event_json(&self) -> Value {
        match self {
            Self::Token(_) => json!({}),
            Self::Event {
                token,
                site_key,
                expected_action,
                project_id,
            } => json!({
                "token": token,
                "siteKey": site_key,
                "expectedAction": expected_action,
                "projectId": project_id,
            }),
        }
    }

    /// Of reCAPTCHA Enterprise: the token from the user's browser, the site's public key, the
    /// action that the score is for, and the Google Cloud project.
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
