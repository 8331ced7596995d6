//! The URLs that credentials may be sent to: checked once, when they are made.

use std::fmt;
use std::str::FromStr;

use eca_http::{UrlRefused, check_url, is_loopback};
use serde::{Deserialize, Serialize};
use url::Url;

/// A URL that cannot be used for its purpose; the source says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {} cannot be used", shown(.host.as_deref()))]
pub struct InvalidUrl {
    what: &'static str,
    host: Option<String>,
    #[source]
    problem: UrlProblem,
}

/// Why a URL cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlProblem {
    /// Not an absolute URL.
    #[error("it is not an absolute url such as https://acme.my.site.com/portal")]
    NotAbsolute,
    /// Longer than any real one, and than what a request can hold once a path is added.
    #[error("it is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// Not safe to send credentials to.
    #[error(transparent)]
    Refused(#[from] UrlRefused),
    /// A query or fragment.
    #[error("it has a query or fragment")]
    QueryOrFragment,
    /// A shared login host.
    #[error("it is a shared login host; use the url of the org or of its experience cloud site")]
    LoginHost,
    /// An org's own host where a site is needed.
    #[error(
        "it is the org's own host; headless calls go to an experience cloud site, such as https://acme.my.site.com/portal"
    )]
    OrgHost,
}

impl InvalidUrl {
    fn new(what: &'static str, host: Option<&str>, problem: UrlProblem) -> Self {
        let host = host.map(str::to_owned);
        Self {
            what,
            host,
            problem,
        }
    }

    /// Why it cannot be used.
    pub fn problem(&self) -> UrlProblem {
        self.problem
    }
}

fn shown(host: Option<&str>) -> &str {
    host.unwrap_or("(no host)")
}

/// What a kind of URL must be, beyond being safe.
struct Kind {
    what: &'static str,
    /// Whether an ending `/` means nothing, as in a base that paths are added to.
    is_base: bool,
    login_host: bool,
    org_host: bool,
}

/// In bytes.
const MAX_LENGTH: usize = 2048;

fn parse(text: &str, kind: &Kind) -> Result<(String, http::Uri), InvalidUrl> {
    let invalid = |host: Option<&str>, problem| InvalidUrl::new(kind.what, host, problem);
    let url = Url::parse(text.trim()).map_err(|_| invalid(None, UrlProblem::NotAbsolute))?;
    let host = url.host_str();
    // Counted after normalization, which may lengthen it.
    if url.as_str().len() > MAX_LENGTH {
        return Err(invalid(None, UrlProblem::TooLong));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid(host, UrlProblem::QueryOrFragment));
    }
    let text = match url.as_str() {
        text if kind.is_base => text.trim_end_matches('/'),
        text => text,
    };
    let uri: http::Uri = text
        .parse()
        .map_err(|_| invalid(host, UrlProblem::NotAbsolute))?;
    check_url(&uri).map_err(|why| invalid(host, why.into()))?;
    if !is_loopback(&uri) {
        let name = host.unwrap_or_default().trim_end_matches('.');
        if !kind.login_host && is_login_host(name) {
            return Err(invalid(host, UrlProblem::LoginHost));
        }
        if !kind.org_host && is_org_host(name) {
            return Err(invalid(host, UrlProblem::OrgHost));
        }
    }
    Ok((text.to_owned(), uri))
}

/// The hosts that every org shares (Salesforce Help, "OAuth Endpoints").
fn is_login_host(name: &str) -> bool {
    matches!(
        name,
        "login.salesforce.com" | "test.salesforce.com" | "welcome.salesforce.com"
    )
}

/// An org's own hosts (Salesforce Help, "My Domain URL Formats"): login and API, Lightning, Setup.
fn is_org_host(name: &str) -> bool {
    [
        ".my.salesforce.com",
        ".lightning.force.com",
        ".my.salesforce-setup.com",
    ]
    .iter()
    .any(|ending| name.ends_with(ending))
}

