//! Objects in S3, Azure Blob Storage or Google Cloud Storage.

mod connector;
mod problem;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eca_http::Transport;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{
    BackoffConfig, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, PutResult,
    RetryConfig, UpdateVersion,
};

use crate::state::backend::{Backend, BackendError, ETag, Put};
use crate::state::object_storage::connector::Connector;
use crate::state::object_storage::problem::{failure, ignores_conditions, misconfigured};
use crate::state::url::{Bucket, Provider};

/// Objects in a bucket, below a prefix.
///
/// Locks and commits need a storage that refuses a write whose condition (`If-None-Match`,
/// `If-Match`) does not hold. [`Backend::check`] finds one that does not.
///
/// A storage cannot remove exactly one version, so a removed object stays behind as one without
/// content.
#[derive(Debug)]
pub struct ObjectStorage {
    bucket: Bucket,
    store: Box<dyn ObjectStore>,
    is_checked: AtomicBool,
}

/// A job that waits for a lock asks again itself; a person waits for the others.
const RETRIES: usize = 3;
const RETRY_TIME: std::time::Duration = std::time::Duration::from_secs(30);

impl ObjectStorage {
    /// The objects of a bucket, with credentials from environment variables (`AWS_*`, `AZURE_*`,
    /// `GOOGLE_*`), which the caller hands in. Nothing is sent yet.
    ///
    /// # Errors
    /// When variables are missing or contradict each other.
    pub fn new(
        bucket: Bucket,
        variables: impl IntoIterator<Item = (String, String)>,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, BackendError> {
        let connector = Connector::new(transport);
        let variables: Vec<_> = variables.into_iter().collect();
        let has = |name: &str| {
            let mut variables = variables.iter();
            variables.any(|(key, value)| key == name && !value.is_empty())
        };
        if let Some(missing) = missing(bucket.provider, has) {
            return Err(misconfigured(&bucket, missing));
        }
        let retry = RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: RETRIES,
            retry_timeout: RETRY_TIME,
        };
        let given = variables.into_iter().filter(|(_, value)| !value.is_empty());
        let given = given.map(|(name, value)| (name.to_ascii_lowercase(), value));
        let store: Result<Box<dyn ObjectStore>, _> = match bucket.provider {
            Provider::S3 => {
                let mut builder = AmazonS3Builder::new();
                for (name, value) in given.filter(|(name, _)| name.starts_with("aws_")) {
                    if let Ok(key) = name.parse() {
                        builder = builder.with_config(key, value);
                    }
                }
                let builder = builder.with_bucket_name(&bucket.name).with_retry(retry);
                let builder = builder.with_disable_bulk_delete(true);
                let store = builder.with_http_connector(connector).build();
                store.map(|store| Box::new(store) as _)
            }
            Provider::Azure => {
                let mut builder = MicrosoftAzureBuilder::new();
                for (name, value) in given.filter(|(name, _)| name.starts_with("azure_")) {
                    if let Ok(key) = name.parse() {
                        builder = builder.with_config(key, value);
                    }
                }
                let builder = builder.with_container_name(&bucket.name).with_retry(retry);
                let store = builder.with_http_connector(connector).build();
                store.map(|store| Box::new(store) as _)
            }
            Provider::Google => {
                let mut builder = GoogleCloudStorageBuilder::new();
                for (name, value) in given.filter(|(name, _)| name.starts_with("google_")) {
                    if let Ok(key) = name.parse() {
                        builder = builder.with_config(key, value);
                    }
                }
                let builder = builder.with_bucket_name(&bucket.name).with_retry(retry);
                let store = builder.with_http_connector(connector).build();
                store.map(|store| Box::new(store) as _)
            }
        };
        // The error may have the value of a variable.
        let store = store.map_err(|_| {
            misconfigured(
                &bucket,
                "the storage's environment variables contradict each other, or one is malformed",
            )
        })?;
        Ok(Self {
            bucket,
            store,
            is_checked: AtomicBool::new(false),
        })
    }

    fn path(&self, key: &str) -> Path {
        let prefix = self.bucket.prefix.as_str();
        let parts = prefix.split('/').chain(key.split('/'));
        parts.filter(|part| !part.is_empty()).collect()
    }

