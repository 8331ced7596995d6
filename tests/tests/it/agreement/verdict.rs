//! What each part says about one small project.

use std::fmt;
use std::time::{Duration, SystemTime};

use eca_deploy::Package;
use eca_emulator::Org;
use eca_lint::{Options, Severity, lint};

use crate::agreement::corpus::SmallProject;

/// 2027-01-01, the time of the linter's tests.
pub(super) fn options() -> Options {
    Options::new(SystemTime::UNIX_EPOCH + Duration::from_hours(499_656))
}

pub(super) struct Verdict {
    /// The ids of the errors that `lint` finds.
    pub(super) errors: Vec<String>,
    /// The ids of its warnings.
    pub(super) warnings: Vec<String>,
    /// Why there is no package.
    pub(super) package: Option<String>,
    /// What the org answers, each with its file.
    pub(super) org: Vec<String>,
}

impl Verdict {
    pub(super) async fn of(small: &SmallProject) -> Self {
        let report = lint(&small.project, &options());
        let ids = |severity| {
            let found = report.findings().iter();
            let found = found.filter(|finding| finding.severity == severity);
            let mut ids: Vec<_> = found.map(|finding| finding.rule.id().to_string()).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let (package, org) = match Package::of(&small.project) {
            Ok(package) => (None, deploy(small, &package).await),
            Err(error) => (Some(error.to_string()), Vec::new()),
        };
        Self {
            errors: ids(Severity::Error),
            warnings: ids(Severity::Warning),
            package,
            org,
        }
    }

    /// Whether the project does not get into an org.
    pub(super) fn is_refused(&self) -> bool {
        self.package.is_some() || !self.org.is_empty()
    }

    /// Whether `lint` prints "clean".
    pub(super) fn is_clean(&self) -> bool {
        self.errors.is_empty() && self.warnings.is_empty()
    }
}

/// Deploys to an org that has what the project only names.
async fn deploy(small: &SmallProject, package: &Package) -> Vec<String> {
    let (users, sets) = small.expected_in_org();
    let builder = Org::builder().seed([7; 32]);
    let builder = sets
        .into_iter()
        .fold(builder, eca_emulator::Builder::permission_set);
    let org = builder.start().await.expect("an org");
    for user in users {
        org.create_integration_user(&user).expect("a user");
    }
    let answered = org.deploy(package.zip().as_bytes());
    answered
        .err()
        .map_or_else(Vec::new, |refused| refused.reasons)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.errors[..], &self.warnings[..]) {
            ([], []) => f.write_str("lint: clean")?,
            ([], warnings) => write!(f, "lint: warning {}", warnings.join(" "))?,
            (errors, _) => write!(f, "lint: error {}", errors.join(" "))?,
        }
        match (&self.package, &self.org[..]) {
            (Some(error), _) => write!(f, "; package: {error}"),
            (None, []) => f.write_str("; org: deployed"),
            (None, [first, rest @ ..]) => {
                write!(f, "; org: {first}")?;
                match rest.len() {
                    0 => Ok(()),
                    more => write!(f, " (and {more} more)"),
                }
            }
        }
    }
}
