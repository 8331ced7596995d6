//! Who is pre-approved, and how many active users that are.

use std::collections::{BTreeMap, BTreeSet};

use eca_deploy::{
    AccessGrant, AppAccess, AppRecord, Client, Error, active_users_of_profile, app_access,
    app_records, has_user_permission, org_session, permission_set_holders,
};
use eca_model::types::ExtlClntAppOauthConfigurablePolicies;
use eca_model::{ComponentName, FieldPath, FieldValue};
use eca_plan::{Facts, Unreadable};

use crate::read::OrgReading;
use crate::read::error::ReadError;
use crate::read::scope::{Members, PERMISSION_SETS, PROFILES};
use crate::read::unknown::{UnknownFact, known};

const VIEW_SETUP: &str =
    "give the user of the session the permission \"View Setup and Configuration\"";
const ADMIN_APPROVED: &str = "AdminApprovedPreAuthorized";

/// What the user of the session may see. Some objects show a user the own rows only, without a
/// word about the others.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// Whether the user sees the assignments of others; else why that is not known.
    views_setup: Option<Unreadable>,
    /// The same for the tokens of others.
    customizes: Option<Unreadable>,
}

impl Session {
    pub(super) async fn read(client: &Client) -> Result<Self, Error> {
        let user = known(org_session(client).await, VIEW_SETUP)?;
        let user = user.map(|session| session.user_id);
        Ok(Self {
            views_setup: may_not(client, &user, "ViewSetup", "View Setup and Configuration")
                .await?,
            customizes: may_not(
                client,
                &user,
                "CustomizeApplication",
                "Customize Application",
            )
            .await?,
        })
    }

    /// Why the user does not see the tokens of others.
    pub(super) fn hides_tokens(&self) -> Option<&Unreadable> {
        self.customizes.as_ref()
    }
}

/// Why a user does not see the rows of others; `None` when the user does.
async fn may_not(
    client: &Client,
    user: &Result<Option<String>, Unreadable>,
    permission: &str,
    label: &str,
) -> Result<Option<Unreadable>, Error> {
    let remedy = format!("give the user of the session the permission \"{label}\"");
    let user = match user {
        Ok(Some(user)) => user,
        Ok(None) => {
            return Ok(Some(Unreadable {
                reason: "the org does not say whose session it is".to_owned(),
                remedy: None,
            }));
        }
        Err(reason) => return Ok(Some(reason.clone())),
    };
    let may = known(has_user_permission(client, user, permission).await, &remedy)?;
    Ok(match may {
        Ok(true) => None,
        Ok(false) => Some(Unreadable {
            reason: format!("the user of the session sees only the own rows without \"{label}\""),
            remedy: Some(remedy),
        }),
        Err(reason) => Some(reason),
    })
}

/// What was found about access.
pub(super) struct Access {
    facts: Facts,
    unknown: Vec<UnknownFact>,
    apps: Vec<AppRecord>,
    /// What pre-approves users, or why that is not known. `None` where nothing asks for it.
    grants: Option<Result<Vec<AppAccess>, Unreadable>>,
}

pub(super) async fn read(
    client: &Client,
    members: &Members,
    session: &Session,
) -> Result<Access, Error> {
    let mut access = Access {
        facts: Facts::new(),
        unknown: Vec::new(),
        apps: Vec::new(),
        grants: None,
    };
    if members.has_policies {
        access.grants = Some(grants(client, &mut access.apps).await?);
    }
    access.holders(client, members, session).await?;
    access.profiles(client, members).await?;
    Ok(access)
}

async fn grants(
    client: &Client,
    apps: &mut Vec<AppRecord>,
) -> Result<Result<Vec<AppAccess>, Unreadable>, Error> {
    let records = match known(app_records(client).await, VIEW_SETUP)? {
        Ok(records) => records,
        Err(reason) => return Ok(Err(reason)),
    };
    let rows = match known(app_access(client).await, VIEW_SETUP)? {
        Ok(rows) => rows,
        Err(reason) => return Ok(Err(reason)),
    };
    if !(records.is_complete && rows.is_complete) {
        return Ok(Err(too_many()));
    }
    *apps = records.rows;
    Ok(Ok(rows.rows))
}

