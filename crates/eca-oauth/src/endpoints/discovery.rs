//! The metadata of an authorization server (RFC 8414).
//!
//! Whether Salesforce's sites advertise an `authorization_challenge_endpoint` is not shown by its
//! public pages; where they do not, the endpoint must stand in the
//! [profile](crate::challenge::profile::ChallengeProfile).

use bytes::Bytes;
use http::Request;

use crate::error::Error;
use crate::step::{Step, StepKind};
use crate::urls::{ChallengeEndpoint, SiteUrl};
use crate::wire::extras::Extras;
use crate::wire::members::Members;
use crate::wire::unreadable_answer::UnreadableAnswer;
use crate::wire::{answer, form};

/// The metadata of an authorization server, as far as this crate uses it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ServerMetadata {
    /// The issuer: exactly the site that was asked.
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

    /// Reads the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] when it is no metadata, or that of another issuer (RFC 8414
    /// section 3.3), or sends challenges away from the site's origin; [`Error::Refused`] if the
    /// server states an error.
    pub fn parse(
        step: &Step,
        site: &SiteUrl,
        response: &http::Response<Bytes>,
    ) -> Result<Self, Error> {
        answer::read(step, response, |members| Self::read(site, members))
    }

    fn read(site: &SiteUrl, mut members: Members) -> Result<Self, UnreadableAnswer> {
        let issuer = members.require_text("issuer")?;
        if issuer != site.as_str() {
            return Err(UnreadableAnswer::Issuer {
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
            return Err(UnreadableAnswer::ForeignEndpoint {
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
