//! The live tokens of apps.

use std::collections::BTreeSet;

use eca_deploy::{
    AppRecord, Client, Error, OauthTokenRecord, UsageList, app_records, has_oauth_users,
    oauth_tokens, oauth_usage,
};
use eca_plan::{Tokens, Unreadable};

use crate::read::Part;
use crate::read::access::Session;
use crate::read::scope::Members;
use crate::read::unknown::{UnknownFact, known};

const REMEDY: &str = "give the user of the session the permission \"Customize Application\"";

/// Two witnesses: the records of tokens, which name apps by their labels, and the lists of usage,
/// which have the apps' ids. An app has no tokens only if neither knows one.
pub(super) async fn read(
    client: &Client,
    members: &Members,
    session: &Session,
) -> Result<Part, Error> {
    if members.apps.is_empty() {
        return Ok(Part::default());
    }
    let records = match known(app_records(client).await, REMEDY)? {
        Ok(records) => records.rows,
        Err(reason) => {
            let unknown = UnknownFact::new("which apps hold live tokens", reason);
            return Ok(Part::unknown(unknown));
        }
    };
    let usage = known(oauth_usage(client).await, REMEDY)?;
    let usage = usage.ok().filter(|usage| usage.is_complete);
    let tokens = match session.hides_tokens() {
        Some(reason) => Err(reason.clone()),
        None => tokens(client, members, &records).await?,
    };
    let witnesses = Witnesses {
        client,
        records: &records,
        tokens,
        usage: usage.as_ref(),
    };
    let mut part = Part::default();
    for app in &members.apps {
        match witnesses.of(app).await? {
            Ok(tokens) => {
                part.facts.tokens.insert(app.clone(), tokens);
            }
            Err(reason) => {
                let fact = format!("how many live tokens {app} has");
                part.unknown.push(UnknownFact::new(&fact, reason));
            }
        }
    }
    Ok(part)
}

async fn tokens(
    client: &Client,
    members: &Members,
    records: &[AppRecord],
) -> Result<Result<Vec<OauthTokenRecord>, Unreadable>, Error> {
    let ours = records
        .iter()
        .filter(|record| members.apps.contains(&record.full_name()));
    let names: BTreeSet<String> = ours
        .flat_map(|record| [record.label.clone(), record.developer_name.clone()])
        .collect();
    let names: Vec<_> = names.into_iter().collect();
    let found = known(oauth_tokens(client, &names).await, REMEDY)?;
    Ok(found.and_then(|rows| {
        if rows.is_complete {
            Ok(rows.rows)
        } else {
            Err(Unreadable {
                reason: "the org returns at most 2,500 tokens".to_owned(),
                remedy: None,
            })
        }
    }))
}

/// What is known about the tokens of all apps.
struct Witnesses<'a> {
    client: &'a Client,
    records: &'a [AppRecord],
    tokens: Result<Vec<OauthTokenRecord>, Unreadable>,
    usage: Option<&'a UsageList>,
}

impl Witnesses<'_> {
    async fn of(&self, app: &str) -> Result<Result<Tokens, Unreadable>, Error> {
        let mut records = self.records.iter();
        let Some(record) = records.find(|record| record.full_name() == app) else {
            // The org does not have it yet.
            return Ok(Ok(Tokens::default()));
        };
        let rows: Vec<_> = match &self.tokens {
            Ok(rows) => rows.iter().filter(|row| names(record, row)).collect(),
            Err(reason) => {
                return Ok(match self.is_used(record).await? {
                    Some(false) => Ok(Tokens::default()),
                    _ => Err(reason.clone()),
                });
            }
        };
        let because = |reason: &str| {
            Ok(Err(Unreadable {
                reason: reason.to_owned(),
                remedy: None,
            }))
        };
        let mut others = self.records.iter().filter(|other| other.id != record.id);
        if !rows.is_empty() && others.any(|other| rows.iter().any(|row| names(other, row))) {
            return because("another app has the same label, and tokens name their app by it");
        }
        if rows.is_empty() && self.is_used(record).await? == Some(true) {
            return because("the org knows users of its tokens, and no token with its label");
        }
        Ok(Ok(counted(&rows)))
    }

    /// Whether the usage lists know users of an app; `None` when they say nothing.
    async fn is_used(&self, record: &AppRecord) -> Result<Option<bool>, Error> {
        let Some(usage) = self.usage else {
            return Ok(None);
        };
        let mut apps = usage.apps.iter();
        // Whether an app without tokens is in the list is not documented.
        if !apps.any(|used| used.identifier.get(..15) == record.id.get(..15)) {
            return Ok(Some(false));
        }
        let users = known(has_oauth_users(self.client, &record.id).await, REMEDY)?;
        Ok(users.ok())
    }
}

/// Whether a token is of an app, by its label or its name.
fn names(record: &AppRecord, token: &OauthTokenRecord) -> bool {
    token.app_name == record.label || token.app_name == record.developer_name
}

fn counted(rows: &[&OauthTokenRecord]) -> Tokens {
    let users: BTreeSet<_> = rows.iter().map(|row| &row.user_id).collect();
    // The org writes them in one format, in UTC.
    let last_used = rows.iter().filter_map(|row| row.last_used.clone()).max();
    Tokens {
        count: u64::try_from(rows.len()).unwrap_or(u64::MAX),
        users: u64::try_from(users.len()).unwrap_or(u64::MAX),
        last_used,
    }
}
