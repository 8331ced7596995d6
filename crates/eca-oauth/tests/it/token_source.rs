//! Caching and renewal of access tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use eca_http::testing::{ManualTimer, ScriptedTransport};
use eca_http::{BoxFuture, HttpClient, Transport, TransportError, TransportErrorKind};
use eca_oauth::{
    AccessToken, AssertionJwt, ClientAuthentication, ClientCredential, ClientCredentials, Error,
    ExchangedTokens, InstanceUrl, Instances, InvalidSecret, JwtBearer, MemoryRefreshStore,
    RefreshToken, RefreshTokens, StaticToken, SubjectToken, SubjectTokenType, TokenSource,
};
use futures_util::FutureExt;
use futures_util::future::join_all;

use crate::support::{client_id, client_secret};

/// Responds only when polled a second time, as a network does.
struct Slow(Arc<ScriptedTransport>);

impl Transport for Slow {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async {
            tokio::task::yield_now().await;
            self.0.send(request).await
        })
    }
}

struct World {
    org: Arc<ScriptedTransport>,
    timer: Arc<ManualTimer>,
    tokens: ClientCredentials,
}

fn world(bodies: &[&'static str]) -> World {
    let org = Arc::new(ScriptedTransport::new());
    for body in bodies {
        org.json(200, *body);
    }
    let timer = Arc::new(ManualTimer::new());
    let http = HttpClient::new(Arc::new(Slow(org.clone())), timer.clone());
    let instance: InstanceUrl = "https://acme.my.salesforce.com".parse().unwrap();
    let credential = ClientCredential::Secret(client_secret(), ClientAuthentication::Basic);
    let tokens =
        ClientCredentials::new(http, instance.token_endpoint(), client_id(), credential).unwrap();
    World { org, timer, tokens }
}

const ONE: &str = r#"{"access_token":"one"}"#;
const TWO: &str = r#"{"access_token":"two"}"#;

async fn token(source: &dyn TokenSource) -> Arc<AccessToken> {
    source.access_token().await.unwrap()
}

#[tokio::test]
async fn one_request_for_many_callers() {
    let World { org, tokens, .. } = world(&[ONE]);
    let many = join_all((0..10).map(|_| token(&tokens))).await;
    assert!(many.iter().all(|token| token.expose_secret() == "one"));
    assert_eq!(org.requests().len(), 1);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let World { org, tokens, .. } = world(&[ONE, TWO]);
    let old = token(&tokens).await;
    tokens.invalidate(&old);
    assert_eq!(token(&tokens).await.expose_secret(), "two");
    // Another caller reports the old token late.
    tokens.invalidate(&old);
    assert_eq!(token(&tokens).await.expose_secret(), "two");
    assert_eq!(org.requests().len(), 2);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires() {
    let World { org, timer, tokens } = world(&[r#"{"access_token":"one","expires_in":600}"#, TWO]);
    token(&tokens).await;
    timer.advance(Duration::from_secs(539));
    assert_eq!(token(&tokens).await.expose_secret(), "one");
    timer.advance(Duration::from_secs(1));
    assert_eq!(token(&tokens).await.expose_secret(), "two");
    assert_eq!(org.requests().len(), 2);
}

#[tokio::test]
async fn failures_are_not_cached_and_transient_ones_are_retried() {
    let World { org, tokens, .. } = world(&[]);
    org.fail(TransportErrorKind::Reset);
    org.json(400, r#"{"error":"invalid_client_id"}"#);
    assert!(tokens.access_token().await.unwrap_err().is_auth());
    org.json(200, ONE);
    assert_eq!(token(&tokens).await.expose_secret(), "one");
}

#[tokio::test]
async fn all_who_wait_for_a_request_get_its_one_failure() {
    let World { org, tokens, .. } = world(&[]);
    for round in 1..=2 {
        org.json(400, r#"{"error":"invalid_client"}"#);
        let many = join_all((0..10).map(|_| tokens.access_token())).await;
        let errors: Vec<_> = many.into_iter().map(Result::unwrap_err).collect();
        assert!(errors.iter().all(|error| Arc::ptr_eq(error, &errors[0])));
        assert_eq!(org.requests().len(), round, "the next burst tries anew");
    }
    // Nobody waits for a request that was dropped: the next in line sends its own.
    org.json(200, ONE);
    let (mut dropped, waiting) = (tokens.access_token(), tokens.access_token());
    assert!((&mut dropped).now_or_never().is_none());
    drop(dropped);
    assert_eq!(waiting.await.unwrap().expose_secret(), "one");
}

#[tokio::test]
async fn a_dropped_caller_unblocks_the_next() {
    let World { org, tokens, .. } = world(&[ONE]);
    let mut dropped = tokens.access_token();
    let mut waiting = tokens.access_token();
    assert!((&mut dropped).now_or_never().is_none());
    assert!((&mut waiting).now_or_never().is_none());
    assert_eq!(org.requests().len(), 0);
    drop(dropped);
    assert_eq!(waiting.await.unwrap().expose_secret(), "one");
    assert_eq!(org.requests().len(), 1);
}

#[tokio::test]
async fn a_static_token_is_valid_until_refused() {
    let source = StaticToken::new(AccessToken::new("given").unwrap());
    let given = token(&source).await;
    source.invalidate(&Arc::new(AccessToken::new("given").unwrap()));
    assert_eq!(token(&source).await.expose_secret(), "given");
    source.invalidate(&given);
    let error = source.access_token().await.unwrap_err();
    assert!(matches!(*error, Error::TokenRefused));
}

/// A source of numbered texts.
fn counted<T>(
    make: impl Fn(&str) -> Result<T, InvalidSecret> + Send + Sync,
) -> impl Fn() -> Result<T, InvalidSecret> + Send + Sync {
    let calls = AtomicUsize::new(0);
    move || make(&format!("LEAK-{}", calls.fetch_add(1, Ordering::Relaxed)))
}

#[tokio::test]
async fn a_signed_assertion_is_made_for_each_request_and_sent_once() {
    let org = Arc::new(ScriptedTransport::new());
    org.fail(TransportErrorKind::Connect);
    org.json(200, ONE).fail(TransportErrorKind::Reset);
    let http = HttpClient::new(org.clone(), Arc::new(ManualTimer::new()));
    let instance: InstanceUrl = "https://acme.my.salesforce.com".parse().unwrap();
    let source = counted(|text: &str| AssertionJwt::new(text));
    let tokens = ClientCredentials::new(
        http,
        instance.token_endpoint(),
        client_id(),
        ClientCredential::Assertion(Arc::new(source)),
    )
    .unwrap();
    let one = token(&tokens).await;
    tokens.invalidate(&one);
    assert!(tokens.access_token().await.is_err());
    let bodies: Vec<_> = org.requests().into_iter().map(|r| text(&r)).collect();
    assert_eq!(bodies.len(), 3, "only what was not sent is retried");
    assert!(bodies[0].ends_with("client_assertion=LEAK-0") && bodies[0] == bodies[1]);
    assert!(bodies[2].ends_with("client_assertion=LEAK-1"));
}

#[tokio::test]
async fn each_exchange_has_its_own_subject_token() {
    let org = Arc::new(ScriptedTransport::new());
    org.json(200, r#"{"access_token":"one","expires_in":600}"#)
        .json(200, TWO);
    let timer = Arc::new(ManualTimer::new());
    let http = HttpClient::new(Arc::new(Slow(org.clone())), timer.clone());
    let instance: InstanceUrl = "https://acme.my.salesforce.com".parse().unwrap();
    let subject = counted(|text: &str| SubjectToken::new(text));
    let tokens = ExchangedTokens::new(
        http.clone(),
        instance.token_endpoint(),
        client_id(),
        ClientCredential::Public,
        Arc::new(subject),
        SubjectTokenType::IdToken,
    )
    .unwrap()
    .with_handler("Acme_Handler")
    .with_scope("api".parse().unwrap());
    let many = join_all((0..10).map(|_| token(&tokens))).await;
    assert!(many.iter().all(|token| token.expose_secret() == "one"));
    timer.advance(Duration::from_mins(9));
    assert_eq!(token(&tokens).await.expose_secret(), "two");
    let requests = org.requests();
    assert_eq!(requests.len(), 2);
    for (number, request) in requests.iter().enumerate() {
        let body = text(request);
        let subject = format!("subject_token=LEAK-{number}&");
        assert!(body.contains(&subject), "{body}");
        assert!(
            body.contains("token_handler=Acme_Handler&scope=api&"),
            "{body}"
        );
    }

    let none = || SubjectToken::new("");
    let tokens = ExchangedTokens::new(
        http,
        instance.token_endpoint(),
        client_id(),
        ClientCredential::Public,
        Arc::new(none),
        SubjectTokenType::Jwt,
    );
    let error = tokens.unwrap().access_token().await.unwrap_err();
    assert!(matches!(*error, Error::SubjectToken { .. }) && error.is_auth());
    assert_eq!(org.requests().len(), 2);
}

fn text(request: &http::Request<Bytes>) -> String {
    String::from_utf8(request.body().to_vec()).unwrap()
}

#[tokio::test]
async fn every_source_refuses_the_token_of_another_instance() {
    let instance = |text: &str| text.parse::<InstanceUrl>().unwrap();
    let (acme, other) = (
        instance("https://acme.my.salesforce.com"),
        instance("https://other.my.salesforce.com"),
    );
    for (body, expected) in [
        (
            r#"{"access_token":"x","instance_url":"https://acme.my.salesforce.com"}"#,
            true,
        ),
        (
            r#"{"access_token":"x","instance_url":"https://ACME.my.salesforce.com:443/"}"#,
            true,
        ),
        (r#"{"access_token":"x"}"#, true),
        (
            r#"{"access_token":"x","instance_url":"https://other.my.salesforce.com"}"#,
            false,
        ),
        (
            r#"{"access_token":"x","instance_url":"https://acme.my.salesforce.com:8443"}"#,
            false,
        ),
    ] {
        let org = Arc::new(ScriptedTransport::new());
        let http = HttpClient::new(org.clone(), Arc::new(ManualTimer::new()));
        let endpoint = acme.token_endpoint();
        let secret = || ClientCredential::Secret(client_secret(), ClientAuthentication::Basic);
        let instances = || Instances::new(acme.clone());
        let assertions = || AssertionJwt::new("a.b.c");
        let store = Arc::new(MemoryRefreshStore::new(RefreshToken::new("r").unwrap()));
        let sources: [Box<dyn TokenSource>; 3] = [
            Box::new(
                ClientCredentials::new(http.clone(), endpoint.clone(), client_id(), secret())
                    .unwrap()
                    .for_instances(instances()),
            ),
            Box::new(
                JwtBearer::new(http.clone(), endpoint.clone(), Arc::new(assertions))
                    .for_instances(instances()),
            ),
            Box::new(
                RefreshTokens::new(http.clone(), endpoint.clone(), client_id(), secret(), store)
                    .for_instances(instances()),
            ),
        ];
        for source in sources {
            org.json(200, body);
            let token = source.access_token().await;
            assert_eq!(token.is_ok(), expected, "{body}");
            if let Err(error) = token {
                assert!(matches!(*error, Error::OtherInstance { .. }), "{error}");
                assert!(error.is_auth());
            }
        }
        let renamed = instances().or(other.clone());
        assert!(renamed.check(&other).is_ok());
    }
}

/// Larger ones are not read.
#[tokio::test]
async fn a_response_has_at_most_a_mebibyte() {
    let World { org, tokens, .. } = world(&[]);
    let body = |length: usize| {
        let rest = length - r#"{"access_token":"one","x":""}"#.len();
        format!(r#"{{"access_token":"one","x":"{}"}}"#, "x".repeat(rest))
    };
    org.json(200, body((1 << 20) + 1));
    let error = tokens.access_token().await.unwrap_err();
    let Error::Transport { source, .. } = &*error else {
        panic!("{error:?}")
    };
    let kind = TransportErrorKind::BodyTooLarge(1 << 20);
    assert_eq!(source.last.kind(), kind);
    org.json(200, body(1 << 20));
    assert_eq!(token(&tokens).await.expose_secret(), "one");
}
