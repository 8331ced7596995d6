//! The URLs that are allowed: https, and plain http to this machine.

use url::{Host, Url};

/// The reason why a URL is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlRefused {
    /// Plain http to another machine would expose tokens to the network.
    #[error(
        "plain http is allowed only to this machine (localhost, 127.0.0.0/8, [::1]); use https"
    )]
    PlainHttp,
    /// Neither https nor http.
    #[error("the scheme is neither https nor http")]
    Scheme,
    /// A user name or password before the host. It could get into logs, and it hides the real host.
    #[error("the url has a user name or password before the host")]
    UserInfo,
    /// Not an absolute URL with a host.
    #[error("not an absolute url with a host")]
    NotAbsolute,
}

/// Checks that `url` is https, or http to a loopback address (RFC 8252 section 7.3; the name
/// `localhost` is a loopback name by RFC 6761 section 6.3).
///
/// # Errors
///
/// [`UrlRefused`] with the reason.
///
/// ```
/// use eca_http::{check_url, UrlRefused};
///
/// assert_eq!(check_url(&"https://acme.my.salesforce.com/".parse()?), Ok(()));
/// assert_eq!(check_url(&"http://127.0.0.1:8080/".parse()?), Ok(()));
/// assert_eq!(check_url(&"http://acme.my.salesforce.com/".parse()?), Err(UrlRefused::PlainHttp));
/// # Ok::<(), http::uri::InvalidUri>(())
/// ```
pub fn check_url(url: &http::Uri) -> Result<(), UrlRefused> {
    let url = absolute(url)?;
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback_host(&url) => Ok(()),
        "http" => Err(UrlRefused::PlainHttp),
        _ => Err(UrlRefused::Scheme),
    }
}

/// Whether the host of `url` is this machine, by address or by the name `localhost`.
pub fn is_loopback(url: &http::Uri) -> bool {
    absolute(url).is_ok_and(|url| is_loopback_host(&url))
}

/// Parses the URL as the transport does (URL standard). With another parser the checked host could
/// differ from the host that gets the request.
fn absolute(url: &http::Uri) -> Result<Url, UrlRefused> {
    let url = Url::parse(&url.to_string()).map_err(|_| UrlRefused::NotAbsolute)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlRefused::UserInfo);
    }
    if !url.has_host() {
        return Err(UrlRefused::NotAbsolute);
    }
    Ok(url)
}

fn is_loopback_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
