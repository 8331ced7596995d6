//! SFDX auth URLs: what `sf org auth show-sfdx-auth-url` prints and `sf org login sfdx-url` reads
//! (Salesforce CLI, `@salesforce/core` 9, `AuthInfo.parseSfdxAuthUrl`).

use std::fmt;
use std::str::FromStr;

use eca_attest::ClientId;
use zeroize::Zeroizing;

use crate::secret::{ClientSecret, RefreshToken};
use crate::urls::LoginUrl;

/// `force://CLIENT_ID:CLIENT_SECRET:REFRESH_TOKEN@HOST`, read as the Salesforce CLI reads it:
///
/// - the secret may be empty, as it is for the CLI's own app, `PlatformCLI`;
/// - each part may end in one or two `=`;
/// - text after the host, such as a path or a line break, is ignored;
/// - the host may have a port. Requests use https, except to this machine, since an embedded org
///   has no TLS.
///
/// The text may also be one of the JSON documents that the CLI writes: `{"sfdxAuthUrl": …}` or
/// `{"result": {"sfdxAuthUrl": …}}`.
///
/// ```
/// use eca_oauth::SfdxAuthUrl;
///
/// let url: SfdxAuthUrl = "force://PlatformCLI::5Aep8.x@acme.my.salesforce.com".parse()?;
/// assert_eq!(url.client_id.as_str(), "PlatformCLI");
/// assert!(url.client_secret.is_none());
/// # Ok::<(), eca_oauth::InvalidSfdxAuthUrl>(())
/// ```
#[non_exhaustive]
pub struct SfdxAuthUrl {
    /// The app that the login was made with.
    pub client_id: ClientId,
    /// Its secret, if it has one.
    pub client_secret: Option<ClientSecret>,
    /// Gets access tokens.
    pub refresh_token: RefreshToken,
    /// The org's host.
    pub login_url: LoginUrl,
}

/// Text that is not an SFDX auth URL. The error does not contain the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSfdxAuthUrl {
    /// No `force://`, or a JSON document without one.
    #[error("sfdx auth url does not begin with force://")]
    Scheme,
    /// `force://:TOKEN@HOST`, which the Salesforce CLI writes when it does not know the app, and
    /// cannot read itself.
    #[error("sfdx auth url has no client id; log in again with `sf org login web`")]
    NoClient,
    /// The Salesforce CLI redacted the URL.
    #[error("sfdx auth url is [REDACTED]; print it with `sf org auth show-sfdx-auth-url`")]
    Redacted,
    /// Not three parts before an `@`.
    #[error("sfdx auth url is not force://CLIENT_ID:CLIENT_SECRET:REFRESH_TOKEN@HOST")]
    Parts,
    /// A part has a character that is not allowed.
    #[error("sfdx auth url has a character in its {0} that the salesforce cli does not accept")]
    Character(&'static str),
    /// The host cannot be used.
    #[error("sfdx auth url has a host that cannot be used")]
    Host,
}

impl FromStr for SfdxAuthUrl {
    type Err = InvalidSfdxAuthUrl;

    fn from_str(text: &str) -> Result<Self, InvalidSfdxAuthUrl> {
        let text = text.trim().trim_start_matches('\u{feff}');
        if !text.starts_with('{') {
            return Self::read(text);
        }
        let document: serde_json::Value =
            serde_json::from_str(text).map_err(|_| InvalidSfdxAuthUrl::Scheme)?;
        let url = document
            .pointer("/sfdxAuthUrl")
            .or_else(|| document.pointer("/result/sfdxAuthUrl"))
            .and_then(serde_json::Value::as_str)
            .ok_or(InvalidSfdxAuthUrl::Scheme)?;
        Self::read(url)
    }
}

impl SfdxAuthUrl {
    fn read(text: &str) -> Result<Self, InvalidSfdxAuthUrl> {
        if text.contains("[REDACTED]") {
            return Err(InvalidSfdxAuthUrl::Redacted);
        }
        let rest = text
            .strip_prefix("force://")
            .ok_or(InvalidSfdxAuthUrl::Scheme)?;
        let (client, host) = rest.split_once('@').ok_or(InvalidSfdxAuthUrl::Parts)?;
        let parts: Vec<&str> = client.split(':').collect();
        let (id, secret, token) = match parts[..] {
            [id, secret, token] if !id.is_empty() => (id, secret, token),
            ["", _] | ["", _, _] => return Err(InvalidSfdxAuthUrl::NoClient),
            _ => return Err(InvalidSfdxAuthUrl::Parts),
        };
        for (what, part) in [
            ("client id", id),
            ("client secret", secret),
            ("refresh token", token),
        ] {
            if !is_part(part) {
                return Err(InvalidSfdxAuthUrl::Character(what));
            }
        }
        let in_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | '-');
        let host = &host[..host.find(|c| !in_host(c)).unwrap_or(host.len())];
        let name = host.split(':').next().unwrap_or_default();
        let scheme = match name {
            "localhost" | "127.0.0.1" => "http",
            _ => "https",
        };
        let part = |what| move |_| InvalidSfdxAuthUrl::Character(what);
        Ok(Self {
            client_id: id.parse().map_err(|_| InvalidSfdxAuthUrl::NoClient)?,
            client_secret: match secret {
                "" => None,
                secret => Some(ClientSecret::new(secret).map_err(part("client secret"))?),
            },
            refresh_token: RefreshToken::new(token).map_err(part("refresh token"))?,
            login_url: format!("{scheme}://{host}")
                .parse()
                .map_err(|_| InvalidSfdxAuthUrl::Host)?,
        })
    }

    /// The URL with another refresh token, to store after a rotation.
    pub fn with_token(&self, token: &RefreshToken) -> Zeroizing<String> {
        let secret = self.client_secret.as_ref();
        Zeroizing::new(format!(
            "force://{}:{}:{}@{}",
            self.client_id,
            secret.map_or("", ClientSecret::expose_secret),
            token.expose_secret(),
            self.login_url.host()
        ))
    }
}

/// `[A-Za-z0-9._-]*={0,2}`.
fn is_part(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len() - body.len() <= 2
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

impl fmt::Debug for SfdxAuthUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SfdxAuthUrl")
            .field("client_id", &self.client_id)
            .field("login_url", &self.login_url)
            .finish_non_exhaustive()
    }
}
