//! A retrieve, from its start to the files.

pub(crate) mod archive;
mod entry_name;
mod headers;

use std::time::Duration;

use eca_model::{ComponentName, Manifest, ManifestKind, Project, layout};

use crate::client::Client;
use crate::deploy::poll::{PollDecision, PollPolicy, Poller, Progress};
use crate::error::Error;
use crate::id::RetrieveId;
use crate::limits::Limits;
use crate::retrieve::archive::{Archive, ArchiveError};
use crate::wire::call::error::ApiError;
use crate::wire::soap;
use crate::wire::types::retrieve_result::{FileProperties, RetrieveMessage, RetrieveResult};

/// How often the whole retrieve is repeated after its zip was lost.
const MAX_REISSUES: u32 = 2;

/// The options of a retrieve.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RetrieveOptions {
    /// Whether members may be missing. The org reports success either way.
    pub allow_missing: bool,
    /// Time limit and polling interval.
    pub policy: PollPolicy,
    /// Limits of the zip. By default those of Salesforce, but for the size unzipped, which is in
    /// memory: 128 MiB, of 10,000 files 13 KiB each.
    pub limits: Limits,
}

impl Default for RetrieveOptions {
    fn default() -> Self {
        let limits = Limits {
            unzipped_bytes: 128 << 20,
            ..Limits::default()
        };
        Self {
            allow_missing: false,
            policy: PollPolicy::default(),
            limits,
        }
    }
}

/// The result of a retrieve.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Retrieved {
    /// The id of the retrieve that delivered the zip.
    pub id: RetrieveId,
    /// The files, below `unpackaged/`, including `package.xml`.
    pub archive: Archive,
    /// The org's properties of each file.
    pub file_properties: Vec<FileProperties>,
    /// Members that are not in the archive; empty unless [`RetrieveOptions::allow_missing`] is
    /// set.
    pub missing: Vec<MissingMember>,
    /// How often the zip was lost and the retrieve repeated.
    pub reissued: u32,
}

impl Retrieved {
    /// The files, below `unpackaged/`, of types that [`into_project`](Self::into_project) skips: a
    /// manifest may name any type.
    pub fn other_files(&self) -> impl Iterator<Item = &str> {
        let names = self.archive.entries().map(|(name, _)| name);
        names.filter(|name| {
            layout::component_of(name).is_none()
                && layout::content_of(name).is_none()
                && ManifestKind::from_path(name).is_none()
        })
    }

    /// The files as a project.
    pub fn into_project(self) -> Project {
        Project::from_entries(self.archive.into_entries())
    }
}

/// A member of the manifest that was not retrieved.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingMember {
    /// The org reported it.
    Reported(RetrieveMessage),
    /// The org sent neither the member nor a message about it.
    Silent(ComponentName),
}

impl std::fmt::Display for MissingMember {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reported(message) => f.write_str(&message.problem),
            Self::Silent(id) => write!(f, "{id} was not retrieved, and the org gives no reason"),
        }
    }
}

/// Why nothing was retrieved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RetrieveError {
    /// A call failed.
    #[error("the retrieve failed")]
    Call(#[source] Error),
    /// The retrieve failed in the org.
    #[error("the org ended retrieve {id} as {status}")]
    Failed {
        /// The retrieve.
        id: RetrieveId,
        /// The WSDL's `RetrieveStatus`.
        status: String,
        /// The org's reason.
        #[source]
        reason: Box<ApiError>,
    },
    /// Members are missing.
    #[error("{}", Missing(.0))]
    Missing(
        /// At least one.
        Vec<MissingMember>,
    ),
    /// The retrieve is still running, and the time limit has expired.
    #[error("retrieve {id} is still running after {} s", .waited.as_secs())]
    StillRunning {
        /// The retrieve.
        id: RetrieveId,
        /// How long the client waited.
        waited: Duration,
    },
    /// Each zip was lost. The org deletes a zip with the first response that carries it.
    #[error("the zip of retrieve {id} was lost, as were those of the retrieves before it")]
    ZipLost {
        /// The last retrieve.
        id: RetrieveId,
        /// Why the last response was lost, if there was none.
        #[source]
        source: Option<Box<Error>>,
    },
    /// The zip is refused.
    #[error("the zip of retrieve {id} is refused")]
    Archive {
        /// The retrieve.
        id: RetrieveId,
        /// Why.
        #[source]
        source: ArchiveError,
    },
}

impl RetrieveError {
    /// Whether authentication failed.
    pub fn is_auth(&self) -> bool {
        self.call().is_some_and(Error::is_auth)
    }

    /// Whether the same retrieve may succeed later. Repeating it is safe: it changes nothing in the
    /// org.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::StillRunning { .. } | Self::ZipLost { .. } => true,
            Self::Failed { reason, .. } => reason.is_retryable(),
            _ => self.call().is_some_and(Error::is_retryable),
        }
    }

    fn call(&self) -> Option<&Error> {
        match self {
            Self::Call(error) => Some(error),
            Self::ZipLost { source, .. } => source.as_deref(),
            _ => None,
        }
    }
}

