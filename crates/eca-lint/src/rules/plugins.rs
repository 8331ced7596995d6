//! The plugins of an app: their switches and their requirements.

use eca_model::MetadataType;
use eca_model::types::{
    ExtlClntAppConfigurablePolicies, ExtlClntAppMobileConfigurablePolicies,
    ExtlClntAppMobileSettings, ScreenLockTimeout,
};

use crate::engine::context::{AppFiles, Context};
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static PLUGIN_ENABLED: Rule = Rule {
    id: RuleId(1208),
    name: "plugin-enabled",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "an app with settings is enabled, and so is the plugin of each of its settings files",
    explanation: "isEnabled false turns the whole app off, and isOauthPluginEnabled false makes every OAuth \
        request to it fail, although its OAuth settings deploy without an error. The mobile, push, notification, \
        canvas and attestation plugins work the same way. Turn a switch off only for an app, or a part of one, \
        that is out of use.",
    source: "Metadata API Developer Guide, ExtlClntAppConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1208-plugin-enabled.txt"),
    check: plugin_enabled,
};

/// A switch of the app policies, what it controls, and the type of the files that need it.
struct Switch {
    element: &'static str,
    value: fn(&ExtlClntAppConfigurablePolicies) -> Option<bool>,
    what: &'static str,
    settings: MetadataType,
}

/// SAML has its own rule, since an org refuses SAML policies without the plugin.
const SWITCHES: &[Switch] = &[
    Switch {
        element: "isOauthPluginEnabled",
        value: |policies| policies.is_oauth_plugin_enabled,
        what: "OAuth",
        settings: MetadataType::ExtlClntAppOauthSettings,
    },
    Switch {
        element: "isMobilePluginEnabled",
        value: |policies| policies.is_mobile_plugin_enabled,
        what: "mobile",
        settings: MetadataType::ExtlClntAppMobileSettings,
    },
    Switch {
        element: "isPushPluginEnabled",
        value: |policies| policies.is_push_plugin_enabled,
        what: "push",
        settings: MetadataType::ExtlClntAppPushSettings,
    },
    Switch {
        element: "isNotificationPluginEnabled",
        value: |policies| policies.is_notification_plugin_enabled,
        what: "notification",
        settings: MetadataType::ExtlClntAppNotificationSettings,
    },
    Switch {
        element: "isCanvasPluginEnabled",
        value: |policies| policies.is_canvas_plugin_enabled,
        what: "canvas",
        settings: MetadataType::ExtlClntAppCanvasSettings,
    },
    Switch {
        element: "isAttestPluginEnabled",
        value: |policies| policies.is_attest_plugin_enabled,
        what: "attestation",
        settings: MetadataType::ExtlClntAppAttestSettings,
    },
];

fn plugin_enabled(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in &context.apps {
        let Some((component, policies)) = files.policies() else {
            continue;
        };
        let mut used = SWITCHES
            .iter()
            .filter(|switch| has(files, switch.settings))
            .peekable();
        let app = files.app.name;
        if let (Some(first), Some(false)) = (used.peek(), policies.is_enabled) {
            let what = first.what;
            findings.at_element(
                component,
                "isEnabled",
                format!("the app is off, so the {what} settings of {app} have no effect"),
            );
        }
        for Switch { element, what, .. } in
            used.filter(|switch| (switch.value)(policies) == Some(false))
        {
            findings.at_element(
                component,
                element,
                format!("the {what} plugin is off, so the {what} settings of {app} have no effect"),
            );
        }
    }
}

fn has(files: &AppFiles<'_>, kind: MetadataType) -> bool {
    let mut members = files.app.members.iter();
    members.any(|component| component.kind() == kind)
}

pub(crate) static OAUTH_PLUGIN_NEEDED: Rule = Rule {
    id: RuleId(1901),
    name: "oauth-plugin-needed",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "an app with push or notification settings has the OAuth plugin",
    explanation: "Push and notification messages go to devices that logged in with the app, so both plugins need the OAuth \
        plugin: OAuth settings for the app, and isOauthPluginEnabled not turned off. Without them the deploy \
        succeeds or fails, depending on the state of the org, and no message ever arrives.",
    source: "Metadata API Developer Guide, ExtlClntAppPushSettings, ExtlClntAppPushConfigurablePolicies and \
        ExtlClntAppNotificationSettings",
    pair: include_str!("../../pairs/ECA1901-oauth-plugin-needed.txt"),
    check: oauth_plugin_needed,
};

const NEED_OAUTH: &[MetadataType] = &[
    MetadataType::ExtlClntAppPushSettings,
    MetadataType::ExtlClntAppPushConfigurablePolicies,
    MetadataType::ExtlClntAppNotificationSettings,
];

fn oauth_plugin_needed(context: &Context<'_>, findings: &mut Findings<'_>) {
    let settings = MetadataType::ExtlClntAppOauthSettings;
    for files in &context.apps {
        let app = files.app.name;
        let off = files
            .policies()
            .filter(|(_, policies)| policies.is_oauth_plugin_enabled == Some(false));
        let reason = match off {
            Some((policies, _)) => format!("{} turns it off", policies.path()),
            None if !has(files, settings) && !context.has_unreadable(settings) => {
                format!("{app} has no OAuth settings")
            }
            None => continue,
        };
        let members = files.app.members.iter();
        for component in members.filter(|component| NEED_OAUTH.contains(&component.kind())) {
            findings
                .at_element(
                    component,
                    "externalClientApplication",
                    format!("{} needs the OAuth plugin: {reason}", component.kind()),
                )
                .help("add an .ecaOauth file for the app, and leave isOauthPluginEnabled on");
        }
    }
}

pub(crate) static MOBILE_LOCK: Rule = Rule {
    id: RuleId(1902),
    name: "mobile-lock",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "a timeout of the screen lock comes with isScreenLockEnabled",
    explanation: "screenLockTimeout in the mobile policies defines after how long the app locks itself, but \
        the developer's isScreenLockEnabled in the mobile settings decides whether it locks at all. With that one \
        off, the timeout has no effect on any device.",
    source: "Metadata API Developer Guide, ExtlClntAppMobileConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1902-mobile-lock.txt"),
    check: mobile_lock,
};

fn mobile_lock(context: &Context<'_>, findings: &mut Findings<'_>) {
    for files in &context.apps {
        let Some((settings, mobile)) = files.all::<ExtlClntAppMobileSettings>().next() else {
            continue;
        };
        if mobile.is_screen_lock_enabled == Some(true) {
            continue;
        }
        for (component, policies) in files.all::<ExtlClntAppMobileConfigurablePolicies>() {
            match &policies.screen_lock_timeout {
                None | Some(ScreenLockTimeout::Never | ScreenLockTimeout::Unknown(_)) => {}
                Some(timeout) => {
                    findings
                        .at_element(
                            component,
                            "screenLockTimeout",
                            format!("{} has no effect: the screen lock is off", timeout.as_str()),
                        )
                        .help(format!(
                            "set isScreenLockEnabled to true in {}, or screenLockTimeout to Never",
                            settings.path()
                        ));
                }
            }
        }
    }
}
