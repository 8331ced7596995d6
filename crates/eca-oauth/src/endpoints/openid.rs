//! The OpenID configuration of an org or site (OpenID Connect Discovery section 4;
//! Salesforce Help, "OpenID Connect Discovery Endpoint").

use bytes::Bytes;
use http::Request;

use crate::error::Error;
use crate::step::{Step, StepKind};
use crate::urls::{LoginUrl, TokenEndpoint};
use crate::wire::extras::Extras;
use crate::wire::{form, json};

/// The configuration of an OpenID provider, as far as this crate uses it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OpenIdConfiguration {
    /// The issuer, as the server names itself. Salesforce's shared login hosts answer for any org,
    /// so only [`is_issued_by`](Self::is_issued_by) compares it.
    pub issuer: String,
    /// The token endpoint.
    pub token_endpoint: Option<TokenEndpoint>,
    /// `scopes_supported`.
    pub scopes_supported: Vec<String>,
    /// Everything else.
    pub extras: Extras,
}

impl OpenIdConfiguration {
    /// The step that errors and reports name.
    pub fn step(host: &LoginUrl) -> Step {
        Step::new(StepKind::Discovery, host.host())
    }

    /// Requests the configuration.
    pub fn request(host: &LoginUrl) -> Request<Bytes> {
        form::get(&host.openid_configuration())
    }

    /// Reads the response.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's error, or [`Error::Unreadable`].
    pub fn parse(step: &Step, response: &http::Response<Bytes>) -> Result<Self, Error> {
        json::read(step, response, |mut members| {
            Ok(Self {
                issuer: members.require_text("issuer")?,
                token_endpoint: members.take("token_endpoint", TokenEndpoint::try_from)?,
                scopes_supported: members
                    .take_if("scopes_supported", |value| {
                        let scopes = value.as_array()?.iter();
                        Some(
                            scopes
                                .filter_map(|s| s.as_str().map(str::to_owned))
                                .collect(),
                        )
                    })
                    .unwrap_or_default(),
                extras: Extras::new(members.0),
            })
        })
    }

    /// Whether the issuer is exactly this host (OpenID Connect Discovery section 4.3).
    pub fn is_issued_by(&self, host: &LoginUrl) -> bool {
        self.issuer == host.as_str()
    }
}
