//! Certificates that a deploy would remove.

use eca_model::{CertificateUse, Component};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::knowledge::certificates;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::rules::CERTIFICATE_LOST;
use crate::severity::Severity;

pub(crate) static CERT_DROPPED: Rule = Rule {
    id: RuleId(1306),
    name: "cert-dropped",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a certificate element is not empty",
    explanation: "A deploy replaces the values in the org with those of the file. An empty element for the \
        certificate, left over when a value was removed or not filled in, removes the certificate from the org, \
        and the org then refuses every client that signs, including the one that deployed. Users report that a \
        file without the element does the same: ECA1308 finds that when it has an earlier state to compare with, \
        and ECA1304 checks first-party apps.",
    source: "reports of users of the Metadata API; Metadata API Developer Guide, ExtlClntAppOauthSettings, \
        ExtlClntAppGlobalOauthSettings and ExtlClntAppSamlConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1306-cert-dropped.txt"),
    check: cert_dropped,
};

fn cert_dropped(context: &Context<'_>, findings: &mut Findings<'_>) {
    for component in context.project.components() {
        for (element, purpose) in certificates::elements(component) {
            // Half of a push certificate is another rule's, and a loss is the worse news.
            if purpose == CertificateUse::Push
                || !is_emptied(component, element)
                || (is_lost(context, component, element) && CERT_LOST.runs(context.options))
            {
                continue;
            }
            findings
                .at_element(
                    component,
                    element,
                    format!("{element} is empty, so a deploy removes the org's certificate"),
                )
                .help("restore the certificate, or a placeholder that the deploy fills in");
        }
    }
}

pub(crate) static CERT_LOST: Rule = Rule {
    id: CERTIFICATE_LOST,
    name: "cert-lost",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "an app keeps the certificate that it had",
    explanation: "The next deploy of a file that has lost its certificate removes it from the org: every \
        client that signs is then refused, with a message that names neither the certificate nor the deploy, and a \
        pipeline that logs in with that app cannot deploy the repair. For a SAML service provider it is the other \
        way round: the org accepts unsigned requests. The rule needs to know what was there before: `eca lint \
        --since REVISION` compares with the project in git, `--against PATH` with what was retrieved from the org, \
        and `eca deploy --keep-certificates` asks the org itself. A file that was removed altogether is not \
        reported, since a deploy does not touch components that it does not contain.",
    source: "reports of users of the Metadata API; Metadata API Developer Guide, ExtlClntAppSamlConfigurablePolicies \
        (certificate)",
    pair: include_str!("../../pairs/ECA1308-cert-lost.txt"),
    check: cert_lost,
};

fn cert_lost(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(previous) = &context.options.previous else {
        return;
    };
    for component in context.project.components() {
        for (element, _) in certificates::elements(component) {
            if !is_lost(context, component, element) {
                continue;
            }
            findings
                .at_element(
                    component,
                    element,
                    format!(
                        "{element} is missing, but {} has it: a deploy removes the certificate from the org",
                        previous.name()
                    ),
                )
                .help("restore the certificate, or a placeholder that the deploy fills in");
        }
    }
}

/// Whether the app had a certificate in that element, and the file no longer has.
fn is_lost(context: &Context<'_>, component: &Component, element: &'static str) -> bool {
    let gone = component.file().locate(element).is_none() || is_emptied(component, element);
    let previous = context.options.previous.as_ref();
    gone && previous
        .zip(component.app())
        .is_some_and(|(previous, app)| previous.contains(component.kind(), app.trim(), element))
}

/// Whether the element is present and empty.
fn is_emptied(component: &Component, element: &str) -> bool {
    let found = component.file().locate(element);
    found.is_some_and(|found| found.is_nil() || found.text().trim().is_empty())
}
