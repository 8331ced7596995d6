//! Tries an object storage: `object_storage s3://BUCKET/PREFIX`, with the environment variables of
//! that storage. Conditions, locks, commits and races are checked. With `--deaf` the conditions are
//! taken out of the requests on their way, and the storage has to be refused.
//!
//! Without arguments it says so and does nothing: it needs a storage.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use eca_apply::{
    Applied, Backend as _, BackendErrorKind, Holder, ObjectStorage, OrgId, StateError, StateStore,
    StateUrl,
};
use eca_http::{BoxFuture, Limits, ReqwestTransport, Transport, TransportError};
use eca_model::Project;
use http::header::{IF_MATCH, IF_NONE_MATCH};

/// A way to the storage on which conditions get lost.
struct Deaf(Arc<dyn Transport>);

impl Transport for Deaf {
    fn send(
        &self,
        mut request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        request.headers_mut().remove(IF_MATCH);
        request.headers_mut().remove(IF_NONE_MATCH);
        self.0.send(request)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (url, is_deaf) = match arguments.as_slice() {
        [] => {
            println!("usage: object_storage s3://BUCKET/PREFIX [--deaf]");
            return Ok(());
        }
        [url] => (url, false),
        [url, flag] if flag == "--deaf" => (url, true),
        _ => return Err("usage: object_storage s3://BUCKET/PREFIX [--deaf]".into()),
    };
    let StateUrl::Bucket(bucket) = url.parse()? else {
        return Err("it is not the url of a bucket".into());
    };
    let mut transport: Arc<dyn Transport> =
        Arc::new(ReqwestTransport::new("object_storage", Limits::default())?);
    if is_deaf {
        transport = Arc::new(Deaf(transport));
    }
    let storage = ObjectStorage::new(bucket, std::env::vars(), transport)?;
    if is_deaf {
        return match storage.check().await {
            Err(error) if error.kind == BackendErrorKind::Conditions => {
                println!("refused: {}", error.source);
                Ok(())
            }
            other => Err(format!("not refused: {other:?}").into()),
        };
    }
    storage.check().await?;
    println!("conditions hold");
    try_state(Arc::new(StateStore::new(storage))).await
}

async fn try_state(store: Arc<StateStore<ObjectStorage>>) -> Result<(), Box<dyn Error>> {
    let org: OrgId = "00D000000000001".parse()?;
    let now = SystemTime::now();
    let jobs: Vec<_> = (0..16)
        .map(|job| {
            let (store, org) = (Arc::clone(&store), org.clone());
            tokio::spawn(async move { store.lock(&org, holder(job), now).await })
        })
        .collect();
    let (mut locks, mut refused) = (Vec::new(), 0);
    for job in jobs {
        match job.await? {
            Ok(lock) => locks.push(lock),
            Err(StateError::Locked { .. }) => refused += 1,
            Err(other) => return Err(other.into()),
        }
    }
    let mut lock = locks.pop().ok_or("nobody got the lock")?;
    if !locks.is_empty() || refused != 15 {
        return Err(format!("{} more got the lock", locks.len()).into());
    }
    println!("one of 16 got the lock, {}", lock.holder());

    let stale = store.load(&org).await?;
    let mut loaded = stale.clone();
    for _ in 0..3 {
        let apps = BTreeMap::from([("Shop".to_owned(), "shop".to_owned())]);
        let applied = Applied::new(Project::default().snapshot(), apps);
        loaded = store.commit(&mut lock, &loaded, applied, now).await?;
    }
    if store.load(&org).await? != loaded || store.orgs().await? != [org.clone()] {
        return Err("what was committed is not there".into());
    }
    let late = store
        .commit(&mut lock, &stale, Applied::default(), now)
        .await;
    if !matches!(late, Err(StateError::Moved { .. })) {
        return Err(format!("a stale commit: {late:?}").into());
    }
    println!("three commits, and a stale one refused");

    store.forget(&lock, loaded).await?;
    store.unlock(lock).await?;
    if store.held(&org).await?.is_some() || !store.orgs().await?.is_empty() {
        return Err("something is left".into());
    }
    println!("forgotten and unlocked");
    Ok(())
}

fn holder(job: u32) -> Holder {
    Holder {
        id: job.to_string(),
        who: format!("job {job}"),
        host: "this machine".to_owned(),
        command: "object_storage".to_owned(),
    }
}