fn too_many() -> Unreadable {
    Unreadable {
        reason: "the org did not return every row".to_owned(),
        remedy: None,
    }
}

impl Access {
    /// How many active users hold the permission sets that policies name or grant.
    async fn holders(
        &mut self,
        client: &Client,
        members: &Members,
        session: &Session,
    ) -> Result<(), Error> {
        const FACT: &str = "how many users hold permission sets";
        let granted = self.grants.iter().flatten().flatten();
        let ids: BTreeMap<String, String> = granted
            .filter_map(|row| match &row.granted_by {
                AccessGrant::PermissionSet(name) => {
                    Some((row.permission_set_id.clone(), name.clone()))
                }
                _ => None,
            })
            .collect();
        let mut names: BTreeSet<String> = ids.values().cloned().collect();
        names.extend(members.permission_sets.iter().cloned());
        if names.is_empty() {
            return Ok(());
        }
        if let Some(reason) = &session.views_setup {
            self.unknown.push(UnknownFact::new(FACT, reason.clone()));
            return Ok(());
        }
        let names: Vec<_> = names.into_iter().collect();
        let found = known(permission_set_holders(client, &names).await, VIEW_SETUP)?;
        let holders = match found {
            Ok(holders) if holders.is_complete => holders.rows,
            Ok(_) => {
                self.unknown.push(UnknownFact::new(FACT, too_many()));
                return Ok(());
            }
            Err(reason) => {
                self.unknown.push(UnknownFact::new(FACT, reason));
                return Ok(());
            }
        };
        let counts = &mut self.facts.permission_set_holders;
        counts.extend(names.into_iter().map(|name| (name, 0)));
        for holder in holders {
            *counts.entry(holder.permission_set).or_default() += 1;
        }
        // A list of permission sets may name them by their ids.
        for written in members.permission_sets.iter().filter(|name| is_id(name)) {
            counts.remove(written);
            let id = ids.iter().find(|(id, _)| is_same_id(id, written));
            if let Some(count) = id.and_then(|(_, name)| counts.get(name).copied()) {
                counts.insert(written.clone(), count);
            }
        }
        Ok(())
    }

    async fn profiles(&mut self, client: &Client, members: &Members) -> Result<(), Error> {
        let granted = self.grants.iter().flatten().flatten();
        let granted = granted.filter_map(|row| match &row.granted_by {
            AccessGrant::Profile(label) => Some(label.clone()),
            _ => None,
        });
        let mut names: BTreeSet<String> = granted.collect();
        names.extend(members.profiles.iter().cloned());
        for name in names {
            let count = active_users_of_profile(client, label_of(&name)).await;
            match known(count, VIEW_SETUP)? {
                // A profile by its API name, or none of that name.
                Ok(0) if !self.is_granted_profile(&name) => {
                    let reason = Unreadable {
                        reason: "no active user has a profile with this label".to_owned(),
                        remedy: Some("write the profile's label, as Setup shows it".to_owned()),
                    };
                    let fact = format!("how many users have the profile {name}");
                    self.unknown.push(UnknownFact::new(&fact, reason));
                }
                Ok(count) => {
                    self.facts.profile_holders.insert(name, count);
                }
                Err(reason) => {
                    let fact = "how many users have profiles";
                    self.unknown.push(UnknownFact::new(fact, reason));
                    break;
                }
            }
        }
        Ok(())
    }

    fn is_granted_profile(&self, name: &str) -> bool {
        let mut rows = self.grants.iter().flatten().flatten();
        rows.any(|row| row.granted_by == AccessGrant::Profile(label_of(name).to_owned()))
    }