/// Retrieves the members of a manifest, over SOAP.
///
/// Polls without the zip, then fetches it once: the org deletes it with the first response that
/// carries it. If that response is lost, the whole retrieve is repeated;
/// [`Retrieved::reissued`] counts this.
///
/// The future may be dropped at any await.
///
/// # Errors
/// See [`RetrieveError`].
pub async fn retrieve(
    client: &Client,
    manifest: &Manifest,
    options: &RetrieveOptions,
) -> Result<Retrieved, RetrieveError> {
    let started_at = client.timer().monotonic();
    let mut reissued = 0;
    loop {
        let limited = || {
            let elapsed = client.timer().monotonic().saturating_sub(started_at);
            client
                .clone()
                .with_timeout(options.policy.request_limit(elapsed))
        };
        let id = limited()
            .execute(soap::retrieve(manifest))
            .await
            .map_err(RetrieveError::Call)?;
        tracing::debug!(%id, reissued, "retrieve started");
        let ended = wait(client, &id, started_at, &options.policy).await?;
        if !ended.success {
            return Err(failed(id, ended));
        }
        let lost = match limited().execute(soap::fetch_retrieved(&id)).await {
            Ok(result) => match result.zip_file.clone() {
                Some(zip) => return finish(id, &zip, result, reissued, manifest, options),
                None => None,
            },
            Err(error) if error.may_have_taken_effect() && error.is_retryable() => {
                Some(Box::new(error))
            }
            Err(error) => return Err(RetrieveError::Call(error)),
        };
        if reissued == MAX_REISSUES {
            return Err(RetrieveError::ZipLost { id, source: lost });
        }
        reissued += 1;
    }
}

async fn wait(
    client: &Client,
    id: &RetrieveId,
    started_at: Duration,
    policy: &PollPolicy,
) -> Result<RetrieveResult, RetrieveError> {
    let mut poller = Poller::new(policy.clone());
    loop {
        let elapsed = client.timer().monotonic().saturating_sub(started_at);
        let limit = policy.request_limit(elapsed);
        let response = client.query(soap::check_retrieve_status(id), limit).await;
        let elapsed = client.timer().monotonic().saturating_sub(started_at);
        let (step, failed) = match response {
            Ok(result) if result.done => return Ok(result),
            Ok(_) => (poller.after_status(elapsed, Progress::default()), None),
            Err(failed) => (
                poller.after_failure(elapsed, failed.poll_failure()),
                Some(failed),
            ),
        };
        match (step, failed) {
            (PollDecision::PollAfter(pause), _) => client.timer().sleep(pause).await,
            (PollDecision::RenewSession, failed) => {
                if let Some(refused) = failed.and_then(|failed| failed.token) {
                    client.renew_session(&refused);
                }
            }
            (PollDecision::TimedOut | PollDecision::GiveUp, Some(failed)) => {
                return Err(RetrieveError::Call(failed.error));
            }
            (PollDecision::TimedOut | PollDecision::GiveUp, None) => {
                return Err(RetrieveError::StillRunning {
                    id: id.clone(),
                    waited: elapsed,
                });
            }
        }
    }
}

fn failed(id: RetrieveId, result: RetrieveResult) -> RetrieveError {
    let mut messages = result.messages.into_iter();
    let message = result
        .error_message
        .or_else(|| messages.next().map(|message| message.problem));
    RetrieveError::Failed {
        id,
        status: result.status,
        reason: Box::new(ApiError::in_result(
            result.error_status_code,
            message.unwrap_or_else(|| "the org gives no reason".to_owned()),
        )),
    }
}

fn finish(
    id: RetrieveId,
    zip: &[u8],
    result: RetrieveResult,
    reissued: u32,
    manifest: &Manifest,
    options: &RetrieveOptions,
) -> Result<Retrieved, RetrieveError> {
    let archive = match Archive::read(zip, &options.limits) {
        Ok(archive) => archive,
        Err(source) => return Err(RetrieveError::Archive { id, source }),
    };
    let mut missing: Vec<_> = result
        .messages
        .into_iter()
        .map(MissingMember::Reported)
        .collect();
    missing.extend(
        silent(manifest, &archive)
            .filter(|id| !missing.iter().any(|reported| reported.is_about(id)))
            .collect::<Vec<_>>()
            .into_iter()
            .map(MissingMember::Silent),
    );
    if !missing.is_empty() && !options.allow_missing {
        return Err(RetrieveError::Missing(missing));
    }
    Ok(Retrieved {
        id,
        archive,
        file_properties: result.file_properties,
        missing,
        reissued,
    })
}

/// Members that the manifest names without a wildcard, of types with a known path, and that have no
/// file in the zip.
fn silent<'a>(
    manifest: &'a Manifest,
    archive: &'a Archive,
) -> impl Iterator<Item = ComponentName> + 'a {
    let named = manifest.components();
    named
        .filter(|component| component.name != "*")
        .filter(|component| {
            let Some(path) = layout::package_path(component) else {
                return false;
            };
            !archive.entries().any(|(name, _)| {
                name.strip_suffix(&path)
                    .is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
            })
        })
}

impl MissingMember {
    fn is_about(&self, component: &ComponentName) -> bool {
        match self {
            Self::Reported(message) => {
                let quoted = |name: &str| message.problem.contains(&format!("'{name}'"));
                quoted(component.kind.manifest_name()) && quoted(&component.name)
            }
            Self::Silent(other) => other == component,
        }
    }
}

struct Missing<'a>(&'a [MissingMember]);

impl std::fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the retrieve is not complete: ")?;
        for (index, member) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{member}")?;
        }
        Ok(())
    }
}
