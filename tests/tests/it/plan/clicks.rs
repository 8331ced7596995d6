//! Drift is exactly what was clicked.

use std::collections::BTreeSet;

use eca_model::FieldValue;

use crate::plan::{HEADER, POLICIES, SETTINGS, World, text};

/// What somebody does in the org, and what drift says of it.
struct Click {
    component: &'static str,
    /// Members; none deletes the component.
    members: Vec<(&'static str, FieldValue)>,
    expected: &'static [&'static str],
}

fn clicks() -> Vec<Click> {
    let list = |items: &[&str]| {
        let items = items.iter().map(|item| (*item).to_owned());
        FieldValue::List(items.collect())
    };
    vec![
        Click {
            component: HEADER,
            members: vec![("contactEmail", text("clicked@acme.example"))],
            expected: &["changed ExternalClientApplication:Storefront contactEmail"],
        },
        Click {
            component: SETTINGS,
            members: vec![
                ("commaSeparatedOauthScopes", list(&["Api", "Basic"])),
                (
                    "trustedIpRanges[startIpAddress=10.9.0.1].endIpAddress",
                    text("10.9.0.9"),
                ),
            ],
            expected: &[
                "changed ExtlClntAppOauthSettings:Storefront_oauth commaSeparatedOauthScopes",
                "only-in-org ExtlClntAppOauthSettings:Storefront_oauth trustedIpRanges[startIpAddress=10.9.0.1].endIpAddress",
            ],
        },
        Click {
            component: POLICIES,
            members: vec![
                ("sessionTimeoutInMinutes", FieldValue::Integer(720)),
                ("startUrl", text("https://start.example")),
                ("permittedUsersPolicyType", text("AllSelfAuthorized")),
            ],
            expected: &[
                "changed ExtlClntAppOauthConfigurablePolicies:Storefront_oauthPlcy permittedUsersPolicyType",
                "changed ExtlClntAppOauthConfigurablePolicies:Storefront_oauthPlcy sessionTimeoutInMinutes",
                "only-in-org ExtlClntAppOauthConfigurablePolicies:Storefront_oauthPlcy startUrl",
            ],
        },
        Click {
            component: "NamedCredential:Fulfilment_Api",
            members: Vec::new(),
            expected: &["missing NamedCredential:Fulfilment_Api"],
        },
        Click {
            component: "ExtlClntAppGlobalOauthSettings:Storefront_glbloauth",
            members: vec![("isRefreshTokenRotationEnabled", FieldValue::Boolean(false))],
            expected: &[
                "changed ExtlClntAppGlobalOauthSettings:Storefront_glbloauth isRefreshTokenRotationEnabled",
            ],
        },
    ]
}

#[test]
fn drift_is_what_was_clicked_and_nothing_else() {
    let clicks = clicks();
    for is_recorded in [true, false] {
        let world = World::new();
        if is_recorded {
            world.record();
        }
        for mask in [
            0b00000_u32,
            0b00001,
            0b00010,
            0b00100,
            0b01000,
            0b10000,
            0b01011,
            0b10110,
            0b11111,
        ] {
            world.deploy();
            let mut expected = BTreeSet::new();
            for (number, click) in clicks.iter().enumerate() {
                if mask & (1 << number) == 0 {
                    continue;
                }
                if click.members.is_empty() {
                    world.delete(click.component);
                } else {
                    world.click(click.component, &click.members);
                }
                expected.extend(click.expected.iter().map(|line| (*line).to_owned()));
            }
            let run = world.run(&["drift", "--json"]);
            let json = run.json();
            let entries = json["entries"].as_array().unwrap().iter();
            let found: BTreeSet<_> = entries
                .map(|entry| {
                    let member = entry["member"].as_str();
                    let member = member.map_or_else(String::new, |member| format!(" {member}"));
                    let part = |name: &str| entry[name].as_str().unwrap().to_owned();
                    format!("{} {}{member}", part("kind"), part("component"))
                })
                .collect();
            assert_eq!(found, expected, "{mask:b}");
            assert_eq!(run.code, if mask == 0 { 0 } else { 2 }, "{mask:b}");
            let side = if is_recorded { "applied" } else { "project" };
            assert_eq!(json["compared_with"], side);
            // A plan sees the same, and sends nothing where it knows what was applied.
            if is_recorded {
                let plan = world.run(&["plan", "--json"]).json();
                assert_eq!(plan["steps"].as_array().unwrap().len(), 0, "{plan}");
                assert_eq!(plan["conflicts"].as_array().unwrap().len(), 0, "{plan}");
            }
        }
    }
}