macro_rules! checked_url {
    ($(#[$meta:meta])* $name:ident, $kind:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name {
            text: String,
            uri: http::Uri,
        }

        impl $name {
            /// The whole URL.
            pub fn as_str(&self) -> &str {
                &self.text
            }

            /// The same as a request's URI.
            pub fn uri(&self) -> &http::Uri {
                &self.uri
            }

            /// Host, and port if the URL names one.
            pub fn host(&self) -> String {
                eca_http::redact::host(&self.uri)
            }
        }

        impl FromStr for $name {
            type Err = InvalidUrl;

            fn from_str(text: &str) -> Result<Self, InvalidUrl> {
                let (text, uri) = parse(text, &$kind)?;
                Ok(Self { text, uri })
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidUrl;

            fn try_from(text: String) -> Result<Self, InvalidUrl> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(url: $name) -> Self {
                url.text
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.text)
            }
        }
    };
}

checked_url! {
    /// The URL of an Experience Cloud site, with its path if it has one, without a `/` at the end:
    /// `https://acme.my.site.com/portal`. Never a login host or an org's own host: Salesforce serves
    /// headless flows on sites only (Salesforce Help, "OAuth Endpoints").
    ///
    /// ```
    /// use eca_oauth::{SiteUrl, UrlProblem};
    ///
    /// let site: SiteUrl = "https://acme.my.site.com/portal/".parse()?;
    /// assert_eq!(site.as_str(), "https://acme.my.site.com/portal");
    ///
    /// let refused = "https://acme.my.salesforce.com".parse::<SiteUrl>().unwrap_err();
    /// assert_eq!(refused.problem(), UrlProblem::OrgHost);
    /// # Ok::<(), eca_oauth::InvalidUrl>(())
    /// ```
    SiteUrl, Kind { what: "site url", is_base: true, login_host: false, org_host: false }
}
checked_url! {
    /// The base URL of one org's APIs, without a `/` at the end: `https://acme.my.salesforce.com`.
    InstanceUrl, Kind { what: "instance url", is_base: true, login_host: false, org_host: true }
}
checked_url! {
    /// Where token requests go. Some grants are served on the shared login hosts, so these are
    /// allowed here; [`is_login_host`](TokenEndpoint::is_login_host) tells.
    TokenEndpoint, Kind { what: "token endpoint", is_base: false, login_host: true, org_host: true }
}
checked_url! {
    /// Where authorization challenge requests go: on a site, see [`SiteUrl`].
    ChallengeEndpoint,
    Kind { what: "authorization challenge endpoint", is_base: false, login_host: false, org_host: false }
}
checked_url! {
    /// Where a token's user is asked for.
    UserinfoEndpoint,
    Kind { what: "userinfo endpoint", is_base: false, login_host: true, org_host: true }
}

checked_url! {
    /// The base of a host that serves OAuth: a shared login host, an org's own host or a site,
    /// without a `/` at the end.
    LoginUrl, Kind { what: "login url", is_base: true, login_host: true, org_host: true }
}
checked_url! {
    /// Where browsers are sent.
    AuthorizeEndpoint,
    Kind { what: "authorization endpoint", is_base: false, login_host: true, org_host: true }
}
checked_url! {
    /// Where tokens are revoked.
    RevocationEndpoint,
    Kind { what: "revocation endpoint", is_base: false, login_host: true, org_host: true }
}
checked_url! {
    /// Where tokens are asked about.
    IntrospectionEndpoint,
    Kind { what: "introspection endpoint", is_base: false, login_host: true, org_host: true }
}

impl LoginUrl {
    /// Where token requests go (Salesforce Help, "OAuth Endpoints"; so for the others).
    pub fn token_endpoint(&self) -> TokenEndpoint {
        let (text, uri) = joined(&self.text, &self.uri, TOKEN);
        TokenEndpoint { text, uri }
    }

    /// Where browsers are sent.
    pub fn authorize_endpoint(&self) -> AuthorizeEndpoint {
        let (text, uri) = joined(&self.text, &self.uri, "/services/oauth2/authorize");
        AuthorizeEndpoint { text, uri }
    }

