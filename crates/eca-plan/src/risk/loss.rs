//! Values of the org that a deploy loses.

use crate::change::{Action, ComponentChange, Verdict};
use crate::risk::{Risk, RiskKind};

pub(super) fn detect(change: &ComponentChange, risks: &mut Vec<Risk>) {
    if change.verdict == Some(Verdict::Unreadable) && change.action == Action::Update {
        risks.push(Risk::of(
            change,
            RiskKind::Wipe,
            "the org's values cannot be read, so that what only the org has is lost",
        ));
    }
    for member in &change.members {
        if member.verdict != Verdict::WouldReset {
            continue;
        }
        let risk = match &member.default {
            Some(default) => Risk::of(
                change,
                RiskKind::Reset,
                &format!("the org's value cannot be sent along and becomes {default}"),
            ),
            None => Risk::of(
                change,
                RiskKind::Wipe,
                "the org's value cannot be sent along and is lost",
            ),
        };
        risks.push(Risk {
            path: Some(member.path.clone()),
            ..risk
        });
    }
}
