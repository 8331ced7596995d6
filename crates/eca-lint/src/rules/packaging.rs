//! Apps that are part of a second-generation package.

use eca_model::MetadataType;
use eca_model::types::{ExternalClientApplication, ExtlClntAppDistState, ExtlClntAppOauthSettings};

use crate::engine::context::{AppFiles, Context};
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

/// Whether an app is meant for a package.
pub(super) fn is_packaged(files: &AppFiles<'_>) -> bool {
    let header = files.header();
    header.is_some_and(|(_, header)| {
        header.distribution_state == Some(ExtlClntAppDistState::Packaged)
    })
}

pub(crate) static GLOBAL_IN_PACKAGE: Rule = Rule {
    id: RuleId(1801),
    name: "global-in-package",
    severity: Severity::Error,
    profiles: &[Profile::Packaging],
    summary: "a package holds neither global OAuth settings nor policies",
    explanation: "Global OAuth settings describe the consumer, which stays in the org that created it; policies belong to \
        the administrators of each subscriber. Neither can be packaged: creating a package version fails. Keep \
        them in a package directory that is not part of the package: where sfdx-project.json says which directories \
        are packages, the rule passes the others over.",
    source: "Metadata API Developer Guide, ExtlClntAppGlobalOauthSettings; Salesforce Help, article xcloud.configure_packageable_external_client_apps",
    pair: include_str!("../../pairs/ECA1801-global-in-package.txt"),
    check: global_in_package,
};

fn global_in_package(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in context.apps.iter().filter(|files| is_packaged(files)) {
        for component in &files.app.members {
            let kind = component.kind();
            if !context.project.is_in_package(component.path()) {
                continue;
            }
            // Policies are what the org makes.
            if kind.schema().org_made || kind == MetadataType::ExtlClntAppGlobalOauthSettings {
                findings.at_element(
                    component,
                    "externalClientApplication",
                    format!("{} is packaged, and {kind} cannot be", files.app.name),
                );
            }
        }
    }
}

pub(crate) static PACKAGED_STATE: Rule = Rule {
    id: RuleId(1802),
    name: "packaged-state",
    severity: Severity::Error,
    profiles: &[Profile::Packaging],
    summary: "an app of a package has distributionState Packaged",
    explanation: "A Local app belongs to one org and cannot be added to a package. Some templates write Packageable, \
        which is not a value. The state also decides whether the ids of the org may be in the files.",
    source: "Metadata API Developer Guide, ExternalClientApplication; Salesforce Help, article xcloud.configure_packageable_external_client_apps",
    pair: include_str!("../../pairs/ECA1802-packaged-state.txt"),
    check: packaged_state,
};

fn packaged_state(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, app) in context.project.of_type::<ExternalClientApplication>() {
        if matches!(
            app.distribution_state,
            None | Some(ExtlClntAppDistState::Local)
        ) {
            findings
                .at_element(
                    component,
                    "distributionState",
                    format!(
                        "{} is local, so it cannot be packaged",
                        component.full_name()
                    ),
                )
                .help("set distributionState to Packaged when the app goes into a package");
        }
    }
}

pub(crate) static PACKAGED_LINK: Rule = Rule {
    id: RuleId(1803),
    name: "packaged-link",
    severity: Severity::Error,
    profiles: &[Profile::Packaging],
    summary: "a packaged app has orgScopedExternalApp and oauthLink",
    explanation: "Subscribers have no consumer of their own: the package refers to the consumer of the org that created \
        it, through orgScopedExternalApp and oauthLink. Without them the app installs, but every login fails \
        because the org does not find the app. Retrieve both from that org; they cannot be written by hand.",
    source: "Salesforce Help, article xcloud.configure_packageable_external_client_apps; Metadata API Developer Guide, ExtlClntAppOauthSettings",
    pair: include_str!("../../pairs/ECA1803-packaged-link.txt"),
    check: packaged_link,
};

fn packaged_link(context: &Context<'_>, findings: &mut Findings<'_>) {
    let missing =
        |value: &Option<String>| value.as_deref().is_none_or(|text| text.trim().is_empty());
    for files in context.apps.iter().filter(|files| is_packaged(files)) {
        let header = files.all::<ExternalClientApplication>();
        let header = header.filter(|(_, app)| missing(&app.org_scoped_external_app));
        let settings = files.all::<ExtlClntAppOauthSettings>();
        let settings = settings.filter(|(_, settings)| missing(&settings.oauth_link));
        let lacking = header
            .map(|(component, _)| (component, "orgScopedExternalApp"))
            .chain(settings.map(|(component, _)| (component, "oauthLink")));
        for (component, element) in lacking {
            findings
                .at_element(
                    component,
                    element,
                    format!("{} is packaged but has no {element}", files.app.name),
                )
                .help("retrieve the file from the org that owns the consumer");
        }
    }
}