    /// Adds the facts, and what pre-approves users to the policies that the org returned.
    pub(super) fn add_to(
        self,
        reading: &mut OrgReading,
        members: &Members,
    ) -> Result<(), ReadError> {
        reading.unknown.extend(self.unknown);
        let (from, to) = (self.facts, &mut reading.facts);
        to.permission_set_holders
            .extend(from.permission_set_holders);
        to.profile_holders.extend(from.profile_holders);
        let Some(grants) = self.grants else {
            return Ok(());
        };
        let policies: Vec<(ComponentName, String, Written)> = reading
            .actual
            .of_type::<ExtlClntAppOauthConfigurablePolicies>()
            .filter_map(|(component, policies)| {
                let written = Written {
                    sets: policies.comma_separated_permission_set.is_some(),
                    profiles: policies.comma_separated_profile.is_some(),
                    is_pre_authorized: policies
                        .permitted_users_policy_type
                        .as_ref()
                        .is_some_and(|kind| kind.to_string() == ADMIN_APPROVED),
                };
                let app = component.app()?.to_owned();
                Some((component.name().clone(), app, written))
            })
            .collect();
        for (name, app, written) in policies {
            let none = BTreeSet::new();
            let named = members.written_sets.get(&app).unwrap_or(&none);
            let is_asked = written.is_pre_authorized || !named.is_empty();
            match &grants {
                Ok(grants) if is_asked => {
                    let app_id = self.apps.iter().find(|record| record.full_name() == app);
                    let Some(app_id) = app_id.map(|record| record.id.as_str()) else {
                        continue;
                    };
                    let rows: Vec<_> = grants
                        .iter()
                        .filter(|row| is_same_id(&row.app_id, app_id))
                        .collect();
                    complete(reading, &name, &rows, named, written)?;
                }
                // The org's own file says who is pre-approved.
                Err(reason) if is_asked && !written.sets => {
                    let fact = format!("which permission sets pre-approve users for {app}");
                    let reason = Unreadable {
                        reason: format!("{fact} is not known: {}", reason.reason),
                        remedy: reason.remedy.clone(),
                    };
                    reading.facts.unreadable.insert(name, reason);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What the org's policies write themselves.
#[derive(Clone, Copy)]
struct Written {
    sets: bool,
    profiles: bool,
    is_pre_authorized: bool,
}

/// Writes what pre-approves users into the policies, in the words of the project: a permission set
/// by its name or its id. Profiles are written where the org's file has none, because rows name
/// them by their label only.
fn complete(
    reading: &mut OrgReading,
    name: &ComponentName,
    rows: &[&AppAccess],
    named: &BTreeSet<String>,
    written: Written,
) -> Result<(), ReadError> {
    let mut sets = Vec::new();
    let mut profiles = Vec::new();
    for row in rows {
        match &row.granted_by {
            AccessGrant::PermissionSet(set) => {
                let mut ids = named.iter().filter(|name| is_id(name));
                let id = ids.find(|id| is_same_id(id, &row.permission_set_id));
                sets.push(id.filter(|_| !named.contains(set)).unwrap_or(set).clone());
            }
            AccessGrant::Profile(label) => profiles.push(label.clone()),
            _ => {}
        }
    }
    let mut lists = vec![(PERMISSION_SETS, sets)];
    if !written.profiles {
        lists.push((PROFILES, profiles));
    }
    for (member, items) in lists {
        let Some(component) = reading.actual.component(name) else {
            return Ok(());
        };
        let path = FieldPath::new(member);
        let edited = if items.is_empty() {
            component.remove(&path)
        } else {
            component.set(&path, FieldValue::List(items).normalized())
        };
        let edited = edited.map_err(|source| ReadError::Component {
            component: name.clone(),
            source: Box::new(source),
        })?;
        reading.actual.put(edited);
    }
    Ok(())
}

/// Whether a text is the id of a permission set, and not a name.
fn is_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18)
        && text.starts_with("0PS")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Ids have 15 characters, and three more that follow from them.
fn is_same_id(one: &str, other: &str) -> bool {
    let short = |id: &str| id.get(..15).map(str::to_owned);
    short(one).is_some() && short(one) == short(other)
}

/// The label of a profile that metadata name otherwise.
fn label_of(name: &str) -> &str {
    match name {
        "Admin" => "System Administrator",
        "Standard" => "Standard User",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_both_lengths_are_the_same() {
        assert!(is_same_id("0PS000000000001", "0PS000000000001AAA"));
        assert!(!is_same_id("0PS000000000001", "0PS000000000002AAA"));
        assert!(!is_same_id("", ""));
        assert!(is_id("0PS000000000001AAA") && !is_id("Billing_Access"));
    }
}
