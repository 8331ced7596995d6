//! The journal of started deploys. A deploy can be found again after this process has died.
//!
//! One small file for each deploy, written atomically and readable by its owner only. It holds no
//! secrets: ids, times, the org's URL and the facts by which the org is searched for the deploy.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::SystemTime;

use eca_deploy::{DeployFingerprint, DeployId};
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::input;
use crate::state::dirs;

/// The most deploys in the journal.
const MAX_ENTRIES: usize = 100;

/// The version of the entries' format.
const VERSION: u32 = 2;

const NO_STATE_DIR: &str = "neither XDG_STATE_HOME nor HOME is set";

/// The folder of the journal.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: Option<PathBuf>,
}

/// One deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JournalEntry {
    /// The file, when this process updates it.
    #[serde(skip)]
    path: Option<PathBuf>,
    version: u32,
    /// `None` before the answer to the start request.
    id: Option<String>,
    instance: String,
    started_unix_ms: u64,
    /// What identifies the deploy while its id is not known.
    fingerprint: DeployFingerprint,
}

impl Journal {
    /// The journal in the given folder, by default in `deploys` of the program's state.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder: folder.or_else(|| Some(dirs::state_dir()?.join("deploys"))),
        }
    }

    /// Records a start request before it is sent. A journal that cannot be written is only a
    /// warning.
    pub(crate) fn begin(
        &self,
        context: &Context,
        instance: &str,
        fingerprint: &DeployFingerprint,
    ) -> JournalEntry {
        let started = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let mut entry = JournalEntry {
            path: self.folder.as_ref().map(|folder| {
                let name = format!("{}-{}.json", started.as_millis(), std::process::id());
                folder.join(name)
            }),
            version: VERSION,
            id: None,
            instance: instance.to_owned(),
            started_unix_ms: u64::try_from(started.as_millis()).unwrap_or(u64::MAX),
            fingerprint: fingerprint.clone(),
        };
        if entry.path.is_none() {
            context
                .output
                .warn(format_args!("no journal of this deploy: {NO_STATE_DIR}"));
        }
        entry.save(context);
        self.prune();
        entry
    }

    /// The entries for an org, newest first.
    pub(crate) fn entries(&self, instance: &str) -> Vec<JournalEntry> {
        let mut entries: Vec<JournalEntry> = self
            .files()
            .into_iter()
            .filter_map(|path| {
                let bytes = input::file(&path, input::SMALL).ok()?;
                // Other files, and files of another version, are ignored.
                let mut entry: JournalEntry = serde_json::from_slice(&bytes).ok()?;
                entry.path = Some(path);
                Some(entry)
            })
            .filter(|entry| entry.instance == instance && entry.version == VERSION)
            .collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.started_unix_ms));
        entries
    }

    /// The known ids of deploys into an org. A deploy without an id is none of these.
    pub(crate) fn ids(&self, instance: &str) -> HashSet<DeployId> {
        let entries = self.entries(instance);
        entries.iter().filter_map(JournalEntry::id).collect()
    }

    /// The latest deploy into an org.
    pub(crate) fn latest(&self, instance: &str) -> Result<JournalEntry, Failure> {
        self.entries(instance).into_iter().next().ok_or_else(|| {
            let place = match &self.folder {
                Some(folder) => format!("in the journal {}", folder.display()),
                None => format!("anywhere: {NO_STATE_DIR}"),
            };
            Failure::new(Exit::Usage, format!("no deploy into {instance} {place}"))
                .hint("give the id of the deploy; to list the deploys of the org: eca deploys list")
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

    /// Removes the oldest entries; their names begin with the time.
    fn prune(&self) {
        let files = self.files();
        for path in files.iter().take(files.len().saturating_sub(MAX_ENTRIES)) {
            // The next deploy tries again.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl JournalEntry {
    /// The id, if it is known.
    pub(crate) fn id(&self) -> Option<DeployId> {
        self.id.as_deref()?.parse().ok()
    }

    /// What identifies the deploy while its id is not known.
    pub(crate) fn fingerprint(&self) -> &DeployFingerprint {
        &self.fingerprint
    }

    /// Records the id that the org returned, or under which the deploy was found.
    pub(crate) fn started(&mut self, context: &Context, id: &DeployId) {
        self.id = Some(id.to_string());
        self.save(context);
    }

    /// Removes the entry of a deploy that the org did not start.
    pub(crate) fn forget(&self) {
        if let Some(path) = &self.path {
            // A leftover entry costs only one more query.
            let _ = std::fs::remove_file(path);
        }
    }

    fn save(&mut self, context: &Context) {
        let Some(path) = &self.path else { return };
        let Ok(json) = serde_json::to_vec(self) else {
            return;
        };
        if let Err(error) = dirs::write(path, &json) {
            context
                .output
                .warn(format_args!("{error}, the journal: {}", error.source));
            // One warning is enough.
            self.path = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &std::path::Path, name: &str, started: u64, id: Option<&str>) -> JournalEntry {
        let fingerprint = serde_json::json!({ "check_only": false, "run_tests": [] });
        let mut entry = JournalEntry {
            path: None,
            version: VERSION,
            id: id.map(str::to_owned),
            instance: "https://a.example".to_owned(),
            started_unix_ms: started,
            fingerprint: serde_json::from_value(fingerprint).unwrap(),
        };
        let json = serde_json::to_vec(&entry).unwrap();
        let path = folder.join(name);
        dirs::write(&path, &json).unwrap();
        entry.path = Some(path);
        entry
    }

    #[test]
    fn the_latest_entry_of_an_org_counts() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("state/eca/deploys");
        let journal = Journal::new(Some(folder.clone()));
        assert!(journal.latest("https://a.example").is_err());
        write(&folder, "1-1.json", 1, Some("0Af000000000001AAA"));
        let second = write(&folder, "2-1.json", 2, None);
        std::fs::write(folder.join("3-1.json"), "{").unwrap();
        assert_eq!(journal.latest("https://a.example").unwrap(), second);
        assert!(journal.latest("https://b.example").is_err());
        write(&folder, "2-1.json", 2, Some("0Af000000000002AAA"));
        let id = journal.latest("https://a.example").unwrap().id().unwrap();
        assert_eq!(id.as_str(), "0Af000000000002AAA");
        for number in 10..130 {
            write(&folder, &format!("{number:03}-1.json"), number, None);
        }
        journal.prune();
        assert_eq!(journal.files().len(), MAX_ENTRIES);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let eca = folder.path().join("eca");
        write(&eca, "1.json", 1, None);
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&eca.join("1.json")), 0o600);
        assert_eq!(mode(&eca), 0o700);
        assert_eq!(std::fs::read_dir(eca).unwrap().count(), 1);
    }
}
