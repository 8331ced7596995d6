//! The hosts that the org answers for.
//!
//! A page of a foreign site can make a browser send requests to this machine under the name of
//! that site (DNS rebinding). The org answers only under names that no such site has.

use std::net::IpAddr;

use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri, Version, header};
use url::Host;

use crate::kind::LOGIN_HOSTS;
use crate::server::call::{Reply, rest_error};

/// The end of the login host of an org with a My Domain. Some clients log in nowhere else, and only
/// Salesforce can give such a name another address.
const MY_DOMAIN: &str = ".my.salesforce.com";

/// The org's own name, and the address that it listens on.
#[derive(Debug)]
pub(crate) struct OwnHosts(Vec<Host>);

impl OwnHosts {
    /// `host` is the host of the org's URL.
    pub(crate) fn new(host: &str, address: IpAddr) -> Self {
        let address = match address {
            IpAddr::V4(address) => Host::Ipv4(address),
            IpAddr::V6(address) => Host::Ipv6(address),
        };
        Self(Host::parse(host).into_iter().chain([address]).collect())
    }

    /// Whether the org answers for this `host` or `host:port`: its own names, loopback (RFC 6761
    /// section 6.3), the login hosts and every My Domain. Ports do not matter: a tunnel or a
    /// container has its own.
    fn include(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else {
            return false;
        };
        if authority.as_str().contains('@') {
            return false;
        }
        let Ok(host) = Host::parse(authority.host().trim_end_matches('.')) else {
            return false;
        };
        if self.0.contains(&host) {
            return true;
        }
        match host {
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => IpAddr::V6(address).to_canonical().is_loopback(),
            Host::Domain(name) => {
                name == "localhost"
                    || name.ends_with(".localhost")
                    || LOGIN_HOSTS.contains(&name.as_str())
                    || name.ends_with(MY_DOMAIN)
            }
        }
    }

    /// The answer to a request that does not name one of these hosts (RFC 9110 section 7.4, RFC
    /// 9112 section 3.2).
    pub(super) fn refuse(&self, version: Version, uri: &Uri, headers: &HeaderMap) -> Option<Reply> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let is_included = match (hosts.next(), hosts.next()) {
            (None, _) => version < Version::HTTP_11,
            (Some(host), None) => host.to_str().is_ok_and(|host| self.include(host)),
            (Some(_), Some(_)) => false,
        };
        if is_included
            && uri
                .authority()
                .is_none_or(|authority| self.include(authority.as_str()))
        {
            return None;
        }
        Some(rest_error(
            StatusCode::MISDIRECTED_REQUEST,
            "MISDIRECTED_REQUEST",
            &format!(
                "This org answers for {} and loopback names only; --host gives it another name",
                self.0.first().map(ToString::to_string).unwrap_or_default()
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_names_are_not_included() {
        let local = OwnHosts::new("127.0.0.1", [127, 0, 0, 1].into());
        let named = OwnHosts::new("org.example.com", [192, 0, 2, 7].into());
        for (authority, by_local, by_named) in [
            ("127.0.0.1:7000", true, true),
            ("127.0.0.1", true, true),
            ("127.8.8.8:1", true, true),
            ("localhost:7000", true, true),
            ("LOCALHOST", true, true),
            ("localhost.", true, true),
            ("acme.localhost:7000", true, true),
            ("[::1]:7000", true, true),
            ("[::ffff:127.0.0.1]", true, true),
            ("login.salesforce.com", true, true),
            ("Test.Salesforce.com:443", true, true),
            ("acme.my.salesforce.com", true, true),
            ("acme.my.salesforce.com.evil.example", false, false),
            ("my.salesforce.com", false, false),
            ("org.example.com:8443", false, true),
            ("ORG.example.com.", false, true),
            ("192.0.2.7:8443", false, true),
            ("evil.example", false, false),
            ("127.0.0.1.evil.example", false, false),
            ("localhost.evil.example", false, false),
            ("evil-localhost", false, false),
            ("login.salesforce.com.evil.example", false, false),
            ("evil.login.salesforce.com", false, false),
            ("x.org.example.com", false, false),
            ("192.0.2.8", false, false),
            ("[2001:db8::1]", false, false),
            ("[::ffff:192.0.2.8]", false, false),
            ("localhost@evil.example", false, false),
            ("evil.example@localhost", false, false),
            ("localhost, evil.example", false, false),
            ("0.0.0.0", false, false),
            ("", false, false),
            (":7000", false, false),
        ] {
            assert_eq!(local.include(authority), by_local, "{authority}");
            assert_eq!(named.include(authority), by_named, "{authority}");
        }
    }
}
