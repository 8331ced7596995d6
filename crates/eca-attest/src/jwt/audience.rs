//! Whom a token is for.

use std::fmt;
use std::str::FromStr;

/// The `aud` of a token: the URL by which an authorization server knows itself.
///
/// It keeps its spelling, since servers compare it as text. It is not the host that a token is
/// asked from, and neither is ever derived from the other here: for the JWT bearer flow Salesforce
/// wants `https://login.salesforce.com`, `https://test.salesforce.com` or the Experience Cloud
/// site's URL even if the request goes to a My Domain host. Salesforce's public pages do not show
/// which value client attestation takes; as headless flows live on sites, the site's URL is likely.
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
    /// `http://` to another machine than this one.
    #[error("the audience {url:?} uses http, which is for this machine only")]
    InsecureHost {
        /// The text given.
        url: String,
    },
    /// No host, or one with impossible characters.
    #[error("the audience {url:?} has no proper host")]
    Host {
        /// The text given.
        url: String,
    },
    /// User name, query, fragment, blank or non-ASCII character, or too long.
    #[error("the audience has {what}")]
    Unexpected {
        /// What is there.
        what: &'static str,
    },
}

/// Longer URLs are refused by common servers.
const MAX_AUDIENCE: usize = 2048;

impl Audience {
    /// The URL as it was spelled.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Audience {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        let url = || text.to_owned();
        if text.len() > MAX_AUDIENCE {
            let what = "more than 2048 characters";
            return Err(AudienceError::Unexpected { what });
        }
        let (secure, rest) = if let Some(rest) = strip_scheme(text, "https://") {
            (true, rest)
        } else if let Some(rest) = strip_scheme(text, "http://") {
            (false, rest)
        } else {
            return Err(AudienceError::Scheme { url: url() });
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let unexpected = if authority.contains('@') {
            Some("a user name")
        } else if path.contains('?') {
            Some("a query")
        } else if path.contains('#') {
            Some("a fragment")
        } else if !text.bytes().all(|b| b.is_ascii_graphic()) {
            Some("a blank or a character outside of ASCII")
        } else {
            None
        };
        if let Some(what) = unexpected {
            return Err(AudienceError::Unexpected { what });
        }
        let Some(host) = host_of(authority) else {
            return Err(AudienceError::Host { url: url() });
        };
        if !secure && !is_loopback(host) {
            return Err(AudienceError::InsecureHost { url: url() });
        }
        Ok(Audience(url()))
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn strip_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(scheme.len())?;
    head.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// The host of `host`, `host:port`, `[v6]` or `[v6]:port`; `None` if it is none of them.
fn host_of(authority: &str) -> Option<&str> {
    let end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(end);
    if !port.is_empty() {
        port.strip_prefix(':')?.parse::<u16>().ok()?;
    }
    let proper = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && !host.starts_with(['.', '-'])
                && host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        }
    };
    proper.then_some(host)
}

/// This machine by name or address (RFC 6761, section 6.3; RFC 1122, section 3.2.1.3).
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}
