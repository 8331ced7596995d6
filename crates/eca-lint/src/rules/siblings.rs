//! Files that need other files beside them.

use std::collections::BTreeSet;

use eca_model::types::{
    ExternalCredential, ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSettings, NamedCredential,
};
use eca_model::{MetadataType, Position};

use crate::engine::context::{Context, Reference};
use crate::engine::findings::Findings;
use crate::engine::value::is_namespaced;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;
use crate::suggest::nearest;

pub(crate) static SETTINGS_NEEDS_GLOBAL: Rule = Rule {
    id: RuleId(1104),
    name: "settings-needs-global",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "OAuth settings without an oauthLink come with the global OAuth settings of the same app",
    explanation: "OAuth settings need a consumer: that of global OAuth settings in the same deploy, one that \
        the org has already, or the one that oauthLink names. An app without any of them gets no consumer key \
        and no secret, so nobody can log in: it works only where its consumer was created by hand, and fails in \
        every new org. Without consumerKey and consumerSecret the file can be in source control.",
    source: "Salesforce Help, article xcloud.deploy_external_client_app_with_global_settings_file",
    pair: include_str!("../../pairs/ECA1104-settings-needs-global.txt"),
    check: settings_needs_global,
};

fn settings_needs_global(context: &Context<'_>, findings: &mut Findings<'_>) {
    let kind = MetadataType::ExtlClntAppGlobalOauthSettings;
    // A few files of a project do not show what the rest has.
    let is_part = !context.project.is_whole() && context.names(kind).next().is_none();
    if is_part || context.has_unreadable(kind) {
        return;
    }
    for files in &context.apps {
        if files
            .all::<ExtlClntAppGlobalOauthSettings>()
            .next()
            .is_some()
        {
            continue;
        }
        for (component, settings) in files.all::<ExtlClntAppOauthSettings>() {
            if settings
                .oauth_link
                .as_deref()
                .is_none_or(|link| link.trim().is_empty())
            {
                findings
                    .at_element(
                        component,
                        "externalClientApplication",
                        format!("{} has OAuth settings but no global OAuth settings", files.app.name),
                    )
                    .help("add an .ecaGlblOauth file whose externalClientApplication names the same app");
            }
        }
    }
}

pub(crate) static ORPHAN: Rule = Rule {
    id: RuleId(1105),
    name: "orphan",
    severity: Severity::Info,
    profiles: &[Profile::Default],
    summary: "the project uses each external credential and each identity provider",
    explanation: "An external credential that no named credential names, or an identity provider that no \
        external credential names, is used by no callout. It is usually left over from a rename, together with \
        unmaintained principals and secrets in the org. A project without components that could use it is not \
        reported, since they may be in another project.",
    source: "Metadata API Developer Guide, NamedCredential and ExternalCredential",
    pair: include_str!("../../pairs/ECA1105-orphan.txt"),
    check: orphan,
};

fn orphan(context: &Context<'_>, findings: &mut Findings<'_>) {
    let credentials: BTreeSet<_> = context
        .project
        .of_type::<NamedCredential>()
        .flat_map(|(_, named)| &named.named_credential_parameters)
        .filter_map(|parameter| parameter.external_credential.as_deref())
        .map(|name| context.project.own_name(name.trim()))
        .collect();
    let providers: BTreeSet<_> = context
        .project
        .of_type::<ExternalCredential>()
        .flat_map(|(_, credential)| &credential.external_credential_parameters)
        .filter_map(|parameter| parameter.external_auth_identity_provider.as_deref())
        .map(|name| context.project.own_name(name.trim()))
        .collect();
    for (kind, user, used) in [
        (
            MetadataType::ExternalCredential,
            MetadataType::NamedCredential,
            credentials,
        ),
        (
            MetadataType::ExternalAuthIdentityProvider,
            MetadataType::ExternalCredential,
            providers,
        ),
    ] {
        if context.names(user).next().is_none() || context.has_unreadable(user) {
            continue;
        }
        for component in context.project.components() {
            let id = component.name();
            // A misspelt reference is reported where it stands.
            let meant = |name: &str| {
                context.look_up(kind, name) == Reference::Missing
                    && nearest(name, [id.name.as_str()]).is_some()
            };
            // The users of a package's component are in the package.
            if id.kind == kind
                && !is_namespaced(context.project.own_name(&id.name))
                && !used.contains(id.name.as_str())
                && !used.iter().any(|name| meant(name))
            {
                findings.at_element(
                    component,
                    "",
                    format!("no {user} of the project uses {}", id.name),
                );
            }
        }
    }
}

pub(crate) static PREFIX_SIBLING: Rule = Rule {
    id: RuleId(1106),
    name: "prefix-sibling",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a file is not named after another app",
    explanation: "Settings and policies belong to the app in externalClientApplication, not to the app in their file name. \
        Where the two differ, people and scripts that select the files of an app by prefix deploy or delete the \
        policies of the wrong app. Rename the file.",
    source: "Metadata API Developer Guide (externalClientApplication of each type)",
    pair: include_str!("../../pairs/ECA1106-prefix-sibling.txt"),
    check: prefix_sibling,
};

fn prefix_sibling(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in &context.apps {
        let owner = files.app.name;
        // Another rule reports a name that is not an app.
        if files.app.header.is_none() {
            continue;
        }
        for component in &files.app.members {
            let name = component.full_name();
            // The longest app whose name the file's name is, or begins with before a `_`:
            // `Shop_EU_oauth` of the app Shop_EU is correct, beside an app called Shop.
            let ends = name.rmatch_indices('_').map(|(end, _)| end);
            let mut starts = std::iter::once(name.len())
                .chain(ends)
                .map(|end| &name[..end]);
            let looks_like =
                starts.find(|app| context.has(MetadataType::ExternalClientApplication, app));
            let Some(other) = looks_like.filter(|app| *app != owner) else {
                continue;
            };
            findings.at(
                component.path(),
                Position::START,
                format!("the file is named after {other} but belongs to {owner}"),
            );
        }
    }
}
