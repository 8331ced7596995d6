//! The URLs that credentials may be sent to, checked when they are parsed.

use std::fmt;
use std::str::FromStr;

use eca_http::{UrlRefused, check_url, is_loopback};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::domains::{is_lightning_host, is_login_host, is_org_host, is_site_host};

/// A URL that cannot be used for its purpose; the source has the reason.
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
    /// Longer than a request can contain once a path is added.
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
    /// A host of pages, as a browser shows it. It serves no API.
    #[error(
        "it is a host of Lightning pages; the org's My Domain host has .my.salesforce.com in place of .lightning.force.com"
    )]
    LightningHost,
    /// An org's own host where a site is required.
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

/// The requirements of a kind of URL, besides that it is safe.
struct UrlKind {
    what: &'static str,
    /// Whether paths are added to it, so that a `/` at the end is ignored.
    is_base: bool,
    login_host: bool,
    org_host: bool,
}

/// In bytes.
const MAX_LENGTH: usize = 2048;

/// A URL that fits its kind.
#[derive(Clone, PartialEq, Eq, Hash)]
struct CheckedUrl {
    text: String,
    uri: http::Uri,
}

impl CheckedUrl {
    fn parse(text: &str, kind: &UrlKind) -> Result<Self, InvalidUrl> {
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
        check_url(&uri).map_err(|refused| invalid(host, refused.into()))?;
        if !is_loopback(&uri) {
            let name = host.unwrap_or_default().trim_end_matches('.');
            if !kind.login_host && is_login_host(name) {
                return Err(invalid(host, UrlProblem::LoginHost));
            }
            if !kind.org_host && is_org_host(name) {
                return Err(invalid(host, UrlProblem::OrgHost));
            }
            // Of the bases, only that of an org's APIs refuses login hosts and takes org hosts.
            let is_of_apis = kind.is_base && kind.org_host && !kind.login_host;
            if is_of_apis && is_lightning_host(name) {
                return Err(invalid(host, UrlProblem::LightningHost));
            }
        }
        let text = text.to_owned();
        Ok(Self { text, uri })
    }

    /// The path of a base URL, empty for none.
    fn base_path(&self) -> &str {
        debug_assert!(!self.text.ends_with('/'), "a base has no slash at its end");
        self.uri.path().trim_end_matches('/')
    }

    /// `path` under a base URL.
    fn join(&self, path: &'static str) -> Self {
        self.with_path(&format!("{}{path}", self.base_path()))
    }

    /// The same scheme and authority with another path, so what was checked stays checked.
    #[expect(
        clippy::expect_used,
        reason = "scheme and authority are those of a whole uri, the path is its own with ASCII around, and MAX_LENGTH keeps both far below the limit of a uri"
    )]
    fn with_path(&self, path: &str) -> Self {
        let mut parts = self.uri.clone().into_parts();
        parts.path_and_query = Some(path.parse().expect("a path of an uri and ASCII"));
        let uri = http::Uri::from_parts(parts).expect("scheme, authority and path");
        let text = uri.to_string();
        Self { text, uri }
    }
}

impl fmt::Debug for CheckedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

