//! Whether an audience fits the host that a signed JWT is sent to.

use eca_attest::Audience;
use eca_http::is_loopback;
use url::Url;

use crate::domains;

/// An audience that does not fit the host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an assertion for {audience} is not signed for a request to {host}")]
pub struct ForeignAudience {
    audience: Audience,
    host: String,
}

impl ForeignAudience {
    /// The audience.
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// The host, and the port if the URL names one.
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// Checks an audience before a JWT for it is signed.
///
/// Whoever receives a signed JWT can use it at its audience until it expires. So the audience has
/// to belong to the receiver: its host is that of the request; or it is `https://login.salesforce.com`
/// or `https://test.salesforce.com` and the request goes to a Salesforce domain or to this machine;
/// or `allowed` contains it.
///
/// Call it with the URL of the token endpoint before you make an
/// [`AssertionSource`](crate::AssertionSource), and with that of the site before you make an
/// [`AttestationSource`](crate::AttestationSource): these sources do not know where their JWTs are
/// sent.
///
/// # Errors
///
/// [`ForeignAudience`] names both.
///
/// ```
/// use eca_oauth::{LoginUrl, check_audience};
///
/// let login = "https://login.salesforce.com".parse()?;
/// let org: LoginUrl = "https://acme.my.salesforce.com".parse()?;
/// assert!(check_audience(&login, org.uri(), &[]).is_ok());
///
/// let other: LoginUrl = "https://acme.example".parse()?;
/// assert!(check_audience(&login, other.uri(), &[]).is_err());
/// assert!(check_audience(&login, other.uri(), &[login.clone()]).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_audience(
    audience: &Audience,
    receiver: &http::Uri,
    allowed: &[Audience],
) -> Result<(), ForeignAudience> {
    let name = receiver.host().unwrap_or_default().trim_end_matches('.');
    let is_login = [
        "https://login.salesforce.com",
        "https://test.salesforce.com",
    ]
    .contains(&audience.as_str().trim_end_matches('/'));
    let is_trusted_host = domains::is_salesforce(name) || is_loopback(receiver);
    if is_same_origin(audience, receiver)
        || is_login && is_trusted_host
        || allowed.contains(audience)
    {
        return Ok(());
    }
    Err(ForeignAudience {
        audience: audience.clone(),
        host: eca_http::redact::host(receiver),
    })
}

fn is_same_origin(audience: &Audience, receiver: &http::Uri) -> bool {
    match (
        Url::parse(audience.as_str()),
        Url::parse(&receiver.to_string()),
    ) {
        (Ok(audience), Ok(receiver)) => audience.origin() == receiver.origin(),
        _ => false,
    }
}