    /// Where tokens are revoked.
    pub fn revocation_endpoint(&self) -> RevocationEndpoint {
        let (text, uri) = joined(&self.text, &self.uri, "/services/oauth2/revoke");
        RevocationEndpoint { text, uri }
    }

    /// Where tokens are asked about.
    pub fn introspection_endpoint(&self) -> IntrospectionEndpoint {
        let (text, uri) = joined(&self.text, &self.uri, "/services/oauth2/introspect");
        IntrospectionEndpoint { text, uri }
    }

    /// What kind of host it is.
    pub fn kind(&self) -> HostKind {
        let name = self.uri.host().unwrap_or_default().trim_end_matches('.');
        match name {
            _ if is_loopback(&self.uri) => HostKind::Loopback,
            name if is_login_host(name) => HostKind::Login,
            name if is_org_host(name) => HostKind::Org,
            name if name.ends_with(".my.site.com") => HostKind::Site,
            _ => HostKind::Other,
        }
    }
}

/// What kind of host a URL names (Salesforce Help, "My Domain URL Formats").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostKind {
    /// Shared by every org: `login.salesforce.com`, `test.salesforce.com`.
    Login,
    /// An org's own.
    Org,
    /// An Experience Cloud site with Salesforce's own domain.
    Site,
    /// This machine.
    Loopback,
    /// Anything else: a site with a domain of its own, or a mistake.
    Other,
}

impl SiteUrl {
    /// Where this site serves token requests (Salesforce Help, "OAuth Endpoints").
    pub fn token_endpoint(&self) -> TokenEndpoint {
        let (text, uri) = joined(&self.text, &self.uri, TOKEN);
        TokenEndpoint { text, uri }
    }

    /// Where this site tells about a token's user (Salesforce Help, "OAuth Endpoints").
    pub fn userinfo_endpoint(&self) -> UserinfoEndpoint {
        let (text, uri) = joined(&self.text, &self.uri, USERINFO);
        UserinfoEndpoint { text, uri }
    }
}

impl InstanceUrl {
    /// Where this org serves token requests (Salesforce Help, "OAuth Endpoints").
    pub fn token_endpoint(&self) -> TokenEndpoint {
        let (text, uri) = joined(&self.text, &self.uri, TOKEN);
        TokenEndpoint { text, uri }
    }

    /// Where this org tells about a token's user (Salesforce Help, "OAuth Endpoints").
    pub fn userinfo_endpoint(&self) -> UserinfoEndpoint {
        let (text, uri) = joined(&self.text, &self.uri, USERINFO);
        UserinfoEndpoint { text, uri }
    }
}

impl TokenEndpoint {
    /// Whether it is on a host that all orgs share.
    pub fn is_login_host(&self) -> bool {
        self.uri.host().is_some_and(is_login_host)
    }
}

const TOKEN: &str = "/services/oauth2/token";
const USERINFO: &str = "/services/oauth2/userinfo";

/// `path` under a base URL. Keeps scheme and authority, so what was checked stays checked.
pub(crate) fn joined(base: &str, uri: &http::Uri, path: &'static str) -> (String, http::Uri) {
    with_path(uri, &format!("{}{path}", base_path(base, uri)))
}

/// The path of a base URL, empty for none.
pub(crate) fn base_path<'a>(base: &str, uri: &'a http::Uri) -> &'a str {
    debug_assert!(!base.ends_with('/'), "a base has no slash at its end");
    uri.path().trim_end_matches('/')
}

/// The same scheme and authority with another path.
#[expect(
    clippy::expect_used,
    reason = "scheme and authority are those of a whole uri, the path is its own with ASCII around, and MAX_LENGTH keeps both far below the limit of a uri"
)]
pub(crate) fn with_path(uri: &http::Uri, path: &str) -> (String, http::Uri) {
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path.parse().expect("a path of an uri and ASCII"));
    let uri = http::Uri::from_parts(parts).expect("scheme, authority and path");
    (uri.to_string(), uri)
}