    /// What is stored, also when it is without content.
    async fn object(&self, key: &str) -> Result<Option<(Vec<u8>, ETag)>, BackendError> {
        let failed = |error| failure(&self.bucket, "read", key, &error);
        let found = match self.store.get(&self.path(key)).await {
            Ok(found) => found,
            Err(error) if problem::is_no_object(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let version = tag(found.meta.e_tag.clone(), found.meta.version.clone());
        let content = found.bytes().await.map_err(failed)?;
        Ok(Some((content.to_vec(), version)))
    }

    async fn put(
        &self,
        operation: &'static str,
        key: &str,
        content: &[u8],
        mode: PutMode,
    ) -> Result<Put, BackendError> {
        let payload = PutPayload::from(content.to_vec());
        let options = PutOptions::from(mode);
        let path = self.path(key);
        match self.store.put_opts(&path, payload, options).await {
            Ok(PutResult { e_tag, version, .. }) => Ok(Put::Stored(tag(e_tag, version))),
            Err(
                object_store::Error::AlreadyExists { .. }
                | object_store::Error::Precondition { .. }
                | object_store::Error::NotModified { .. },
            ) => Ok(Put::Refused),
            Err(error) => Err(failure(&self.bucket, operation, key, &error)),
        }
    }

    /// Creates, replaces and removes an object of its own, and sees what the storage does where a
    /// condition does not hold.
    async fn probe(&self) -> Result<(), BackendError> {
        for _ in 0..PROBES {
            let number = fastrand::u64(..);
            let key = format!(".eca-probe-{number:016x}");
            let found = self.probe_with(&key).await;
            // What is left over is small, and named for what it is.
            drop(self.store.delete(&self.path(&key)).await);
            match found? {
                Probe::Keeps => return Ok(()),
                Probe::Ignores(condition) => {
                    return Err(ignores_conditions(&self.bucket, condition));
                }
                Probe::Unclear => {}
            }
        }
        Err(ignores_conditions(&self.bucket, "If-Match"))
    }

    async fn probe_with(&self, key: &str) -> Result<Probe, BackendError> {
        let Put::Stored(first) = self.create(key, b"1").await? else {
            return Ok(Probe::Unclear);
        };
        if self.create(key, b"2").await? != Put::Refused {
            return Ok(Probe::Ignores("If-None-Match"));
        }
        let Put::Stored(second) = self.replace(key, b"3", &first).await? else {
            return Ok(Probe::Unclear);
        };
        if self.replace(key, b"4", &first).await? != Put::Refused {
            return Ok(Probe::Ignores("If-Match"));
        }
        Ok(match self.object(key).await? {
            Some((content, version)) if content == b"3" && version == second => Probe::Keeps,
            _ => Probe::Unclear,
        })
    }
}

/// What a storage does with conditions.
enum Probe {
    Keeps,
    Ignores(&'static str),
    /// A write was refused that should not be: the answer to a first attempt got lost.
    Unclear,
}

/// How often it is tried to find out.
const PROBES: usize = 3;

/// What is missing to reach a storage: its credentials, or its account.
fn missing(provider: Provider, has: impl Fn(&str) -> bool) -> Option<&'static str> {
    let any = |names: &[&str]| names.iter().any(|name| has(name));
    match provider {
        Provider::S3 if !any(&["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"]) => Some(
            "there are no AWS credentials in the environment: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
             AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE",
        ),
        Provider::Azure if !any(&["AZURE_STORAGE_ACCOUNT_NAME"]) => {
            Some("the storage account is not in the environment: set AZURE_STORAGE_ACCOUNT_NAME")
        }
        Provider::Azure
            if !any(&[
                "AZURE_STORAGE_ACCOUNT_KEY",
                "AZURE_STORAGE_SAS_KEY",
                "AZURE_STORAGE_TOKEN",
                "AZURE_STORAGE_CLIENT_ID",
                "AZURE_CLIENT_ID",
                "AZURE_FEDERATED_TOKEN_FILE",
            ]) =>
        {
            Some(
                "there are no Azure credentials in the environment: set AZURE_STORAGE_ACCOUNT_KEY, or AZURE_CLIENT_ID, \
                 AZURE_TENANT_ID and AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE",
            )
        }
        Provider::Google if !any(&["GOOGLE_SERVICE_ACCOUNT", "GOOGLE_APPLICATION_CREDENTIALS"]) => {
            Some(
                "there are no Google credentials in the environment: set GOOGLE_APPLICATION_CREDENTIALS",
            )
        }
        _ => None,
    }
}

/// Tag and version in one, as some storages check the one and some the other.
fn tag(e_tag: Option<String>, version: Option<String>) -> ETag {
    let (e_tag, version) = (e_tag.unwrap_or_default(), version.unwrap_or_default());
    ETag::new(format!("{e_tag}\n{version}"))
}

fn update(version: &ETag) -> PutMode {
    let text = String::from_utf8_lossy(version.as_bytes());
    let (e_tag, version) = text.split_once('\n').unwrap_or((&text, ""));
    let part = |part: &str| (!part.is_empty()).then(|| part.to_owned());
    PutMode::Update(UpdateVersion {
        e_tag: part(e_tag),
        version: part(version),
    })
}

impl Backend for ObjectStorage {
    async fn check(&self) -> Result<(), BackendError> {
        if !self.is_checked.load(Ordering::Relaxed) {
            self.probe().await?;
            self.is_checked.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, ETag)>, BackendError> {
        let found = self.object(key).await?;
        Ok(found.filter(|(content, _)| !content.is_empty()))
    }

    async fn folders(&self) -> Result<Vec<String>, BackendError> {
        let prefix = self.path("");
        let listed = self.store.list_with_delimiter(Some(&prefix)).await;
        let listed = listed
            .map_err(|error| failure(&self.bucket, "list", &self.bucket.to_string(), &error))?;
        let names = listed.common_prefixes.iter();
        let names = names.filter_map(|path| path.filename().map(str::to_owned));
        let mut names: Vec<_> = names.collect();
        names.sort();
        Ok(names)
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<Put, BackendError> {
        let put = self.put("create", key, content, PutMode::Create).await?;
        if put != Put::Refused {
            return Ok(put);
        }
        match self.object(key).await? {
            Some((before, version)) if before.is_empty() => {
                self.replace(key, content, &version).await
            }
            _ => Ok(Put::Refused),
        }
    }

    async fn replace(
        &self,
        key: &str,
        content: &[u8],
        version: &ETag,
    ) -> Result<Put, BackendError> {
        self.put("replace", key, content, update(version)).await
    }

    async fn remove(&self, key: &str, version: &ETag) -> Result<(), BackendError> {
        // Refused, the version is gone already.
        self.put("remove", key, &[], update(version)).await?;
        Ok(())
    }
}
