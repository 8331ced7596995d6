//! Push notifications.

use eca_model::Component;
use eca_model::types::{ExtlClntAppPushSettings, PushServiceType};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static PUSH_ONE: Rule = Rule {
    id: RuleId(1905),
    name: "push-one",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "push settings have one configuration, that of their service, and it is complete",
    explanation: "A push settings file configures one service: with androidPushConfig, with applePushConfig, or with \
        pushConfigLink in place of both. pushServiceType names the service. For Apple the org accepts a signing \
        key with its identifiers or a certificate with its password, each complete. The secrets are filled in \
        when the file is deployed; their elements stay, with a placeholder.",
    source: "Metadata API Developer Guide, ExtlClntAppPushSettings",
    pair: include_str!("../../pairs/ECA1905-push-one.txt"),
    check: push_one,
};

const ANDROID: &str = "androidPushConfig";
const APPLE: &str = "applePushConfig";
const LINK: &str = "pushConfigLink";

fn push_one(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, push) in context.project.of_type::<ExtlClntAppPushSettings>() {
        let mut found = [ANDROID, APPLE, LINK]
            .into_iter()
            .filter(|element| is_there(component, element));
        let Some(first) = found.next() else {
            findings.at_element(
                component,
                "",
                format!("one of {ANDROID}, {APPLE} and {LINK} is needed"),
            );
            continue;
        };
        for other in found {
            findings
                .at_element(
                    component,
                    other,
                    format!("{first} and {other} are both present"),
                )
                .help("keep one of them; each service has a file of its own");
        }
        let wanted = match push.push_service_type {
            Some(PushServiceType::Android) => ANDROID,
            Some(PushServiceType::Apple) => APPLE,
            _ => continue,
        };
        if first != LINK && !is_there(component, wanted) {
            findings.at_element(
                component,
                "pushServiceType",
                format!("pushServiceType requires {wanted}, but the file has {first}"),
            );
        }
        if is_there(component, APPLE) {
            check_apple(component, findings);
        }
    }
}

/// Apple accepts one of two ways to authenticate the sender.
fn check_apple(component: &Component, findings: &mut Findings<'_>) {
    const KEY: [&str; 3] = ["keyIdentifier", "signingKey", "teamIdentifier"];
    const CERTIFICATE: [&str; 2] = ["certificate", "password"];
    let count = |members: &[&str]| {
        let path = |member: &&&str| is_there(component, &format!("{APPLE}.{member}"));
        members.iter().filter(path).count()
    };
    let message = match (count(&KEY), count(&CERTIFICATE)) {
        (3, 0) | (0, 2) => return,
        (0, 0) => "neither a signing key nor a certificate is present",
        (_, 0) => "the signing key is not complete",
        (0, _) => "the certificate is not complete",
        _ => "the file has both a signing key and a certificate",
    };
    findings
        .at_element(component, APPLE, message)
        .help("write keyIdentifier, signingKey and teamIdentifier, or certificate and password");
}

fn is_there(component: &Component, path: &str) -> bool {
    component.file().locate(path).is_some()
}
