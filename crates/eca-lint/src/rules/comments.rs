//! Comments to the linter.

use crate::engine::context::Context;
use crate::engine::finding::Finding;
use crate::engine::findings::Findings;
use crate::engine::ignore::{Ignore, Ignores, Mistake, documents};
use crate::engine::options::Options;
use crate::engine::quote::Quoted;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::rules::certificate_loss::CERT_LOST;
use crate::rules::form::VERSION_BUMP;
use crate::rules::tracked::GLOBAL_TRACKED;
use crate::rules::{explain, nearest_rule};
use crate::severity::Severity;

pub(crate) static IGNORE_COMMENT: Rule = Rule {
    id: RuleId(1012),
    name: "ignore-comment",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a comment that ignores a rule names the rule and gives a reason",
    explanation: "An eca-ignore comment suppresses the findings of its rules on its own line and on the \
        element after it. It needs ids or names of existing rules, a colon and a reason; without these it \
        suppresses nothing. The reason lets a later reader decide whether it still applies.",
    source: "this program",
    pair: include_str!("../../pairs/ECA1012-ignore-comment.txt"),
    check: ignore_comment,
};

fn ignore_comment(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, document) in documents(context.project) {
        for ignore in Ignore::all(document) {
            let (message, meant) = match ignore.content {
                Ok(_) => continue,
                Err(Mistake::NoReason) => (
                    "the comment has no reason, so it ignores nothing".to_owned(),
                    None,
                ),
                Err(Mistake::NoRule(name)) => (
                    format!(
                        "no rule is called {}, so the comment ignores nothing",
                        Quoted(&name)
                    ),
                    nearest_rule(&name).map(|rule| format!("did you mean {rule}?")),
                ),
            };
            findings
                .at(path, ignore.position, message)
                .help(meant.unwrap_or_else(|| {
                    "write eca-ignore, the rule's id, a colon and the reason".to_owned()
                }));
        }
    }
}

pub(crate) static UNUSED_IGNORE: Rule = Rule {
    id: RuleId(1016),
    name: "unused-ignore",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a comment that ignores a rule has something to ignore",
    explanation: "A comment that stays after its finding is fixed also hides the next finding of that rule. Remove it. It \
        is reported only for rules that ran: a rule that needs another profile, the state of git, or a target \
        API version may still find something in another run.",
    source: "this program",
    pair: include_str!("../../pairs/ECA1016-unused-ignore.txt"),
    // It needs the findings of all other rules: see `unused_ignores`.
    check: |_, _| {},
};

/// Reports the comments that suppressed nothing.
pub(crate) fn unused_ignores(ignores: &Ignores<'_>, options: &Options, list: &mut Vec<Finding>) {
    if !UNUSED_IGNORE.runs(options) {
        return;
    }
    let mut findings = Findings::new(&UNUSED_IGNORE, list);
    for (path, position, id) in ignores.unused() {
        let Some(rule) = explain(&id.to_string()).filter(|rule| decides(rule, options)) else {
            continue;
        };
        findings
            .at(path, position, format!("{rule} finds nothing here"))
            .help("remove the comment, or the rule from it");
    }
}

/// Whether a rule ran with all its inputs, so that it can find nothing more in another run.
fn decides(rule: &Rule, options: &Options) -> bool {
    let has_all = if *rule == VERSION_BUMP {
        options.bump.is_some()
    } else if *rule == CERT_LOST {
        options.previous.is_some()
    } else {
        // The next `git add` may track a file.
        *rule != GLOBAL_TRACKED
    };
    has_all && rule.runs(options)
}
