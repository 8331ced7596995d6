//! The audience of a token.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The `aud` of a token: the URL that identifies an authorization server.
///
/// The text is not normalised, since servers compare it as text. The audience is not derived from
/// the host of the request: for the JWT bearer flow Salesforce requires `https://login.salesforce.com`,
/// `https://test.salesforce.com` or the Experience Cloud site's URL even if the request goes to a My
/// Domain host. Salesforce's public pages do not show the value for client attestation. Headless
/// flows run on sites, so the site's URL is inferred.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Audience(String);

/// A URL that cannot be an audience.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AudienceError {
    /// Neither `https://` nor `http://`.
    #[error("the audience {url:?} is not an https URL")]
    Scheme {
        /// The text given.
        url: String,
    },
    /// `http://` and a host other than this machine.
    #[error("the audience {url:?} uses http, which is for this machine only")]
    InsecureHost {
        /// The text given.
        url: String,
    },
    /// No valid host.
    #[error("the audience {url:?} has no valid host")]
    Host {
        /// The text given.
        url: String,
    },
    /// User name, query, fragment, blank or non-ASCII character, or too long.
    #[error("the audience has {what}")]
    Unexpected {
        /// The unexpected part.
        what: &'static str,
    },
}

/// Common servers refuse longer URLs.
const MAX_AUDIENCE: usize = 2048;

impl Audience {
    /// The URL as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Audience {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        let quoted = || text.to_owned();
        let unexpected = |what| Err(AudienceError::Unexpected { what });
        if text.len() > MAX_AUDIENCE {
            return unexpected("more than 2048 characters");
        }
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        let is_https = scheme.eq_ignore_ascii_case("https");
        if !is_https && !scheme.eq_ignore_ascii_case("http") {
            return Err(AudienceError::Scheme { url: quoted() });
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return unexpected("a user name");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return unexpected("a blank or a character outside of ASCII");
        }
        let url = Url::parse(text)
            .ok()
            .filter(|url| is_host_of(url, authority));
        let url = url.ok_or_else(|| AudienceError::Host { url: quoted() })?;
        if url.query().is_some() {
            return unexpected("a query");
        }
        if url.fragment().is_some() {
            return unexpected("a fragment");
        }
        if !is_https && !is_loopback(&url) {
            return Err(AudienceError::InsecureHost { url: quoted() });
        }
        Ok(Audience(quoted()))
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the text has the host and port of the parsed URL. The URL standard also accepts
/// `https:///host`, `https:\\host` and `http://127.1`.
fn is_host_of(url: &Url, authority: &str) -> bool {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    authority.eq_ignore_ascii_case(host)
        || authority.eq_ignore_ascii_case(&format!("{host}:{port}"))
}

/// This machine by name or address (RFC 6761, section 6.3; RFC 1122, section 3.2.1.3).
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