macro_rules! checked_url {
    ($(#[$meta:meta])* $name:ident, $kind:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(CheckedUrl);

        impl $name {
            /// The whole URL.
            pub fn as_str(&self) -> &str {
                &self.0.text
            }

            /// The URL as the URI of a request.
            pub fn uri(&self) -> &http::Uri {
                &self.0.uri
            }

            /// Host, and port if the URL names one.
            pub fn host(&self) -> String {
                eca_http::redact::host(&self.0.uri)
            }
        }

        impl FromStr for $name {
            type Err = InvalidUrl;

            fn from_str(text: &str) -> Result<Self, InvalidUrl> {
                CheckedUrl::parse(text, &$kind).map(Self)
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
                url.0.text
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0.text)
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
    SiteUrl, UrlKind { what: "site url", is_base: true, login_host: false, org_host: false }
}
checked_url! {
    /// The base URL of one org's APIs, without a `/` at the end: `https://acme.my.salesforce.com`.
    InstanceUrl, UrlKind { what: "instance url", is_base: true, login_host: false, org_host: true }
}
checked_url! {
    /// A token endpoint. Some grants are served on the shared login hosts, so these are allowed
    /// here; [`is_login_host`](TokenEndpoint::is_login_host) tells them apart.
    TokenEndpoint, UrlKind { what: "token endpoint", is_base: false, login_host: true, org_host: true }
}
checked_url! {
    /// An authorization challenge endpoint: on a site, see [`SiteUrl`].
    ChallengeEndpoint,
    UrlKind { what: "authorization challenge endpoint", is_base: false, login_host: false, org_host: false }
}
checked_url! {
    /// A userinfo endpoint.
    UserinfoEndpoint,
    UrlKind { what: "userinfo endpoint", is_base: false, login_host: true, org_host: true }
}
checked_url! {
    /// The base of a host that serves OAuth: a shared login host, an org's own host or a site,
    /// without a `/` at the end.
    LoginUrl, UrlKind { what: "login url", is_base: true, login_host: true, org_host: true }
}
checked_url! {
    /// An authorization endpoint, which browsers open.
    AuthorizeEndpoint,
    UrlKind { what: "authorization endpoint", is_base: false, login_host: true, org_host: true }
}
checked_url! {
    /// A revocation endpoint.
    RevocationEndpoint,
    UrlKind { what: "revocation endpoint", is_base: false, login_host: true, org_host: true }
}
checked_url! {
    /// An introspection endpoint.
    IntrospectionEndpoint,
    UrlKind { what: "introspection endpoint", is_base: false, login_host: true, org_host: true }
}

impl LoginUrl {
    /// The token endpoint (Salesforce Help, "OAuth Endpoints", as for the others).
    pub fn token_endpoint(&self) -> TokenEndpoint {
        TokenEndpoint(self.0.join(TOKEN))
    }

    /// The authorization endpoint, which browsers open.
    pub fn authorize_endpoint(&self) -> AuthorizeEndpoint {
        AuthorizeEndpoint(self.0.join(AUTHORIZE))
    }

    /// The revocation endpoint.
    pub fn revocation_endpoint(&self) -> RevocationEndpoint {
        RevocationEndpoint(self.0.join("/services/oauth2/revoke"))
    }

    /// The introspection endpoint.
    pub fn introspection_endpoint(&self) -> IntrospectionEndpoint {
        IntrospectionEndpoint(self.0.join("/services/oauth2/introspect"))
    }

    /// The OpenID configuration. The well-known part goes after the path (OpenID Connect Discovery
    /// section 4), not before it as in RFC 8414.
    pub(crate) fn openid_configuration(&self) -> http::Uri {
        self.0.join("/.well-known/openid-configuration").uri
    }

    /// The kind of host.
    pub fn kind(&self) -> HostKind {
        let name = self.0.uri.host().unwrap_or_default().trim_end_matches('.');
        match name {
            _ if is_loopback(&self.0.uri) => HostKind::Loopback,
            name if is_login_host(name) => HostKind::Login,
            name if is_org_host(name) => HostKind::Org,
            name if is_site_host(name) => HostKind::Site,
            _ => HostKind::Other,
        }
    }
}

impl LoginUrl {
    /// The `aud` that a JWT bearer assertion needs where this host answers for the org.
    ///
    /// ```
    /// use eca_oauth::{BearerAudience, LoginUrl};
    ///
    /// let host: LoginUrl = "https://acme--uat.sandbox.my.salesforce.com".parse()?;
    /// let audience = BearerAudience::LoginHost("https://test.salesforce.com");
    /// assert_eq!(host.bearer_audience(), audience);
    /// # Ok::<(), eca_oauth::InvalidUrl>(())
    /// ```
    pub fn bearer_audience(&self) -> BearerAudience {
        let name = self.0.uri.host().unwrap_or_default().trim_end_matches('.');
        match self.kind() {
            HostKind::Login | HostKind::Org => BearerAudience::LoginHost(if is_test_host(name) {
                "https://test.salesforce.com"
            } else {
                "https://login.salesforce.com"
            }),
            HostKind::Site | HostKind::Other => BearerAudience::Site,
            HostKind::Loopback => BearerAudience::Unknown,
        }
    }
}

/// Whether the host is one of orgs that log in at test.salesforce.com: sandboxes and scratch orgs
/// (Salesforce Help, "My Domain URL Formats").
fn is_test_host(name: &str) -> bool {
    name == "test.salesforce.com" || name.contains(".sandbox.") || name.contains(".scratch.")
}

/// The `aud` of a JWT bearer assertion (Salesforce Help, "OAuth 2.0 JWT Bearer Flow for
/// Server-to-Server Integration"). A My Domain host is never one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BearerAudience {
    /// The login host of production or of test orgs, as a whole URL. For the users of an Experience
    /// Cloud site of the org it is the site's URL.
    LoginHost(&'static str),
    /// The site's URL. Custom domains are those of sites.
    Site,
    /// Nothing is documented for this machine: an embedded org names its own.
    Unknown,
}

/// The kind of a URL's host (Salesforce Help, "My Domain URL Formats").
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
    /// Anything else: a site with a custom domain, or a mistake.
    Other,
}

impl SiteUrl {
    /// The token endpoint of this site (Salesforce Help, "OAuth Endpoints").
    pub fn token_endpoint(&self) -> TokenEndpoint {
        TokenEndpoint(self.0.join(TOKEN))
    }

    /// The userinfo endpoint of this site (Salesforce Help, "OAuth Endpoints").
    pub fn userinfo_endpoint(&self) -> UserinfoEndpoint {
        UserinfoEndpoint(self.0.join(USERINFO))
    }

    /// The authorization endpoint.
    pub(crate) fn authorize(&self) -> http::Uri {
        self.join(AUTHORIZE)
    }

    /// A resource of this site.
    pub(crate) fn join(&self, path: &'static str) -> http::Uri {
        self.0.join(path).uri
    }

    /// The metadata. The well-known part goes between host and path (RFC 8414 section 3.1).
    pub(crate) fn server_metadata(&self) -> http::Uri {
        let path = self.0.base_path();
        let path = format!("/.well-known/oauth-authorization-server{path}");
        self.0.with_path(&path).uri
    }
}

impl InstanceUrl {
    /// The token endpoint of this org (Salesforce Help, "OAuth Endpoints").
    pub fn token_endpoint(&self) -> TokenEndpoint {
        TokenEndpoint(self.0.join(TOKEN))
    }

    /// The userinfo endpoint of this org (Salesforce Help, "OAuth Endpoints").
    pub fn userinfo_endpoint(&self) -> UserinfoEndpoint {
        UserinfoEndpoint(self.0.join(USERINFO))
    }
}

impl TokenEndpoint {
    /// Whether all orgs share its host.
    pub fn is_login_host(&self) -> bool {
        self.0.uri.host().is_some_and(is_login_host)
    }
}

const AUTHORIZE: &str = "/services/oauth2/authorize";
const TOKEN: &str = "/services/oauth2/token";
const USERINFO: &str = "/services/oauth2/userinfo";
