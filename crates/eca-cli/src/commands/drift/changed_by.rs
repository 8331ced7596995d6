//! Who changed something, by the setup audit trail.

use std::time::{Duration, SystemTime};

use eca_deploy::{SetupAuditEntry, setup_audit_trail};
use eca_model::types::ExternalClientApplication;

use crate::commands::drift::entry::{ChangedBy, Entry, Kind};
use crate::context::Context;
use crate::failure::Failure;
use crate::planning::Planning;

/// The latest entries that are looked through.
const ENTRIES: u16 = 2_000;
/// The most time between a component's last change and its entry in the trail.
const TOLERANCE: Duration = Duration::from_mins(1);

/// Asks the trail where there is a change to ask about. That nothing is known of it is no failure.
pub(super) async fn fill_in(
    context: &Context,
    planning: &Planning,
    entries: &mut [Entry],
) -> Result<(), Failure> {
    let is_change =
        |entry: &Entry| matches!(entry.kind, Kind::Changed | Kind::Missing | Kind::OnlyInOrg);
    if !entries.iter().any(is_change) {
        return Ok(());
    }
    let trail = match setup_audit_trail(&planning.target.org, ENTRIES).await {
        Ok(trail) => trail
            .rows
            .into_iter()
            .filter_map(with_user)
            .collect::<Vec<_>>(),
        Err(error) => {
            let reason = error
                .api_error()
                .map_or_else(|| error.to_string(), ToString::to_string);
            context.output.info(format_args!(
                "who changed it is not known: the setup audit trail cannot be read: {reason}"
            ));
            return Ok(());
        }
    };
    for entry in entries.iter_mut().filter(|entry| is_change(entry)) {
        // A component without an app is named itself.
        let mut names = vec![entry.app.as_deref().unwrap_or(&entry.component.name)];
        let sides = [&planning.project.project, &planning.reading.actual];
        let headers = sides.iter().filter_map(|side| {
            let app = side.app(entry.app.as_deref()?)?;
            Some(app.first::<ExternalClientApplication>()?.1)
        });
        names.extend(headers.filter_map(|header| header.label.as_deref()));
        let modified = planning.reading.last_modified.get(&entry.component);
        let modified = modified.and_then(|last| time(&last.at));
        entry.changed_by = matching(&trail, &names, &entry.component.name, modified);
    }
    Ok(())
}

/// The one user who changed a component at its last change. A deleted one has no last change: then
/// an entry has to be about a deletion of the component itself.
fn matching(
    trail: &[ChangedBy],
    app_names: &[&str],
    component: &str,
    modified: Option<SystemTime>,
) -> Option<ChangedBy> {
    let is_near = |entry: &&ChangedBy| match (modified, time(&entry.at)) {
        (Some(modified), Some(at)) => distance(modified, at) <= TOLERANCE,
        _ => false,
    };
    let names = |entry: &&ChangedBy| {
        if modified.is_some() {
            return app_names.iter().any(|name| has_word(&entry.display, name));
        }
        let is_deletion = entry.display.to_lowercase().contains("delet");
        is_deletion && has_word(&entry.display, component)
    };
    let found: Vec<_> = trail
        .iter()
        .filter(|entry| modified.is_none() || is_near(entry))
        .filter(names)
        .collect();
    let latest = found.first()?;
    // Two users at the same time: either may have been it.
    let is_one = found.iter().all(|other| other.username == latest.username);
    if modified.is_some() && !is_one {
        return None;
    }
    let mut of_component = found
        .iter()
        .filter(|entry| has_word(&entry.display, component));
    Some((*of_component.next().unwrap_or(latest)).clone())
}

/// An entry whose user is known: Salesforce's own changes have none.
fn with_user(entry: SetupAuditEntry) -> Option<ChangedBy> {
    Some(ChangedBy {
        username: entry.username?,
        at: entry.created_date,
        display: entry.display,
    })
}

fn distance(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other)
        .unwrap_or_else(|error| error.duration())
}

/// `2026-11-20T17:49:07.000+0000`, or with `Z`.
fn time(text: &str) -> Option<SystemTime> {
    let utc = text
        .strip_suffix("+0000")
        .or_else(|| text.strip_suffix("+00:00"));
    let text = utc.map_or_else(|| text.to_owned(), |time| format!("{time}Z"));
    humantime::parse_rfc3339_weak(&text).ok()
}

/// Whether a text has a name that is not a part of another one.
fn has_word(text: &str, name: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            !before.is_some_and(is_name) && !after.is_some_and(is_name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_whole_words() {
        for (text, expected) in [
            ("Changed external client app Billing", true),
            ("Changed \"Billing\" policies", true),
            ("Changed Billing_oauth", false),
            ("Changed MyBilling", false),
            ("", false),
        ] {
            assert_eq!(has_word(text, "Billing"), expected, "{text}");
        }
        assert!(!has_word("anything", ""));
    }

    #[test]
    fn nobody_is_named_who_may_not_have_been_it() {
        const AT: &str = "2026-11-20T17:49:07.000+0000";
        let entry = |username: &str, at: &str, display: &str| ChangedBy {
            username: username.to_owned(),
            at: at.to_owned(),
            display: display.to_owned(),
        };
        let ada = entry("ada", "2026-11-20T17:49:06.000+0000", "Changed Billing");
        let of_part = entry("ada", AT, "Changed Billing_oauth of Billing");
        let ben = entry("ben", "2026-11-20T17:49:30.000+0000", "Changed Billing app");
        let late = entry("ben", "2026-11-20T18:49:07.000+0000", "Changed Billing");
        let other = entry("ben", AT, "Changed Till");
        let deleted = entry(
            "cy",
            "2026-11-20T10:00:00.000+0000",
            "Deleted Billing_oauth",
        );
        for (trail, modified, expected) in [
            (vec![&ada], true, Some(&ada)),
            // The entry that names the component says most.
            (vec![&ada, &of_part], true, Some(&of_part)),
            (vec![&late, &other, &ada], true, Some(&ada)),
            (vec![&late, &other], true, None),
            // Two users in one minute.
            (vec![&ben, &ada], true, None),
            // Deleted: only an entry that names it.
            (vec![&ada, &deleted], false, Some(&deleted)),
            (vec![&ada, &ben, &of_part], false, None),
            (vec![], true, None),
        ] {
            let trail: Vec<_> = trail.into_iter().cloned().collect();
            let modified = modified.then(|| time(AT).unwrap());
            let found = matching(
                &trail,
                &["Billing", "Billing app"],
                "Billing_oauth",
                modified,
            );
            assert_eq!(found.as_ref(), expected, "{trail:?}");
        }
    }

    #[test]
    fn times_of_both_forms() {
        assert_eq!(
            time("2026-11-20T17:49:07.000+0000"),
            time("2026-11-20T17:49:07Z")
        );
        assert!(time("2026-11-20T17:49:07.000+0000").is_some());
        assert_eq!(time("yesterday"), None);
    }
}
