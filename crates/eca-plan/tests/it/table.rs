//! The table of a member: what was applied last, the project, the org.

use eca_plan::{Facts, PlanOptions};

use crate::sides::{APP, planned};

/// Writes the value of `description`; `–` leaves it out.
fn side(member: &str, value: &str) -> String {
    match value {
        "–" => APP.to_owned(),
        value => format!("{APP} <{member}>{value}</{member}>"),
    }
}

/// The verdict on one member, whether it is sent, and the value afterwards.
fn verdict(member: &str, last: &str, desired: &str, actual: &str) -> String {
    let last = if last == "none" {
        "-".to_owned()
    } else {
        side(member, last)
    };
    let (desired, actual) = (side(member, desired), side(member, actual));
    let plan = planned(
        &last,
        &desired,
        &actual,
        &Facts::new(),
        &PlanOptions::default(),
    );
    if let [conflict] = plan.conflicts.as_slice() {
        let values = [&conflict.last, &conflict.desired, &conflict.actual];
        let values = values.map(|value| value.as_ref().map_or("–".to_owned(), ToString::to_string));
        assert!(plan.steps.is_empty());
        return format!("conflict {}", values.join(" "));
    }
    match plan.changes.as_slice() {
        [] => "same".to_owned(),
        [change] => {
            let member = &change.members[0];
            let verdict = serde_json::to_value(member.verdict).unwrap();
            let after = member.after().map_or("–".to_owned(), ToString::to_string);
            let sent = if change.is_sent() { "sent" } else { "kept" };
            assert_eq!(plan.steps.is_empty(), !change.is_sent());
            format!("{} {sent} {after}", verdict.as_str().unwrap())
        }
        several => panic!("{several:?}"),
    }
}

#[test]
fn a_member_without_a_documented_default() {
    for (last, desired, actual, expected) in [
        ("a", "a", "a", "same"),
        ("a", "b", "a", "update sent b"),
        ("a", "a", "b", "drift kept b"),
        ("a", "a", "–", "drift kept –"),
        ("a", "b", "b", "already-there kept b"),
        ("a", "b", "c", "conflict a b c"),
        ("a", "b", "–", "conflict a b –"),
        ("a", "–", "a", "remove sent –"),
        ("a", "–", "–", "already-there kept –"),
        ("a", "–", "c", "conflict a – c"),
        ("–", "–", "a", "unmanaged kept a"),
        ("–", "–", "–", "same"),
        ("–", "b", "–", "update sent b"),
        ("–", "b", "a", "adopt sent b"),
        ("–", "b", "b", "same"),
        // Nothing is known of what was applied.
        ("none", "b", "a", "adopt sent b"),
        ("none", "b", "–", "update sent b"),
        ("none", "–", "a", "unmanaged kept a"),
        ("none", "b", "b", "same"),
        // Filled in on deploy.
        ("a", "${NAME}", "a", "unreadable sent ${NAME}"),
        ("${NAME}", "${NAME}", "a", "unreadable kept ${NAME}"),
    ] {
        let found = verdict("description", last, desired, actual);
        assert_eq!(found, expected, "{last} {desired} {actual}");
    }
}

#[test]
fn a_member_with_a_default() {
    // Left out, it is false.
    for (last, desired, actual, expected) in [
        ("–", "–", "false", "same"),
        ("–", "false", "–", "same"),
        ("–", "–", "true", "unmanaged kept true"),
        ("–", "true", "false", "update sent true"),
        ("–", "false", "true", "adopt sent false"),
        ("true", "–", "true", "remove sent false"),
        ("true", "–", "false", "already-there kept false"),
        ("true", "true", "–", "drift kept false"),
        ("false", "–", "true", "unmanaged kept true"),
        ("false", "false", "true", "drift kept true"),
        ("true", "false", "true", "update sent false"),
    ] {
        let found = verdict("isProtected", last, desired, actual);
        assert_eq!(found, expected, "{last} {desired} {actual}");
    }
}
