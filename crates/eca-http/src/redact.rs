//! Formats URLs and headers without their secrets. It uses an allow-list, since a deny-list is
//! never complete.
//!
//! ```
//! use eca_http::redact;
//!
//! let uri = "https://acme.my.site.com/shop/services/oauth2/echo?code=aPrx&state=1".parse()?;
//! assert_eq!(
//!     redact::url(&uri).to_string(),
//!     "https://acme.my.site.com/shop/services/oauth2/echo?code=…&state=…"
//! );
//! # Ok::<(), http::uri::InvalidUri>(())
//! ```

use std::fmt;

/// Headers whose values are not secret. Of other headers only the name is shown.
const SHOWN: [&str; 14] = [
    "accept",
    "allow",
    "cache-control",
    "content-length",
    "content-type",
    "date",
    "retry-after",
    "server",
    "sforce-limit-info",
    "soapaction",
    "user-agent",
    "x-request-id",
    "x-sfdc-request-id",
    "x-robots-tag",
];

/// Formats scheme, host, port and path of `url` and the names of its query parameters, without
/// their values, user name and password. A query part without `=` becomes `…`.
pub fn url(url: &http::Uri) -> impl fmt::Display + '_ {
    ShownUrl(url)
}

/// Formats the name of each header, and its value if it is known not to be secret.
pub fn headers(headers: &http::HeaderMap) -> impl fmt::Display + '_ {
    ShownHeaders(headers)
}

/// Host and port of `url`, without user name and password; `(no host)` if there is none.
pub fn host(url: &http::Uri) -> String {
    match (url.host(), url.port_u16()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "(no host)".to_owned(),
    }
}

struct ShownUrl<'a>(&'a http::Uri);

impl fmt::Display for ShownUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(scheme) = self.0.scheme_str() {
            write!(f, "{scheme}://{}", host(self.0))?;
        }
        f.write_str(self.0.path())?;
        let Some(query) = self.0.query() else {
            return Ok(());
        };
        for (index, part) in query.split('&').enumerate() {
            f.write_str(if index == 0 { "?" } else { "&" })?;
            match part.split_once('=') {
                Some((name, _)) => write!(f, "{name}=…")?,
                None => f.write_str("…")?,
            }
        }
        Ok(())
    }
}

struct ShownHeaders<'a>(&'a http::HeaderMap);

impl fmt::Display for ShownHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            match value.to_str() {
                Ok(text) if !value.is_sensitive() && SHOWN.contains(&name.as_str()) => {
                    write!(f, "{name}: {text}")?;
                }
                _ => write!(f, "{name}: …")?,
            }
        }
        Ok(())
    }
}
