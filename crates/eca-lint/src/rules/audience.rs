//! The users that the policies name, and the page that they see first.

use eca_model::DeveloperName;
use eca_model::text::NameList;
use eca_model::types::{
    ExtlClntAppConfigurablePolicies, ExtlClntAppOauthConfigurablePolicies, ExtlClntAppStartPage,
    PermittedUsersPolicyType,
};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::quote::Quoted;
use crate::engine::value::is_placeholder;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static PERMSET_NAMES: Rule = Rule {
    id: RuleId(1219),
    name: "permset-names",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "pre-approved permission sets are listed by API name, with commas",
    explanation: "Salesforce Help lists permission sets by their ids, and files that orgs wrote have API names. Both are \
        accepted, but an id belongs to one org: in another org it refers to nothing, and the deploy fails. That is \
        worth knowing. A label, or names with semicolons between them, name no permission set in any org.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies; Salesforce Help, \"OAuth 2.0 for \
        First-Party Applications: Configure an External Client App for Headless Identity Flows\"; files that orgs wrote",
    pair: include_str!("../../pairs/ECA1219-permset-names.txt"),
    check: permset_names,
};

fn permset_names(context: &Context<'_>, findings: &mut Findings<'_>) {
    const ELEMENT: &str = "commaSeparatedPermissionSet";
    for (component, policies) in context
        .project
        .of_type::<ExtlClntAppOauthConfigurablePolicies>()
    {
        let names = policies.comma_separated_permission_set.iter();
        for name in names.flat_map(NameList::iter) {
            if is_record_id(name) {
                findings
                    .at_element(
                        component,
                        ELEMENT,
                        format!("{name} is the id of a record in one org"),
                    )
                    .at_most(Severity::Info)
                    .help("list the permission set by its API name");
            } else if name.contains(';') {
                findings
                    .at_element(
                        component,
                        ELEMENT,
                        format!(
                            "{} has a semicolon; the list is separated by commas",
                            Quoted(name)
                        ),
                    )
                    .help("write a comma between the names");
            } else if !is_placeholder(name) && !is_api_name(name) {
                findings
                    .at_element(
                        component,
                        ELEMENT,
                        format!("{} is no API name of a permission set", Quoted(name)),
                    )
                    .help("list the permission set by its API name, not by its label");
            }
        }
    }
}

/// An API name, with or without a namespace.
fn is_api_name(name: &str) -> bool {
    let local = name.split_once("__").map_or(name, |(_, local)| local);
    local.parse::<DeveloperName>().is_ok()
}

/// Permission sets have ids that begin with 0PS.
fn is_record_id(name: &str) -> bool {
    matches!(name.len(), 15 | 18)
        && name.starts_with("0PS")
        && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

pub(crate) static STARTPAGE: Rule = Rule {
    id: RuleId(1223),
    name: "startpage",
    severity: Severity::Warning,
    profiles: &[Profile::Default],
    summary: "the start page and the start URL of an app match",
    explanation: "startUrl of the app policies is used only with startPage Custom. startPage OAuth opens the startUrl of \
        the OAuth policies instead. Without the URL that the start page needs, the tile of the app opens \
        nothing.",
    source: "Metadata API Developer Guide, ExtlClntAppConfigurablePolicies",
    pair: include_str!("../../pairs/ECA1223-startpage.txt"),
    check: startpage,
};

fn startpage(context: &Context<'_>, findings: &mut Findings<'_>) {
    let has_text =
        |value: &Option<String>| value.as_deref().is_some_and(|text| !text.trim().is_empty());
    for files in &context.apps {
        for (component, policies) in files.all::<ExtlClntAppConfigurablePolicies>() {
            let url = has_text(&policies.start_url);
            match &policies.start_page {
                Some(ExtlClntAppStartPage::Custom) if !url => {
                    findings.at_element(component, "startPage", "startPage Custom needs startUrl");
                }
                Some(ExtlClntAppStartPage::Custom | ExtlClntAppStartPage::Unknown(_)) => {}
                other => {
                    let shown = other.as_ref().map_or("None", |page| page.as_str());
                    if url {
                        findings.at_element(
                            component,
                            "startUrl",
                            format!("startUrl has no effect with startPage {shown}"),
                        );
                    }
                    let lacks_url = files
                        .oauth_policies()
                        .is_some_and(|(_, oauth)| !has_text(&oauth.start_url));
                    if *other == Some(ExtlClntAppStartPage::OAuth) && lacks_url {
                        findings.at_element(
                            component,
                            "startPage",
                            "startPage OAuth needs startUrl in the OAuth policies",
                        );
                    }
                }
            }
        }
    }
}

pub(crate) static PROFILES_VS_PS: Rule = Rule {
    id: RuleId(1715),
    name: "profiles-vs-ps",
    severity: Severity::Warning,
    profiles: &[Profile::Hardening],
    summary: "users are pre-approved by permission sets, not by profiles",
    explanation: "Every user has exactly one profile: approving System Administrator or Standard User approves \
        users who do not need the app. A permission set is assigned to those who need the app, and can be removed \
        again.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies (commaSeparatedProfile)",
    pair: include_str!("../../pairs/ECA1715-profiles-vs-ps.txt"),
    check: profiles_vs_ps,
};

fn profiles_vs_ps(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (component, policies) in context
        .project
        .of_type::<ExtlClntAppOauthConfigurablePolicies>()
    {
        let Some(list) = &policies.comma_separated_profile else {
            continue;
        };
        for name in list.iter() {
            let administrator = matches!(name, "System Administrator" | "Admin");
            findings
                .at_element(
                    component,
                    "commaSeparatedProfile",
                    format!("every user with the profile {} is approved", Quoted(name)),
                )
                .at_most(if administrator {
                    Severity::Warning
                } else {
                    Severity::Info
                })
                .help("list a permission set in commaSeparatedPermissionSet instead");
        }
    }
}

pub(crate) static OPEN_TO_ALL: Rule = Rule {
    id: RuleId(1714),
    name: "open-to-all",
    severity: Severity::Warning,
    profiles: &[Profile::Hardening],
    summary: "only users whom an administrator approved may use the app",
    explanation: "With AllSelfAuthorized every user of the org may grant the app access to their data, so an attacker \
        needs only a convincing login page. With AdminApprovedPreAuthorized only users of the listed permission \
        sets may use the app. The change logs out all current users, so assign the permission sets first.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthConfigurablePolicies (permittedUsersPolicyType)",
    pair: include_str!("../../pairs/ECA1714-open-to-all.txt"),
    check: |context, findings| {
        for (component, policies) in context
            .project
            .of_type::<ExtlClntAppOauthConfigurablePolicies>()
        {
            if policies.permitted_users_policy_type
                == Some(PermittedUsersPolicyType::AllSelfAuthorized)
            {
                findings
                    .at_element(component, "permittedUsersPolicyType", "every user of the org may authorize the app")
                    .help("assign permission sets, list them, and set permittedUsersPolicyType to AdminApprovedPreAuthorized");
            }
        }
    },
};
