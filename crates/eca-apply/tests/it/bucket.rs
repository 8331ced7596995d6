//! A storage that speaks the S3 protocol, as a transport: what state needs of it, and how it may be
//! wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use eca_apply::{Bucket, ObjectStorage, StateUrl};
use eca_http::{BoxFuture, Transport, TransportError, TransportErrorKind};
use http::{Method, Request, Response, StatusCode};

/// What the storage does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Right,
    /// `If-None-Match` means nothing.
    OverwritesOnCreate,
    /// `If-Match` means nothing.
    OverwritesOnUpdate,
    Answers(u16, &'static str),
    /// A redirect to a place that it does not name.
    OtherRegion,
    Unreachable,
    /// The answer to every seventh write is lost, after the write.
    LosesAnswers,
}

pub(crate) struct FakeS3 {
    behaviour: Behaviour,
    objects: Mutex<Objects>,
}

#[derive(Default)]
struct Objects {
    by_key: BTreeMap<String, (Vec<u8>, u64)>,
    writes: u64,
}

impl FakeS3 {
    pub(crate) fn new(behaviour: Behaviour) -> Arc<Self> {
        Arc::new(Self {
            behaviour,
            objects: Mutex::default(),
        })
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.objects
            .lock()
            .unwrap()
            .by_key
            .keys()
            .cloned()
            .collect()
    }

    fn answer(&self, request: &Request<bytes::Bytes>) -> Result<Response<Vec<u8>>, ()> {
        let mut objects = self.objects.lock().unwrap();
        let header = |name: &str| {
            let value = request.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        assert!(header("authorization").unwrap().contains("AKIAEXAMPLE"));
        assert!(request.uri().host().unwrap().contains("eu-central-1"));
        let key = request.uri().path().trim_start_matches("/acme-state");
        let key = key.trim_start_matches('/').to_owned();
        match *request.method() {
            Method::GET if key.is_empty() => Ok(list(&objects, request.uri().query().unwrap())),
            Method::GET => Ok(match objects.by_key.get(&key) {
                Some((content, version)) => response(200, Some(*version), content.clone()),
                None => error(404, "NoSuchKey"),
            }),
            Method::DELETE => {
                objects.by_key.remove(&key);
                Ok(response(204, None, Vec::new()))
            }
            Method::PUT => {
                let before = objects.by_key.get(&key).map(|(_, version)| *version);
                let exists = before.is_some() && self.behaviour != Behaviour::OverwritesOnCreate;
                if header("if-none-match").is_some() && exists {
                    return Ok(error(412, "PreconditionFailed"));
                }
                let is_other = |tag: String| before.map(e_tag) != Some(tag);
                if header("if-match").is_some_and(is_other)
                    && self.behaviour != Behaviour::OverwritesOnUpdate
                {
                    return Ok(error(412, "PreconditionFailed"));
                }
                objects.writes += 1;
                let version = objects.writes;
                let content = request.body().to_vec();
                objects.by_key.insert(key, (content, version));
                if version.is_multiple_of(7) && self.behaviour == Behaviour::LosesAnswers {
                    return Ok(error(500, "InternalError"));
                }
                Ok(response(200, Some(version), Vec::new()))
            }
            _ => Err(()),
        }
    }
}

fn e_tag(version: u64) -> String {
    format!("\"{version:032x}\"")
}

fn response(status: u16, version: Option<u64>, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("last-modified", "Tue, 01 Dec 2026 12:00:00 GMT")
        .header("content-length", body.len());
    if let Some(version) = version {
        response = response.header("etag", e_tag(version));
    }
    response.body(body).unwrap()
}

fn error(status: u16, code: &str) -> Response<Vec<u8>> {
    let body = format!("<Error><Code>{code}</Code><Message>AKIAEXAMPLE hunter2</Message></Error>");
    response(status, None, body.into_bytes())
}

/// `ListObjectsV2` with a delimiter.
fn list(objects: &Objects, query: &str) -> Response<Vec<u8>> {
    let prefix = query
        .split('&')
        .find_map(|part| part.strip_prefix("prefix="));
    let prefix = prefix.unwrap_or_default().replace("%2F", "/");
    let below = objects
        .by_key
        .keys()
        .filter_map(|key| key.strip_prefix(&*prefix));
    let mut folders: Vec<_> = below
        .filter_map(|key| key.split_once('/'))
        .map(|(f, _)| f)
        .collect();
    folders.dedup();
    let mut xml = "<ListBucketResult><IsTruncated>false</IsTruncated>".to_owned();
    for folder in folders {
        write!(
            xml,
            "<CommonPrefixes><Prefix>{prefix}{folder}/</Prefix></CommonPrefixes>"
        )
        .unwrap();
    }
    response(200, None, (xml + "</ListBucketResult>").into_bytes())
}

impl Transport for FakeS3 {
    fn send(
        &self,
        request: Request<bytes::Bytes>,
    ) -> BoxFuture<'_, Result<Response<bytes::Bytes>, TransportError>> {
        let failed = |kind| TransportError::new(kind, request.method(), request.uri());
        let answer = match self.behaviour {
            Behaviour::Unreachable => Err(failed(TransportErrorKind::Tls)),
            Behaviour::Answers(status, code) => Ok(error(status, code)),
            Behaviour::OtherRegion => Ok(response(301, None, Vec::new())),
            _ => self
                .answer(&request)
                .map_err(|()| failed(TransportErrorKind::Other)),
        };
        Box::pin(std::future::ready(
            answer.map(|answer| answer.map(Into::into)),
        ))
    }
}

pub(crate) fn bucket() -> Bucket {
    match "s3://acme-state/eca/prod".parse().unwrap() {
        StateUrl::Bucket(bucket) => bucket,
        other => unreachable!("{other}"),
    }
}

pub(crate) fn variables() -> Vec<(String, String)> {
    let variables = [
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_REGION", "eu-central-1"),
        ("HOME", "/nowhere"),
    ];
    variables
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

pub(crate) fn storage(transport: &Arc<FakeS3>) -> ObjectStorage {
    let transport = Arc::clone(transport);
    ObjectStorage::new(bucket(), variables(), transport).unwrap()
}
