//! Values of the tests, and texts of requests and errors.

use std::error::Error as StdError;
use std::fmt::{Debug, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use eca_http::testing::{ManualTimer, ScriptedTransport};
use eca_http::{BodyLimit, HttpClient};
use eca_oauth::{
    AttestationCarrier, ChallengeProfile, ClientAttestationJwt, ClientId, ClientSecret,
    EndpointSource, Error, HeadlessClient, LoginField, LoginParameters, PkceVerifier, SiteUrl,
};

/// Part of every secret of these tests, so that a search finds a leak.
pub(crate) const LEAK: &str = "LEAK";

pub(crate) fn site() -> SiteUrl {
    "https://acme.my.site.com/portal".parse().unwrap()
}

pub(crate) fn client_id() -> ClientId {
    "3MVG9.example_Key".parse().unwrap()
}

pub(crate) fn client_secret() -> ClientSecret {
    ClientSecret::new("LEAK:secret+1").unwrap()
}

/// The verifier of RFC 7636 appendix B.
pub(crate) fn verifier() -> PkceVerifier {
    PkceVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap()
}

pub(crate) fn jwt() -> ClientAttestationJwt {
    ClientAttestationJwt::new("eyJhbGciOiJSUzI1NiJ9.eyJLEAK.c2ln").unwrap()
}

pub(crate) fn in_header() -> AttestationCarrier {
    AttestationCarrier::Header("OAuth-Client-Attestation".parse().unwrap())
}

pub(crate) fn in_form() -> AttestationCarrier {
    AttestationCarrier::FormFields {
        assertion: "client_assertion".parse().unwrap(),
        assertion_type: "client_assertion_type".parse().unwrap(),
        assertion_type_value: "urn:ietf:params:oauth:client-assertion-type:jwt-client-attestation"
            .to_owned(),
    }
}

pub(crate) fn profile(
    carrier: AttestationCarrier,
    first: impl IntoIterator<Item = LoginField>,
) -> ChallengeProfile {
    let endpoint = "https://acme.my.site.com/portal/made-up/challenge";
    ChallengeProfile::new(
        EndpointSource::At(endpoint.parse().unwrap()),
        carrier,
        LoginParameters::new(
            "username".parse().unwrap(),
            "password".parse().unwrap(),
            first,
        ),
    )
}

/// A client for the app of these tests. Its attestations have a running number, and its verifiers
/// are all the same.
pub(crate) fn headless(http: HttpClient, profile: ChallengeProfile) -> HeadlessClient {
    let count = AtomicU32::new(0);
    let attestations = move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        ClientAttestationJwt::new(format!("eyJ.LEAK.{number}"))
    };
    HeadlessClient::new(http, site(), profile, client_id(), client_secret())
        .attestation(attestations)
        .verifiers(|| Ok(verifier()))
}

/// A scripted org and a client for it.
pub(crate) fn world() -> (Arc<ScriptedTransport>, HttpClient) {
    let org = Arc::new(ScriptedTransport::new());
    let client = HttpClient::new(org.clone(), Arc::new(ManualTimer::new()));
    (org, client)
}

pub(crate) fn response(
    status: u16,
    content_type: &str,
    body: impl Into<Bytes>,
) -> http::Response<Bytes> {
    http::Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(body.into())
        .unwrap()
}

/// A request as text, with one parameter of a form per line.
pub(crate) fn shown(request: &http::Request<Bytes>) -> String {
    assert_eq!(BodyLimit::from_request(request), 1 << 20);
    let mut text = format!("{} {}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        let marked = if value.is_sensitive() {
            " (sensitive)"
        } else {
            ""
        };
        writeln!(text, "{name}: {}{marked}", value.to_str().unwrap()).unwrap();
    }
    let body = std::str::from_utf8(request.body()).unwrap();
    if !body.is_empty() {
        writeln!(text, "\n{}", body.replace('&', "\n&")).unwrap();
    }
    text
}

/// An error with all its causes.
pub(crate) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(text, ": {error}").unwrap();
        cause = error.source();
    }
    text
}

pub(crate) const METADATA: &str = r#"{"issuer":"https://acme.my.site.com/portal","authorization_challenge_endpoint":"https://acme.my.site.com/portal/made-up/challenge"}"#;
pub(crate) const TOKEN: &str =
    r#"{"access_token":"00D000000000001!LEAK","token_type":"Bearer","issued_at":"1732147200123"}"#;

pub(crate) fn json(status: u16, body: &str) -> http::Response<Bytes> {
    response(status, "application/json", body.to_owned())
}

/// A response as text.
pub(crate) fn shown_response(response: &http::Response<Bytes>) -> String {
    let mut text = format!("{}\n", response.status().as_u16());
    for (name, value) in response.headers() {
        writeln!(text, "{name}: {}", value.to_str().unwrap()).unwrap();
    }
    let body = std::str::from_utf8(response.body()).unwrap();
    if !body.is_empty() {
        writeln!(text, "\n{body}").unwrap();
    }
    text
}

/// The result of a parser, without secrets.
pub(crate) fn read<T: Debug>(result: &Result<T, Error>) -> String {
    let text = match result {
        Ok(value) => format!("{value:#?}"),
        Err(error) => format!("refused: {}", chain(error)),
    };
    assert!(!text.contains(LEAK), "{text}");
    text
}
