//! The lines of an app.

use std::fmt::Write as _;

use eca_model::{FieldValue, Selector};

use crate::change::{Action, ComponentChange, Conflict, MemberChange, Verdict};
use crate::render::apps::AppPart;
use crate::render::escape::{value, visible};

/// What a plan says of an app, line by line, without its name and its risks.
pub(super) fn of_app(part: &AppPart<'_>) -> String {
    let mut out = String::new();
    for change in &part.changes {
        component(change, &mut out);
        let conflicts = part.conflicts.iter();
        for contested in conflicts.filter(|conflict| conflict.component == change.component) {
            conflict(contested, &mut out);
        }
    }
    let has_change = |conflict: &Conflict| {
        let mut changes = part.changes.iter();
        changes.any(|change| change.component == conflict.component)
    };
    let mut before = None;
    for contested in part
        .conflicts
        .iter()
        .filter(|conflict| !has_change(conflict))
    {
        let name = &contested.component;
        if contested.path.is_some() && before != Some(name) {
            line(&mut out, 2, '≠', &visible(&name.to_string()));
        }
        before = Some(name);
        conflict(contested, &mut out);
    }
    for policy in &part.policies {
        let message = format!(
            "refresh tokens live {} by these files, and {} in the org: write isEnforceRefreshTokenTTL into the global settings",
            policy.desired, policy.actual
        );
        line(&mut out, 2, '!', &message);
    }
    out
}

fn line(out: &mut String, indent: usize, sign: char, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{:indent$}{sign} {text}", "");
}

fn component(change: &ComponentChange, out: &mut String) {
    let name = change.component.to_string();
    let name = visible(&name);
    let (sign, remark) = match (change.action, change.verdict) {
        (Action::Create, Some(Verdict::Restore)) => {
            ('+', "  (deleted in the org; put back)".to_owned())
        }
        (Action::Create, _) => ('+', String::new()),
        (Action::Delete, _) => ('-', "  (no longer in the project)".to_owned()),
        (action, Some(Verdict::Unreadable)) => ('?', unreadable(change, action)),
        (Action::Update, _) => ('~', String::new()),
        (_, Some(Verdict::Drift)) => ('!', "  (deleted in the org; left so)".to_owned()),
        (_, Some(Verdict::Unmanaged)) => ('=', "  (only in the org; left alone)".to_owned()),
        _ if change.is_drift() => ('!', String::new()),
        _ if change.is_unreadable() => ('?', String::new()),
        _ => ('=', String::new()),
    };
    let file = change
        .is_new()
        .then(|| change.members.iter().find_map(|one| one.source.as_deref()))
        .flatten()
        .map(|place| place.rsplit_once(':').map_or(place, |(file, _)| file));
    line(out, 2, sign, &format!("{name}{remark}{}", source(file)));
    let mut members = change.members.iter().peekable();
    while let Some(shown) = members.next() {
        let values = [&shown.desired, &shown.actual, &shown.last];
        let is_record = values.contains(&&Some(FieldValue::Record));
        // A record's members speak for it, and follow it.
        let is_spoken_for = members
            .peek()
            .is_some_and(|next| next.path.is_within(&shown.path));
        let is_said = change.is_new() && (repeats_its_key(shown) || names_the_app(shown, change));
        if !(is_said || is_record && is_spoken_for) {
            member(shown, change, out);
        }
    }
}

/// Whether the key of a record says the member already.
fn repeats_its_key(member: &MemberChange) -> bool {
    let [.., record, last] = member.path.steps() else {
        return false;
    };
    let Selector::Key(key) = &record.selector else {
        return false;
    };
    key.iter().any(|(name, _)| *name == last.element)
}

/// Whether a member says which app the component belongs to: it stands below it.
fn names_the_app(member: &MemberChange, change: &ComponentChange) -> bool {
    let app = change.app.clone().map(FieldValue::Text);
    app.is_some()
        && member.desired == app
        && matches!(member.path.steps(), [step] if step.element == "externalClientApplication")
}

fn unreadable(change: &ComponentChange, action: Action) -> String {
    let mut text = String::from("  (unreadable");
    if let Some(unreadable) = &change.unreadable {
        // Writing to a String cannot fail.
        let _ = write!(text, ": {}", visible(&unreadable.reason));
        if let Some(remedy) = &unreadable.remedy {
            let _ = write!(text, "; {}", visible(remedy));
        }
    }
    text.push_str(match action {
        Action::Keep => "; nothing is sent)",
        _ => "; ours is sent)",
    });
    text
}

fn member(member: &MemberChange, change: &ComponentChange, out: &mut String) {
    let path = member.path.to_string();
    let path = visible(&path);
    let (desired, actual) = (
        value(member.desired.as_ref()),
        value(member.actual.as_ref()),
    );
    let default = value(member.default.as_ref());
    let place = member.source.as_deref();
    let kept = if change.is_sent() {
        "sent along"
    } else {
        "left alone"
    };
    let (sign, text) = match member.verdict {
        Verdict::Create | Verdict::Restore if member.actual.is_none() => {
            ('+', format!("{path}: {desired}"))
        }
        Verdict::Update if member.actual.is_none() => ('+', format!("{path}: {desired}")),
        Verdict::Restore => (
            '~',
            format!("{path}: {actual} -> {desired}  (changed in the org; put back)"),
        ),
        Verdict::Adopt => (
            '~',
            format!("{path}: {actual} -> {desired}  (set in the org; now ours)"),
        ),
        Verdict::Rotate => ('~', format!("{path}: the org makes a new one")),
        Verdict::Remove if member.default.is_none() => ('-', format!("{path}: {actual}")),
        Verdict::Remove => ('-', format!("{path}: {actual} -> {default}  (default)")),
        Verdict::AlreadyThere => ('=', format!("{path}: {actual}  (already there)")),
        Verdict::Drift => (
            '!',
            format!("{path}: {desired}, and {actual} in the org  ({kept})"),
        ),
        Verdict::Unmanaged => ('=', format!("{path}: {actual}  (only in the org; {kept})")),
        Verdict::WouldReset => (
            '!',
            format!("{path}: {actual} -> {default}  (only in the org; cannot be sent along)"),
        ),
        Verdict::Unreadable => ('?', format!("{path}: {desired}  (cannot be compared)")),
        Verdict::WriteOnly => ('?', format!("{path}: {desired}  (an org does not show it)")),
        _ => ('~', format!("{path}: {actual} -> {desired}")),
    };
    line(
        out,
        6,
        sign,
        &format!("{text}{}", source(place.filter(|_| !change.is_new()))),
    );
}

fn conflict(conflict: &Conflict, out: &mut String) {
    let reason = visible(&conflict.reason);
    match &conflict.path {
        None => {
            let name = conflict.component.to_string();
            line(out, 2, '≠', &format!("{}  ({reason})", visible(&name)));
        }
        Some(path) => {
            let path = path.to_string();
            let text = format!(
                "{}: {} in the project, {} in the org, {} applied last  ({reason}){}",
                visible(&path),
                value(conflict.desired.as_ref()),
                value(conflict.actual.as_ref()),
                value(conflict.last.as_ref()),
                source(conflict.source.as_deref())
            );
            line(out, 6, '≠', &text);
        }
    }
}

/// The name of the file, and the line: files of a project have names of their own, and their paths
/// are long.
fn source(source: Option<&str>) -> String {
    let name = source.map(|source| source.rsplit_once('/').map_or(source, |(_, name)| name));
    name.map_or_else(String::new, |name| format!("  [{}]", visible(name)))
}
