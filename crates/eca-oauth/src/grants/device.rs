//! The device flow as Salesforce speaks it (Salesforce Help, "OAuth 2.0 Device Flow for IoT
//! Integration"): like RFC 8628, but at the token endpoint and with parameters of its own.

use std::time::Duration;

use bytes::Bytes;
use eca_http::{HttpClient, Idempotency};
use http::Request;

use crate::client::id::ClientId;
use crate::client::scopes::Scopes;
use crate::error::Error;
use crate::grants::response::TokenResponse;
use crate::oauth_error::seconds;
use crate::secret::DeviceSecret;
use crate::step::{Step, StepKind};
use crate::urls::TokenEndpoint;
use crate::wire::answer;
use crate::wire::form::Form;
use crate::wire::unreadable_answer::UnreadableAnswer;

/// What the user needs to approve a device.
#[derive(Debug)]
#[non_exhaustive]
pub struct DeviceCode {
    /// Asks for the token.
    pub device_code: DeviceSecret,
    /// What the user types in.
    pub user_code: String,
    /// Where the user types it in.
    pub verification_uri: String,
    /// The shortest time between two questions.
    pub interval: Duration,
    /// How long the code is good, if the server says.
    pub expires_in: Option<Duration>,
}

/// RFC 8628 section 3.5: five seconds where the server says nothing.
const INTERVAL: Duration = Duration::from_secs(5);
/// How long a code is asked for where the server does not say: ten minutes, by which Salesforce's
/// own codes are over.
const PATIENCE: Duration = Duration::from_mins(10);

impl DeviceCode {
    /// What errors call this exchange.
    pub fn step(endpoint: &TokenEndpoint) -> Step {
        Step::new(StepKind::DeviceCode, endpoint.host())
    }

    /// Asks for a code.
    pub fn request(
        endpoint: &TokenEndpoint,
        client_id: &ClientId,
        scope: Option<&Scopes>,
    ) -> Request<Bytes> {
        let scope = scope.map(ToString::to_string);
        let mut form = Form::post(endpoint.uri());
        form.add("response_type", "device_code")
            .add("client_id", client_id.as_str())
            .add_some("scope", scope.as_deref());
        form.finish()
    }

    /// Reads the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's words, or [`Error::Unreadable`].
    pub fn parse(step: &Step, response: &http::Response<Bytes>) -> Result<Self, Error> {
        answer::read(step, response, |mut members| {
            let mut text = |name| {
                members
                    .take_text(name)?
                    .ok_or(UnreadableAnswer::Missing(name))
            };
            let user_code = text("user_code")?;
            let verification_uri = text("verification_uri")?;
            Ok(Self {
                device_code: members.require("device_code", DeviceSecret::new)?,
                user_code,
                verification_uri,
                interval: members
                    .take_if("interval", |value| seconds(&value.to_string()))
                    .unwrap_or(INTERVAL),
                expires_in: members.take_if("expires_in", |value| seconds(&value.to_string())),
            })
        })
    }
}

/// Asks whether the user has approved.
#[derive(Debug)]
pub struct DeviceGrant<'a> {
    endpoint: &'a TokenEndpoint,
    client_id: &'a ClientId,
}

/// What a question came to.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceAnswer {
    /// Approved.
    Token(Box<TokenResponse>),
    /// Not yet (`authorization_pending`).
    Pending,
    /// Not yet, and asked too often (`slow_down`): add five seconds (RFC 8628 section 3.5).
    SlowDown,
}

impl<'a> DeviceGrant<'a> {
    /// The grant of this client.
    pub fn new(endpoint: &'a TokenEndpoint, client_id: &'a ClientId) -> Self {
        Self {
            endpoint,
            client_id,
        }
    }

    /// What errors call this exchange.
    pub fn step(&self) -> Step {
        Step::new(StepKind::Device, self.endpoint.host())
    }

    /// The request.
    pub fn request(&self, device_code: &DeviceSecret) -> Request<Bytes> {
        let mut form = Form::post(self.endpoint.uri());
        form.add("grant_type", "device")
            .add("client_id", self.client_id.as_str())
            .add("code", device_code.expose_secret());
        form.finish()
    }

    /// Reads the answer.
    ///
    /// # Errors
    ///
    /// As [`TokenResponse::parse`], but for the two answers that only say "not yet".
    pub fn parse(step: &Step, response: &http::Response<Bytes>) -> Result<DeviceAnswer, Error> {
        match TokenResponse::parse(step, response) {
            Ok(token) => Ok(DeviceAnswer::Token(Box::new(token))),
            Err(Error::Refused { source, .. }) if source.code() == "authorization_pending" => {
                Ok(DeviceAnswer::Pending)
            }
            Err(Error::Refused { source, .. }) if source.code() == "slow_down" => {
                Ok(DeviceAnswer::SlowDown)
            }
            Err(error) => Err(error),
        }
    }

    /// Asks until the user has approved or refused, or the code's time is over.
    ///
    /// # Errors
    ///
    /// [`Error::DeviceTimeout`] when the time is over; else as [`parse`](Self::parse).
    pub async fn wait(&self, http: &HttpClient, code: &DeviceCode) -> Result<TokenResponse, Error> {
        let step = self.step();
        let timer = http.timer();
        let end = timer
            .monotonic()
            .saturating_add(code.expires_in.unwrap_or(PATIENCE).min(PATIENCE * 6));
        // A server that names no pause must not turn this into a flood.
        let mut pause = code.interval.max(Duration::from_secs(1));
        loop {
            if timer.monotonic().saturating_add(pause) > end {
                return Err(Error::DeviceTimeout { step });
            }
            timer.sleep(pause).await;
            // Redeems the code once it is approved, so it is not sent twice.
            let response = http
                .send(Idempotency::NotIdempotent, self.request(&code.device_code))
                .await
                .map_err(|source| Error::Transport {
                    step: step.clone(),
                    source,
                })?;
            match Self::parse(&step, &response)? {
                DeviceAnswer::Token(token) => return Ok(*token),
                DeviceAnswer::Pending => {}
                DeviceAnswer::SlowDown => pause += Duration::from_secs(5),
            }
        }
    }
}
