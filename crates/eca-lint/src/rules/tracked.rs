//! Files that do not belong in source control.

use eca_model::Component;
use eca_model::types::ExtlClntAppGlobalOauthSettings;

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static GLOBAL_TRACKED: Rule = Rule {
    id: RuleId(1404),
    name: "global-tracked",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "git does not track global OAuth settings",
    explanation: "The guide forbids global OAuth settings in source control: an org can return the file with key and \
        secret in it, and one such retrieve, followed by a commit, publishes them. A team that tracks the file \
        nevertheless, to review its switches, removes consumerSecret from it and adds an eca-ignore comment. The \
        rule asks git which files it tracks. Where git is not available, the rule finds nothing, and the program \
        prints a note.",
    source: "Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings",
    pair: include_str!("../../pairs/ECA1404-global-tracked.txt"),
    check: |context, findings| {
        let Some(tracked) = &context.options.tracked else {
            return;
        };
        report(
            context,
            findings,
            "git tracks global OAuth settings",
            |component| tracked.contains(component.path()),
        );
    },
};

pub(crate) static GLOBAL_IN_SOURCE: Rule = Rule {
    id: RuleId(1712),
    name: "global-in-source",
    severity: Severity::Warning,
    profiles: &[Profile::Hardening],
    summary: "a project outside git has no global OAuth settings",
    explanation: "Outside of a git repository, such as in an archive or under another version control system, the rule \
        cannot tell whether the global OAuth settings are in source control, which the guide forbids. Where git \
        is available, ECA1404 checks it instead.",
    source: "Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings",
    pair: include_str!("../../pairs/ECA1712-global-in-source.txt"),
    check: |context, findings| {
        if context.options.tracked.is_none() {
            let message = "global OAuth settings are in the project, and whether git tracks them is not known";
            report(context, findings, message, |_| true);
        }
    },
};

fn report(
    context: &Context<'_>,
    findings: &mut Findings<'_>,
    message: &str,
    wanted: impl Fn(&Component) -> bool,
) {
    let files = context.project.of_type::<ExtlClntAppGlobalOauthSettings>();
    for (component, _) in files.filter(|(component, _)| wanted(component)) {
        findings.at_element(component, "", message).help(
            "list the file in .gitignore and run git rm --cached on it, or ignore this rule with the reason",
        );
    }
}
