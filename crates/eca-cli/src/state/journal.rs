//! The journal of deploys: what was started where, so that no deploy is lost when this process is.
//!
//! One small file a deploy, written atomically and readable by its owner only. It holds no secrets:
//! ids, times, the org's URL and the size of the package.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use eca_deploy::{DeployFingerprint, DeployId, Package};
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// How many deploys are remembered.
const KEPT: usize = 100;

/// The folder of the journal.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: Option<PathBuf>,
}

/// One deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    version: u32,
    /// `None` from the moment before the request is sent until its answer is there.
    id: Option<String>,
    instance: String,
    started_unix_ms: u64,
    check_only: bool,
    zip_bytes: u64,
    files: usize,
}

/// An entry that is being kept up to date.
#[derive(Debug)]
pub(crate) struct Record {
    path: Option<PathBuf>,
    entry: Entry,
}

impl Journal {
    /// The journal in the given folder, or else `$XDG_STATE_HOME/eca/deploys`, by default below
    /// `~/.local/state`.
    pub(crate) fn at(given: Option<PathBuf>) -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let state = || {
            let home = || Some(PathBuf::from(set("HOME")?).join(".local/state"));
            let state = set("XDG_STATE_HOME").map(PathBuf::from).or_else(home)?;
            Some(state.join("eca/deploys"))
        };
        Self {
            folder: given.or_else(state),
        }
    }

    /// Records that a package is about to be sent. A journal that cannot be written is said and no
    /// reason to stop.
    pub(crate) fn begin(
        &self,
        context: &Context,
        instance: &str,
        package: Option<&Package>,
        check_only: bool,
    ) -> Record {
        let started = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let report = package.map(Package::report);
        let mut record = Record {
            path: self.folder.as_ref().map(|folder| {
                let name = format!("{}-{}.json", started.as_millis(), std::process::id());
                folder.join(name)
            }),
            entry: Entry {
                version: 1,
                id: None,
                instance: instance.to_owned(),
                started_unix_ms: u64::try_from(started.as_millis()).unwrap_or(u64::MAX),
                check_only,
                zip_bytes: report.map_or(0, |report| report.zip_bytes),
                files: report.map_or(0, |report| report.files.len()),
            },
        };
        if record.path.is_none() {
            context
                .output
                .warn("no journal of this deploy: neither XDG_STATE_HOME nor HOME is set");
        }
        record.save(context);
        self.prune();
        record
    }

    /// The entries for an org, newest first.
    pub(crate) fn entries(&self, instance: &str) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self
            .files()
            .iter()
            .filter_map(|path| std::fs::read(path).ok())
            // A file that is none of ours, or of a later version, is not our business.
            .filter_map(|bytes| serde_json::from_slice(&bytes).ok())
            .filter(|entry: &Entry| entry.instance == instance && entry.version == 1)
            .collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.started_unix_ms));
        entries
    }

    /// The deploys into an org whose ids are known: a deploy without one is none of them.
    pub(crate) fn ids(&self, instance: &str) -> Vec<DeployId> {
        let entries = self.entries(instance);
        entries.iter().filter_map(Entry::id).collect()
    }

    /// The latest deploy into an org.
    pub(crate) fn latest(&self, instance: &str) -> Result<Entry, Failure> {
        self.entries(instance).into_iter().next().ok_or_else(|| {
            let place = match &self.folder {
                Some(folder) => format!("in the journal {}", folder.display()),
                None => "anywhere: neither XDG_STATE_HOME nor HOME is set".to_owned(),
            };
            Failure::new(Exit::Usage, format!("no deploy into {instance} {place}"))
                .hint("name the deploy with --resume ID; `eca deploys list` asks the org for them")
        })
    }

    fn files(&self) -> Vec<PathBuf> {
        let listing = self.folder.as_ref().map(std::fs::read_dir);
        let mut files: Vec<_> = match listing {
            Some(Ok(listing)) => listing.flatten().map(|entry| entry.path()).collect(),
            _ => return Vec::new(),
        };
        files.retain(|path| path.extension().is_some_and(|end| end == "json"));
        files.sort();
        files
    }

    /// Forgets the oldest entries; their names begin with the time.
    fn prune(&self) {
        let files = self.files();
        for path in files.iter().take(files.len().saturating_sub(KEPT)) {
            // The next deploy tries again.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Entry {
    /// The id, once it was known.
    pub(crate) fn id(&self) -> Option<DeployId> {
        self.id.as_deref()?.parse().ok()
    }

    /// What a deploy without an id is found by.
    pub(crate) fn fingerprint(&self) -> DeployFingerprint {
        let started = SystemTime::UNIX_EPOCH + Duration::from_millis(self.started_unix_ms);
        DeployFingerprint::from_size(self.zip_bytes, self.check_only, started)
    }
}

impl Record {
    /// The org's answer is there.
    pub(crate) fn started(&mut self, context: &Context, id: &DeployId) {
        self.entry.id = Some(id.to_string());
        self.save(context);
    }

    /// The org said that it started nothing.
    pub(crate) fn forget(&self) {
        if let Some(path) = &self.path {
            // An entry too many is only a question too many.
            let _ = std::fs::remove_file(path);
        }
    }

    fn save(&mut self, context: &Context) {
        let Some(path) = &self.path else { return };
        if let Err(error) = write(path, &self.entry) {
            context.output.warn(format_args!(
                "cannot write the journal {}: {error}",
                path.display()
            ));
            // Said once.
            self.path = None;
        }
    }
}

/// A new file beside the old one, flushed, then renamed over it.
fn write(path: &Path, entry: &Entry) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // Files of this kind are 0600 where the system has modes.
    let mut file = tempfile::Builder::new()
        .prefix(".deploy-")
        .tempfile_in(folder)?;
    serde_json::to_writer(&mut file, entry)?;
    file.flush()?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(started: u64, id: Option<&str>) -> Entry {
        Entry {
            version: 1,
            id: id.map(str::to_owned),
            instance: "https://a.example".to_owned(),
            started_unix_ms: started,
            check_only: false,
            zip_bytes: 7,
            files: 1,
        }
    }

    #[test]
    fn the_latest_entry_of_an_org_counts() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("state/eca/deploys");
        let journal = Journal::at(Some(folder.clone()));
        assert!(journal.latest("https://a.example").is_err());
        write(
            &folder.join("1-1.json"),
            &entry(1, Some("0Af000000000001AAA")),
        )
        .unwrap();
        write(&folder.join("2-1.json"), &entry(2, None)).unwrap();
        std::fs::write(folder.join("3-1.json"), "{").unwrap();
        assert_eq!(journal.latest("https://a.example").unwrap(), entry(2, None));
        assert!(journal.latest("https://b.example").is_err());
        write(
            &folder.join("2-1.json"),
            &entry(2, Some("0Af000000000002AAA")),
        )
        .unwrap();
        let id = journal.latest("https://a.example").unwrap().id().unwrap();
        assert_eq!(id.as_str(), "0Af000000000002AAA");
        for number in 10..130 {
            write(
                &folder.join(format!("{number:03}-1.json")),
                &entry(number, None),
            )
            .unwrap();
        }
        journal.prune();
        assert_eq!(journal.files().len(), KEPT);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("eca/1.json");
        write(&path, &entry(1, None)).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&folder.path().join("eca")), 0o700);
        assert_eq!(
            std::fs::read_dir(folder.path().join("eca"))
                .unwrap()
                .count(),
            1
        );
    }
}
