//! Which principals of external credentials have credentials.

use std::collections::BTreeSet;

use eca_deploy::{Client, CredentialPrincipal, Error, credential_principals, stored_credential};
use eca_plan::Unreadable;

use crate::read::Part;
use crate::read::scope::Members;
use crate::read::unknown::{UnknownFact, known};

const REMEDY: &str = "give the user of the session the permissions \"Manage Named Credentials\" and \"View Setup and Configuration\"";

/// Only principals that everybody shares have credentials that a plan can speak of.
const NAMED: &str = "NamedPrincipal";

pub(super) async fn read(client: &Client, members: &Members) -> Result<Part, Error> {
    let mut part = Part::default();
    for name in &members.external_credentials {
        match principals(client, name).await? {
            Ok(stored) => {
                part.facts.stored_credentials.insert(name.clone(), stored);
            }
            Err(reason) => {
                let fact = format!("which credentials are stored for {name}");
                part.unknown.push(UnknownFact::new(&fact, reason));
            }
        }
    }
    Ok(part)
}

async fn principals(
    client: &Client,
    external_credential: &str,
) -> Result<Result<BTreeSet<String>, Unreadable>, Error> {
    let found = credential_principals(client, external_credential).await;
    let principals: Vec<CredentialPrincipal> = match known(found, REMEDY)? {
        Ok(principals) => principals,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut stored = BTreeSet::new();
    for principal in principals.iter().filter(|one| one.kind == NAMED) {
        let found = stored_credential(client, external_credential, principal).await;
        match known(found, REMEDY)? {
            Ok(found) if found.is_there() => {
                stored.insert(principal.name.clone());
            }
            Ok(_) => {}
            Err(reason) => return Ok(Err(reason)),
        }
    }
    Ok(Ok(stored))
}
