//! Rotation of refresh tokens: a rotated token is stored before the access token is used.

use std::sync::{Arc, Mutex};

use eca_http::testing::{ManualTimer, ScriptedTransport};
use eca_http::{BoxFuture, HttpClient, TransportErrorKind};
use eca_oauth::{
    ClientAuthentication, ClientCredential, Error, InstanceUrl, MemoryRefreshStore, RefreshStore,
    RefreshStoreError, RefreshToken, RefreshTokenGuard, RefreshTokens, TokenSource,
};
use futures_util::future::join_all;
use url::form_urlencoded;

use crate::support::{LEAK, chain, client_id, client_secret};

/// A store that records its calls.
struct RecordingStore {
    inner: MemoryRefreshStore,
    events: Arc<Mutex<Vec<String>>>,
    fails: bool,
}

struct RecordingGuard<'a> {
    inner: Box<dyn RefreshTokenGuard + 'a>,
    events: Arc<Mutex<Vec<String>>>,
    fails: bool,
}

impl RefreshStore for RecordingStore {
    fn lock(&self) -> BoxFuture<'_, Result<Box<dyn RefreshTokenGuard + '_>, RefreshStoreError>> {
        Box::pin(async {
            let inner = self.inner.lock().await?;
            self.events.lock().unwrap().push("lock".to_owned());
            let guard: Box<dyn RefreshTokenGuard> = Box::new(RecordingGuard {
                inner,
                events: self.events.clone(),
                fails: self.fails,
            });
            Ok(guard)
        })
    }
}

impl RefreshTokenGuard for RecordingGuard<'_> {
    fn token(&self) -> &RefreshToken {
        self.inner.token()
    }

    fn replace(&mut self, token: RefreshToken) -> BoxFuture<'_, Result<(), RefreshStoreError>> {
        Box::pin(async {
            // As a database does, it takes its time.
            tokio::task::yield_now().await;
            if self.fails {
                return Err(RefreshStoreError::new("the disk is full"));
            }
            let event = format!("store {}", token.expose_secret());
            self.inner.replace(token).await?;
            self.events.lock().unwrap().push(event);
            Ok(())
        })
    }
}

impl Drop for RecordingGuard<'_> {
    fn drop(&mut self) {
        self.events.lock().unwrap().push("unlock".to_owned());
    }
}

struct World {
    org: Arc<ScriptedTransport>,
    events: Arc<Mutex<Vec<String>>>,
    tokens: RefreshTokens,
}

fn world(fails: bool) -> World {
    let events = Arc::new(Mutex::new(Vec::new()));
    let org = Arc::new(ScriptedTransport::new());
    let store = RecordingStore {
        inner: MemoryRefreshStore::new(RefreshToken::new("LEAK-r0").unwrap()),
        events: events.clone(),
        fails,
    };
    let instance: InstanceUrl = "https://acme.my.salesforce.com".parse().unwrap();
    let tokens = RefreshTokens::new(
        HttpClient::new(org.clone(), Arc::new(ManualTimer::new())),
        instance.token_endpoint(),
        client_id(),
        ClientCredential::Secret(client_secret(), ClientAuthentication::Basic),
        Arc::new(store),
    );
    assert!(!format!("{tokens:?}").contains(LEAK));
    World {
        org,
        events,
        tokens,
    }
}

fn sent_tokens(org: &ScriptedTransport) -> Vec<String> {
    let requests = org.requests();
    let tokens = requests.iter().map(|request| {
        let mut fields = form_urlencoded::parse(request.body());
        let token = fields.find(|(name, _)| name == "refresh_token");
        token.unwrap().1.into_owned()
    });
    tokens.collect()
}

#[tokio::test]
async fn the_rotated_token_is_stored_before_the_access_token_is_returned() {
    let World {
        org,
        events,
        tokens,
    } = world(false);
    org.json(200, r#"{"access_token":"a1","refresh_token":"LEAK-r1"}"#)
        .json(200, r#"{"access_token":"a2"}"#)
        .json(200, r#"{"access_token":"a3","refresh_token":"LEAK-r1"}"#);
    for expected in ["a1", "a2", "a3"] {
        let token = tokens.access_token().await.unwrap();
        events
            .lock()
            .unwrap()
            .push(format!("use {}", token.expose_secret()));
        assert_eq!(token.expose_secret(), expected);
        tokens.invalidate(&token);
    }
    assert_eq!(
        *events.lock().unwrap(),
        [
            "lock",
            "store LEAK-r1",
            "unlock",
            "use a1",
            "lock",
            "unlock",
            "use a2",
            "lock",
            "unlock",
            "use a3"
        ]
    );
    assert_eq!(sent_tokens(&org), ["LEAK-r0", "LEAK-r1", "LEAK-r1"]);
}

#[tokio::test]
async fn concurrent_callers_refresh_once() {
    let World { org, tokens, .. } = world(false);
    org.json(200, r#"{"access_token":"a1","refresh_token":"LEAK-r1"}"#);
    let many = join_all((0..20).map(|_| tokens.access_token())).await;
    assert!(
        many.iter()
            .all(|t| t.as_ref().unwrap().expose_secret() == "a1")
    );
    assert_eq!(org.requests().len(), 1);
}

#[tokio::test]
async fn a_token_that_could_not_be_stored_is_not_used() {
    let World { org, tokens, .. } = world(true);
    org.json(200, r#"{"access_token":"a1","refresh_token":"LEAK-r1"}"#);
    let error = tokens.access_token().await.unwrap_err();
    assert!(matches!(*error, Error::Store { lost: true, .. }));
    assert_eq!(
        chain(&error),
        "refresh token grant at acme.my.salesforce.com could not use the refresh token store: \
         the disk is full"
    );
}

#[tokio::test]
async fn a_refusal_does_not_change_the_store_and_nothing_is_retried() {
    let World {
        org,
        events,
        tokens,
    } = world(false);
    org.json(
        400,
        r#"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#,
    );
    assert!(tokens.access_token().await.unwrap_err().is_auth());
    org.fail(TransportErrorKind::Reset);
    assert!(tokens.access_token().await.is_err());
    assert_eq!(org.requests().len(), 2);
    assert!(
        !events
            .lock()
            .unwrap()
            .iter()
            .any(|e| e.starts_with("store"))
    );
}
