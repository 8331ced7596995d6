//! What an org has, as a plan needs it.

mod access;
mod components;
mod credentials;
pub(crate) mod error;
mod scope;
mod tokens;
pub(crate) mod unknown;
mod users;

use std::collections::{BTreeMap, BTreeSet};

use eca_deploy::{Client, PollPolicy};
use eca_model::{ComponentName, Project, Snapshot};
use eca_plan::Facts;
use futures_util::future::try_join4;

use crate::read::error::ReadError;
use crate::read::scope::Scope;
use crate::read::unknown::UnknownFact;

/// What an org has of a project, and what is known beside the files.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OrgReading {
    /// The org's components: those of the project, those that were applied last, and all others
    /// that belong to an app of either.
    pub actual: Project,
    /// What no file says. What could not be read is missing from it, or is one of its
    /// [unreadable](Facts::unreadable) components.
    pub facts: Facts,
    /// The facts that could not be read, with the reason.
    pub unknown: Vec<UnknownFact>,
    /// Who changed a component last, and when, as the org says it.
    pub last_modified: BTreeMap<ComponentName, LastModified>,
}

/// The last change of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastModified {
    /// The name of the user.
    pub by: Option<String>,
    /// The time, ISO 8601.
    pub at: String,
}

/// How an org is read.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ReadOptions {
    /// Time limit and polling interval of the retrieve.
    pub policy: PollPolicy,
    /// More apps, whose components are read although neither the project nor what was applied last
    /// has them.
    pub apps: BTreeSet<String>,
}

impl OrgReading {
    /// What the org's components mean: the `actual` side of a plan.
    pub fn snapshot(&self) -> Snapshot {
        self.actual.snapshot()
    }
}

/// Reads an org for a plan: what it has of `desired`, the project as it is meant for this org, and
/// of what was applied `last`; and what no file says about it. Nothing is changed.
///
/// Components are retrieved over SOAP. Who is pre-approved, who holds the permission sets, the
/// users that flows run as and live tokens are queried, and the names of stored credentials come
/// over Connect REST. The linter's findings and the app of the session are the caller's to add.
///
/// # Errors
/// When nothing can be said about the org: no session, no response, or a refusal that is not about
/// access. What the user of the session may not read, or the API version cannot show, is in
/// [`Facts::unreadable`] and [`OrgReading::unknown`] instead.
pub async fn read_org(
    client: &Client,
    desired: &Project,
    last: Option<&Snapshot>,
    options: &ReadOptions,
) -> Result<OrgReading, ReadError> {
    let scope = Scope::new(desired, last, &options.apps);
    let mut reading = OrgReading {
        actual: Project::default(),
        facts: Facts::new(),
        unknown: Vec::new(),
        last_modified: BTreeMap::new(),
    };
    if scope.is_empty() {
        return Ok(reading);
    }
    // On the heap: together they are too large for the futures of callers.
    Box::pin(components::read(client, &scope, options, &mut reading)).await?;
    let members = scope.members(&reading.actual);
    let session = access::Session::read(client).await?;
    let (access, tokens, users, credentials) = try_join4(
        Box::pin(access::read(client, &members, &session)),
        Box::pin(tokens::read(client, &members, &session)),
        Box::pin(users::read(client, &members)),
        Box::pin(credentials::read(client, &members)),
    )
    .await?;
    access.add_to(&mut reading, &members)?;
    for part in [tokens, users, credentials] {
        part.add_to(&mut reading);
    }
    Ok(reading)
}

/// Facts of one kind, and those that could not be read.
#[derive(Debug, Default)]
struct Part {
    facts: Facts,
    unknown: Vec<UnknownFact>,
}

impl Part {
    fn unknown(fact: UnknownFact) -> Self {
        Self {
            unknown: vec![fact],
            ..Self::default()
        }
    }

    fn add_to(self, reading: &mut OrgReading) {
        let (from, to) = (self.facts, &mut reading.facts);
        to.permission_set_holders
            .extend(from.permission_set_holders);
        to.profile_holders.extend(from.profile_holders);
        to.users.extend(from.users);
        to.tokens.extend(from.tokens);
        to.stored_credentials.extend(from.stored_credentials);
        reading.unknown.extend(self.unknown);
    }
}
