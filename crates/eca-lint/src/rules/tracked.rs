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
    summary: "git does not track global OAuth settings with a consumer key or secret",
    explanation: "An org can return the global OAuth settings with key and secret in them, and one such retrieve, \
        followed by a commit, publishes them; the guide warns of the file in source control. Without the two \
        members the file belongs there: it has the callback URLs and the switches, and an app that is deployed \
        without it gets no consumer. The rule asks git which files it tracks. Where git is not available, the rule \
        finds nothing, and the program prints a note.",
    source: "Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings",
    pair: include_str!("../../pairs/ECA1404-global-tracked.txt"),
    check: |context, findings| {
        let Some(tracked) = &context.options.tracked else {
            return;
        };
        report(
            context,
            findings,
            "git tracks global OAuth settings with a consumer key or secret",
            |component| tracked.contains(component.path()),
        );
    },
};

pub(crate) static GLOBAL_IN_SOURCE: Rule = Rule {
    id: RuleId(1712),
    name: "global-in-source",
    severity: Severity::Warning,
    profiles: &[Profile::Hardening],
    summary: "a project outside git has no global OAuth settings with a consumer key or secret",
    explanation: "Outside of a git repository, such as in an archive or under another version control system, the rule \
        cannot tell whether a consumer key or secret in the global OAuth settings is in source control. Where git \
        is available, ECA1404 checks it instead.",
    source: "Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings",
    pair: include_str!("../../pairs/ECA1712-global-in-source.txt"),
    check: |context, findings| {
        if context.options.tracked.is_none() {
            let message = "global OAuth settings have a consumer key or secret, and whether git tracks them is not known";
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
    let holds = |global: &ExtlClntAppGlobalOauthSettings| {
        global.consumer_key.is_some() || global.consumer_secret.is_some()
    };
    for (component, _) in files.filter(|(component, global)| wanted(component) && holds(global)) {
        findings.at_element(component, "", message).help(
            "remove consumerKey and consumerSecret from the file, and keep the rest: without it an app has no consumer",
        );
    }
}
