//! Salesforce's device flow (Salesforce Help, "OAuth 2.0 Device Flow for IoT Integration"): as in
//! RFC 8628, but at the token endpoint and with other parameters.

use std::time::Duration;

use bytes::Bytes;
use eca_attest::ClientId;
use eca_http::{HttpClient, Idempotency};
use http::Request;

use crate::client::scopes::Scopes;
use crate::error::Error;
use crate::grants::response::TokenResponse;
use crate::oauth_error::seconds;
use crate::secret::DeviceSecret;
use crate::sent_secrets::SentSecrets;
use crate::step::{Step, StepKind};
use crate::urls::TokenEndpoint;
use crate::wire::form::Form;
use crate::wire::json;
use crate::wire::unreadable_response::UnreadableResponse;

/// The codes with which a user approves a device.
#[derive(Debug)]
#[non_exhaustive]
pub struct DeviceCode {
    /// Identifies the device in token requests.
    pub device_code: DeviceSecret,
    /// The code that the user enters.
    pub user_code: String,
    /// The page where the user enters it.
    pub verification_uri: String,
    /// The shortest time between two token requests.
    pub interval: Duration,
    /// The code's lifetime, if the server sends it.
    pub expires_in: Option<Duration>,
}

/// The interval where the server sends none (RFC 8628 section 3.5).
const INTERVAL: Duration = Duration::from_secs(5);
/// The lifetime where the server sends none: Salesforce's codes expire within it.
const DEFAULT_LIFETIME: Duration = Duration::from_mins(10);

impl DeviceCode {
    /// The step that errors and reports name.
    pub fn step(endpoint: &TokenEndpoint) -> Step {
        Step::new(StepKind::DeviceCode, endpoint.host())
    }

    /// Requests a code.
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

    /// Reads the response.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's error, or [`Error::Unreadable`].
    pub fn parse(step: &Step, response: &http::Response<Bytes>) -> Result<Self, Error> {
        json::read(step, response, |mut members| {
            let mut text = |name| {
                members
                    .take_text(name)?
                    .ok_or(UnreadableResponse::Missing(name))
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

/// The device grant: polls until the user has approved.
#[derive(Debug)]
pub struct DeviceGrant<'a> {
    endpoint: &'a TokenEndpoint,
    client_id: &'a ClientId,
}

/// The response to one poll (RFC 8628 section 3.5).
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceTokenResponse {
    /// Approved.
    Token(Box<TokenResponse>),
    /// Not yet (`authorization_pending`).
    Pending,
    /// Not yet, and polled too often (`slow_down`): add five seconds (RFC 8628 section 3.5).
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

    /// The step that errors and reports name.
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

    /// Reads the response.
    ///
    /// # Errors
    ///
    /// As [`TokenResponse::parse`], except for `authorization_pending` and `slow_down`.
    pub fn parse(
        step: &Step,
        response: &http::Response<Bytes>,
    ) -> Result<DeviceTokenResponse, Error> {
        match TokenResponse::parse(step, response) {
            Ok(token) => Ok(DeviceTokenResponse::Token(Box::new(token))),
            Err(Error::Refused { source, .. }) if source.code() == "authorization_pending" => {
                Ok(DeviceTokenResponse::Pending)
            }
            Err(Error::Refused { source, .. }) if source.code() == "slow_down" => {
                Ok(DeviceTokenResponse::SlowDown)
            }
            Err(error) => Err(error),
        }
    }

    /// Polls until the user has approved or refused, or the code has expired.
    ///
    /// # Errors
    ///
    /// [`Error::DeviceTimeout`] when the code has expired; else as [`parse`](Self::parse).
    pub async fn wait(&self, http: &HttpClient, code: &DeviceCode) -> Result<TokenResponse, Error> {
        let step = self.step();
        let timer = http.timer();
        let end = timer.monotonic().saturating_add(
            code.expires_in
                .unwrap_or(DEFAULT_LIFETIME)
                .min(DEFAULT_LIFETIME * 6),
        );
        // A server that sends an interval of zero must not cause a flood.
        let mut pause = code.interval.max(Duration::from_secs(1));
        loop {
            if timer.monotonic().saturating_add(pause) > end {
                return Err(Error::DeviceTimeout { step });
            }
            timer.sleep(pause).await;
            // Redeems the code once it is approved, so it is not sent twice.
            let request = self.request(&code.device_code);
            let secrets = SentSecrets::from(&request);
            let response = http
                .send(Idempotency::NotIdempotent, request)
                .await
                .map_err(|source| Error::Transport {
                    step: step.clone(),
                    source,
                })?;
            let response = Self::parse(&step, &response);
            match response.map_err(|error| error.masked(&secrets))? {
                DeviceTokenResponse::Token(token) => return Ok(*token),
                DeviceTokenResponse::Pending => {}
                DeviceTokenResponse::SlowDown => pause += Duration::from_secs(5),
            }
        }
    }
}
