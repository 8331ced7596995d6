//! The metadata of an authorization server (RFC 8414).
//!
//! Salesforce's public pages do not show whether sites advertise an
//! `authorization_challenge_endpoint`; where they do not, the endpoint must be in the
//! [profile](crate::challenge::profile::ChallengeProfile).

use bytes::Bytes;
use http::Request;

use crate::error::Error;
use crate::step::{Step, StepKind};
use crate::urls::{ChallengeEndpoint, SiteUrl};
use crate::wire::extras::Extras;
use crate::wire::members::Members;
use crate::wire::unreadable_response::UnreadableResponse;
use crate::wire::{form, json};

/// The metadata of an authorization server, as far as this crate uses it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ServerMetadata {
    /// The issuer: the site that the metadata was requested from.
    pub issuer: SiteUrl,
    /// Where challenges go, on the site's own origin (OAuth 2.0 for First-Party Applications
    /// section 8).
    pub authorization_challenge_endpoint: Option<ChallengeEndpoint>,
    /// Everything else.
    pub extras: Extras,
}

impl ServerMetadata {
    /// The step that errors and reports name.
    pub fn step(site: &SiteUrl) -> Step {
        Step::new(StepKind::Discovery, site.host())
    }

    /// Requests the metadata of `site`.
    pub fn request(site: &SiteUrl) -> Request<Bytes> {
        form::get(&site.server_metadata())
    }

    /// Reads the response.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] when it is no metadata or that of another issuer (RFC 8414 section
    /// 3.3; a `/` at its end makes no difference, see [`SiteUrl`]), or the challenge endpoint is on
    /// another origin; [`Error::Refused`] with the server's error.
    pub fn parse(
        step: &Step,
        site: &SiteUrl,
        response: &http::Response<Bytes>,
    ) -> Result<Self, Error> {
        json::read(step, response, |members| Self::read(site, members))
    }

    fn read(site: &SiteUrl, mut members: Members) -> Result<Self, UnreadableResponse> {
        let issuer = members.require_text("issuer")?;
        // A `SiteUrl` has no `/` at the end, and the URL of the metadata is the same with and
        // without it (RFC 8414 section 3.1), so either spelling is the issuer that was
        // asked for.
        if issuer.strip_suffix('/').unwrap_or(&issuer) != site.as_str() {
            return Err(UnreadableResponse::Issuer {
                expected: site.as_str().to_owned(),
                found: issuer,
            });
        }
        let endpoint = members.take(
            "authorization_challenge_endpoint",
            ChallengeEndpoint::try_from,
        )?;
        if let Some(endpoint) = &endpoint
            && (endpoint.uri().scheme(), endpoint.host()) != (site.uri().scheme(), site.host())
        {
            return Err(UnreadableResponse::ForeignEndpoint {
                found: endpoint.host(),
            });
        }
        Ok(Self {
            issuer: site.clone(),
            authorization_challenge_endpoint: endpoint,
            extras: Extras::new(members.0),
        })
    }
}
