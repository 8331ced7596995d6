//! The users that flows run as.

use std::collections::BTreeSet;

use eca_deploy::{Client, Error, api_only_users, users};
use eca_plan::{Unreadable, UserState};

use crate::read::Part;
use crate::read::scope::Members;
use crate::read::unknown::{UnknownFact, known};

const REMEDY: &str = "give the user of the session the permission \"View All Users\"";
const VIEW_SETUP: &str =
    "give the user of the session the permission \"View Setup and Configuration\"";

pub(super) async fn read(client: &Client, members: &Members) -> Result<Part, Error> {
    const FACT: &str = "whether the users that flows run as are active";
    let names: Vec<_> = members.users.iter().cloned().collect();
    if names.is_empty() {
        return Ok(Part::default());
    }
    let found = match known(users(client, &names).await, REMEDY)? {
        Ok(found) if found.is_complete => found.rows,
        Ok(_) => {
            let reason = Unreadable {
                reason: "the org did not return every row".to_owned(),
                remedy: None,
            };
            return Ok(Part::unknown(UnknownFact::new(FACT, reason)));
        }
        Err(reason) => return Ok(Part::unknown(UnknownFact::new(FACT, reason))),
    };
    let mut part = Part::default();
    let ids: Vec<_> = found.iter().map(|user| user.id.clone()).collect();
    let api_only: BTreeSet<String> = match known(api_only_users(client, &ids).await, VIEW_SETUP)? {
        Ok(rows) => rows.rows.into_iter().collect(),
        Err(reason) => {
            let fact = "whether these users may use the API only";
            part.unknown.push(UnknownFact::new(fact, reason));
            BTreeSet::new()
        }
    };
    for name in names {
        let mut same = found.iter();
        let user = same.find(|user| user.username.eq_ignore_ascii_case(&name));
        let state = match user {
            None => UserState::Missing,
            Some(user) if !user.is_active => UserState::Inactive,
            Some(user) if api_only.contains(&user.id) => UserState::ActiveApiOnly,
            Some(_) => UserState::Active,
        };
        part.facts.users.insert(name, state);
    }
    Ok(part)
}
