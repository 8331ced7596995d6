//! The order of the steps.

use std::fmt::Write as _;

use eca_plan::{Facts, PlanOptions, Step, Switch};
use expect_test::expect;

use crate::sides::{planned, snapshot};

fn steps(last: &str, desired: &str, actual: &str, facts: &Facts) -> String {
    let plan = planned(last, desired, actual, facts, &PlanOptions::default());
    let mut lines = String::new();
    for step in &plan.steps {
        match step {
            Step::ByHand { task } => writeln!(lines, "by hand: {task}"),
            Step::Deploy { stage, components } => writeln!(lines, "{stage}: {components:?}"),
            Step::Delete { components } => writeln!(lines, "delete: {components:?}"),
            other => panic!("{other:?}"),
        }
        .unwrap();
    }
    lines
}

const ALL: &str = "
    ExternalClientApplication:Shop <label>Shop</label>
    ExternalClientApplication:Till <label>Till</label>
    ExtlClntAppGlobalOauthSettings:Shop_global <isCodeCredFlowEnabled>true</isCodeCredFlowEnabled>
    ExtlClntAppOauthSettings:Till_oauth <label>x</label>
    ExtlClntAppOauthConfigurablePolicies:Till_policy <commaSeparatedPermissionSet>Cashier</commaSeparatedPermissionSet>
    NamedCredential:Ledger <label>x</label>
    ExternalCredential:Ledger <authenticationProtocol>Oauth</authenticationProtocol><externalCredentialParameters><parameterName>Bot</parameterName><parameterType>NamedPrincipal</parameterType></externalCredentialParameters><label>x</label>
    PermissionSet:Cashier <label>x</label>
    OauthCustomScope:Till_Read <isPublic>false</isPublic>
    Certificate:Shop <masterLabel>x</masterLabel>
    OauthOidcSettings:OauthOidc <isPkceRequired>true</isPkceRequired>";

#[test]
fn in_order() {
    let mut facts = Facts::new();
    facts.switches.insert(Switch::ExternalClientApps, false);
    facts.switches.insert(Switch::CodeCredentialsFlow, false);
    facts.permission_set_holders.insert("Cashier".to_owned(), 0);
    expect![[r#"
        by hand: turn on external client apps in Setup first
        by hand: turn on "Allow Authorization Code and Credentials Flows" in Setup first
        what apps refer to: [Certificate:Shop, ExternalCredential:Ledger, NamedCredential:Ledger, OauthCustomScope:Till_Read, Settings:OauthOidc, PermissionSet:Cashier]
        apps: [ExternalClientApplication:Shop, ExtlClntAppGlobalOauthSettings:Shop_global, ExternalClientApplication:Till, ExtlClntAppOauthConfigurablePolicies:Till_policy, ExtlClntAppOauthSettings:Till_oauth]
        by hand: assign the permission set Cashier to the users of Till: no active user has it
        by hand: store the credentials of the principal Bot of the external credential Ledger (Setup, Named Credentials)
    "#]].assert_eq(&steps("-", ALL, "", &facts));
    // The same in reverse, and nobody has to do anything.
    expect![[r#"
        delete: [ExtlClntAppGlobalOauthSettings:Shop_global, ExtlClntAppOauthSettings:Till_oauth, ExternalClientApplication:Shop, ExternalClientApplication:Till, Certificate:Shop, ExternalCredential:Ledger, NamedCredential:Ledger, OauthCustomScope:Till_Read, PermissionSet:Cashier]
    "#]].assert_eq(&steps(ALL, "", ALL, &facts));
    // The switch comes with the deploy.
    let settings = ALL.replace(
        "OauthOidc <",
        "OauthOidc <oAuthCdCrdtFlowEnable>true</oAuthCdCrdtFlowEnable><",
    );
    let steps = steps("-", &settings, "", &facts);
    assert!(!steps.contains("Code and Credentials"), "{steps}");
}

#[test]
fn the_parts_of_an_app_stay_together() {
    let mut desired = snapshot("");
    let app = snapshot(
        "ExternalClientApplication:Shop <label>a</label>\nExtlClntAppOauthSettings:Shop_oauth",
    );
    for number in 0..3_333 {
        for (name, component) in &app.components {
            let mut name = name.clone();
            name.name = format!("{}{number}", name.name);
            let mut component = component.clone();
            component.app = Some(format!("Shop{number}"));
            desired.components.insert(name, component);
        }
    }
    let actual = snapshot("");
    let plan = eca_plan::plan(
        None,
        &desired,
        &actual,
        &Facts::new(),
        &PlanOptions::default(),
    );
    let sizes: Vec<_> = plan
        .steps
        .iter()
        .map(|step| match step {
            Step::Deploy { components, .. } => {
                let apps = |name: &eca_model::ComponentName| desired.components[name].app.clone();
                let mut apps: Vec<_> = components.iter().map(apps).collect();
                apps.sort();
                apps.dedup();
                (components.len(), apps.len())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sizes, [(5_000, 2_500), (1_666, 833)]);
}
