//! Checks that several `eca doctor` commands share.

use std::time::{Duration, SystemTime};

use eca_attest::{Severity, inspect};
use eca_http::{ClockSkew, HttpClient, Idempotency};
use eca_oauth::explain::Check;
use eca_oauth::{BearerAudience, HostKind, LoginUrl, OpenIdConfiguration};

use crate::auth::SigningKey;
use crate::commands::doctor::Finding;
use crate::files::certificates;

/// Clocks that differ by less do no harm: the JWT bearer flow allows three minutes (Salesforce
/// Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration").
const SKEW: Duration = Duration::from_mins(2);

/// The client's assertion, decoded from the JWT that would be sent.
pub(super) fn assertion(check: &'static str, signed: Result<&str, String>) -> Finding {
    let signed = match signed {
        Ok(signed) => signed,
        Err(error) => return Finding::failed(check, error, "use an RSA key"),
    };
    let decoded = match inspect(signed) {
        Ok(decoded) => decoded,
        Err(error) => return Finding::failed(check, error.to_string(), "report this as a bug"),
    };
    // Claims are shown one by one: the whole token would open the door.
    let claims = decoded.unverified_claims();
    let issuer = claims.issuer().ok().flatten().unwrap_or("(none)");
    let subject = claims.subject().ok().flatten().unwrap_or("(none)");
    let audience = claims.audiences().unwrap_or_default().join(" ");
    let life = match claims.expires_at() {
        Ok(Some(at)) => at
            .to_system_time()
            .duration_since(SystemTime::now())
            .unwrap_or_default(),
        _ => Duration::ZERO,
    };
    let algorithm = decoded.algorithm().unwrap_or("(none)");
    let detail = format!(
        "{algorithm}, iss {issuer}, sub {subject}, aud {audience}, valid for {} s",
        life.as_secs()
    );
    if algorithm == "RS256" && !life.is_zero() {
        Finding::ok(check, detail).answering(Check::Assertion)
    } else {
        Finding::failed(check, detail, "sign with an RSA key, and set the clock")
    }
}

/// Whether the key is that of the certificate.
pub(super) fn key(
    key: &SigningKey,
    certificate: Option<&eca_attest::Certificate>,
    named: &str,
) -> Finding {
    const CHECK: &str = "key matches certificate";
    let Some(certificate) = certificate else {
        return Finding::unknown(
            CHECK,
            "no certificate to compare with; name `certificate` in eca.toml",
        );
    };
    let public = key.private.public_key();
    let key = key.path.display();
    let concerns = certificate.check(Some(public), SystemTime::now());
    let bad = concerns.iter().find(|c| c.severity() == Severity::Error);
    match bad {
        Some(concern) => Finding::caused(CHECK, "key", format!("{key} and {named}: {concern}")),
        None => Finding::ok(CHECK, format!("{key} is the key of {named}"))
            .answering(Check::KeyMatchesCertificate),
    }
}

/// Reads a certificate that the configuration names beside a key, opened like the key.
pub(super) fn certificate(
    path: Option<&std::path::Path>,
    key: &SigningKey,
) -> Result<Option<eca_attest::Certificate>, crate::failure::Failure> {
    path.map(|path| certificates::certificate(path, &key.input_password))
        .transpose()
}

/// Whether `aud` fits the kind of host that answers for the org.
pub(super) fn audience(audience: &str, host: &LoginUrl) -> Finding {
    const CHECK: &str = "audience";
    let ok = || Finding::ok(CHECK, audience.to_owned()).answering(Check::Audience);
    let expected = match host.bearer_audience() {
        BearerAudience::LoginHost(expected) => expected,
        BearerAudience::Unknown => {
            return Finding::unknown(CHECK, "not checked for an embedded org");
        }
        _ => return ok(),
    };
    let detail = match audience.parse::<LoginUrl>().map(|url| url.kind()) {
        Ok(HostKind::Login) if audience != expected => {
            format!("{audience} for {}, not {expected}", host.host())
        }
        Ok(HostKind::Org) => format!("{audience} is a My Domain host, not {expected}"),
        _ => return ok(),
    };
    Finding::caused(CHECK, "audience", detail)
}

/// What kind of host it is.
pub(super) fn host(host: &LoginUrl) -> Finding {
    let detail = match host.kind() {
        HostKind::Login => "a login host that all orgs share",
        HostKind::Org => "an org's own host",
        HostKind::Site => "a site",
        HostKind::Loopback => "this machine",
        _ => "a custom domain: a site, or a mistake",
    };
    Finding::ok("host", format!("{} is {detail}", host.host()))
}

/// Whether the host answers, and how far the own clock is from its `Date`.
pub(super) async fn clock(http: &HttpClient, host: &LoginUrl) -> [Finding; 2] {
    let request = OpenIdConfiguration::request(host);
    match http.send(Idempotency::Idempotent, request).await {
        Ok(answer) => [
            Finding::ok("reachable", format!("{} answers", host.host())),
            skew(ClockSkew::of(answer.headers(), SystemTime::now())),
        ],
        Err(error) => [
            Finding::failed(
                "reachable",
                format!("{error}: {}", error.last),
                "check the host's name, the network and the proxy",
            ),
            Finding::unknown("clock", "no response to compare with"),
        ],
    }
}

fn skew(skew: Option<ClockSkew>) -> Finding {
    const CHECK: &str = "clock";
    let Some(skew) = skew else {
        return Finding::unknown(CHECK, "the response has no Date header");
    };
    let detail = format!("{skew} of the org's");
    if skew.amount() > SKEW {
        Finding::caused(CHECK, "expiry", detail)
    } else {
        Finding::ok(CHECK, detail).answering(Check::Clock)
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn audiences() {
        for (aud, url, expected) in [
            (
                "https://login.salesforce.com",
                "https://acme.my.salesforce.com",
                State::Ok,
            ),
            (
                "https://login.salesforce.com",
                "https://acme--x.sandbox.my.salesforce.com",
                State::Failed,
            ),
            (
                "https://test.salesforce.com",
                "https://acme--x.sandbox.my.salesforce.com",
                State::Ok,
            ),
            (
                "https://test.salesforce.com",
                "https://login.salesforce.com",
                State::Failed,
            ),
            (
                "https://acme.my.salesforce.com",
                "https://acme.my.salesforce.com",
                State::Failed,
            ),
            (
                "https://acme.my.site.com/x",
                "https://acme.my.salesforce.com",
                State::Ok,
            ),
            (
                "https://anything.example",
                "http://127.0.0.1:1",
                State::Unknown,
            ),
        ] {
            assert_eq!(
                audience(aud, &url.parse().unwrap()).state,
                expected,
                "{aud} {url}"
            );
        }
    }

    #[test]
    fn clocks() {
        assert_eq!(skew(None).state, State::Unknown);
        for (seconds, expected) in [(0, State::Ok), (120, State::Ok), (121, State::Failed)] {
            let amount = Duration::from_secs(seconds);
            for made in [ClockSkew::Ahead(amount), ClockSkew::Behind(amount)] {
                assert_eq!(skew(Some(made)).state, expected, "{made}");
            }
        }
    }
}
