//! Properties of plans over generated sides.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use eca_model::{FieldPath, FieldValue, Snapshot};
use eca_plan::{Action, ComponentChange, Facts, Outcome, Plan, PlanOptions, Verdict, plan};
use proptest::prelude::*;

use crate::sides::{project, snapshot};

/// What is chosen for each member of each component: 0 leaves it out, and 0 as the first leaves the
/// component out.
type Choices = [[u8; 6]; 5];

const NAMES: [&str; 5] = [
    "ExternalClientApplication:Shop",
    "ExtlClntAppGlobalOauthSettings:Shop_global",
    "ExtlClntAppOauthSettings:Shop_oauth",
    "ExtlClntAppOauthConfigurablePolicies:Shop_policy",
    "PermissionSet:Till",
];

fn choices() -> impl Strategy<Value = Choices> {
    prop::array::uniform5(prop::array::uniform6(0_u8..4))
}

/// The values of each member of each component, as XML.
const VALUES: [[&[&str]; 5]; 5] = [
    [
        &["<label>a</label>", "<label>b</label>", "<label>c</label>"],
        &[
            "<isProtected>true</isProtected>",
            "<isProtected>false</isProtected>",
        ],
        &[
            "<description>a</description>",
            "<description>b</description>",
        ],
        &["<orgScopedExternalApp>a</orgScopedExternalApp>"],
        &["<future>1</future>", "<future>2</future>"],
    ],
    [
        &[
            "<callbackUrl>https://a.example</callbackUrl>",
            "<callbackUrl>https://a.example\\nhttps://b.example</callbackUrl>",
            "<callbackUrl>https://b.example\\nhttps://a.example</callbackUrl>",
        ],
        &[
            "<idTokenConfig><idTokenAudience>a</idTokenAudience></idTokenConfig>",
            "<idTokenConfig><idTokenAudience>b</idTokenAudience>\
             <idTokenValidityInMinutes>9</idTokenValidityInMinutes></idTokenConfig>",
            "<idTokenConfig><idTokenValidityInMinutes>9</idTokenValidityInMinutes></idTokenConfig>",
        ],
        &[
            "<isPkceRequired>true</isPkceRequired>",
            "<isPkceRequired>false</isPkceRequired>",
        ],
        &[
            "<consumerSecret>s</consumerSecret>",
            "<consumerKey>3MVG9</consumerKey>",
        ],
        &[
            "<certificate>a</certificate>",
            "<certificate>b</certificate>",
        ],
    ],
    [
        &[
            "<commaSeparatedOauthScopes>Api</commaSeparatedOauthScopes>",
            "<commaSeparatedOauthScopes>Api, Web</commaSeparatedOauthScopes>",
            "<commaSeparatedOauthScopes/>",
        ],
        &[
            "<customAttributes><formula>f</formula><key>k</key></customAttributes>",
            "<customAttributes><formula>g</formula><key>k</key></customAttributes>\
             <customAttributes><formula>f</formula><key>l</key></customAttributes>",
            "<customAttributes><formula>f</formula><key>k</key></customAttributes>\
             <customAttributes><formula>g</formula><key>k</key></customAttributes>",
        ],
        &[
            "<label>a</label>",
            "<label>b</label>",
            "<label>${NAME}</label>",
        ],
        &[
            "<assetTokenValidity>9</assetTokenValidity>",
            "<assetTokenValidity>x</assetTokenValidity>",
        ],
        &[
            "<trustedIpRanges><endIpAddress>2</endIpAddress><startIpAddress>1</startIpAddress></trustedIpRanges>",
            "<trustedIpRanges><endIpAddress>3</endIpAddress><startIpAddress>1</startIpAddress></trustedIpRanges>",
            "<trustedIpRanges><description>d</description><endIpAddress>2</endIpAddress>\
             <startIpAddress>1</startIpAddress></trustedIpRanges>",
        ],
    ],
    [
        &["<label>a</label>", "<label>b</label>"],
        &[
            "<commaSeparatedPermissionSet>Till</commaSeparatedPermissionSet>",
            "<commaSeparatedPermissionSet>Till,Other</commaSeparatedPermissionSet>",
        ],
        &["<isTokenExchangeFlowEnabled>true</isTokenExchangeFlowEnabled>"],
        &["<sessionTimeoutInMinutes>15</sessionTimeoutInMinutes>"],
        &["<startUrl>a</startUrl>", "<startUrl>b</startUrl>"],
    ],
    [
        &["<label>a</label>", "<label>b</label>"],
        &["<userPermissions><enabled>true</enabled><name>A</name></userPermissions>"],
        &["<description>d</description>"],
        &[],
        &[],
    ],
];

fn side(choices: Choices) -> String {
    let mut text = String::new();
    for (index, chosen) in choices.into_iter().enumerate() {
        if chosen[0] > 0 {
            write!(text, "{} ", NAMES[index]).unwrap();
            for (member, values) in VALUES[index].iter().enumerate() {
                let value = usize::from(chosen[member + 1]).checked_sub(1);
                text.push_str(value.and_then(|value| values.get(value)).unwrap_or(&""));
            }
            text.push('\n');
        }
    }
    text
}

/// An org shows no secret, and fills in what a deploy leaves to it.
fn org(choices: Choices) -> Snapshot {
    let mut org = snapshot(&side(choices).replace("${NAME}", "filled"));
    for component in org.components.values_mut() {
        component
            .fields
            .retain(|_, value| *value != FieldValue::Secret);
    }
    org
}

fn planned(last: Option<&Snapshot>, desired: &Snapshot, actual: &Snapshot) -> Plan {
    plan(
        last,
        desired,
        actual,
        &Facts::new(),
        &PlanOptions::default(),
    )
}

fn is_sent(plan: &Plan) -> bool {
    plan.changes.iter().any(ComponentChange::is_sent)
}

/// The members and components that somebody changed in the org.
fn drift(plan: &Plan) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for change in &plan.changes {
        let name = change.component.to_string();
        if change.verdict == Some(Verdict::Drift) {
            found.insert((name.clone(), String::new()));
        }
        let drifted = change
            .members
            .iter()
            .filter(|m| m.verdict == Verdict::Drift);
        found.extend(drifted.map(|member| (name.clone(), member.path.to_string())));
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Once a plan is applied, planning again sends nothing: with the drift put back nothing is
    /// left to say, and without it the same drift is found again.
    #[test]
    fn applying_a_plan_leaves_nothing_to_send(
        last in prop::option::of(choices()), desired in choices(), actual in choices(),
    ) {
        let last = last.map(|last| snapshot(&side(last)));
        let (desired, actual) = (snapshot(&side(desired)), org(actual));
        for options in [PlanOptions::default(), PlanOptions::default().restore_all_drift()] {
            let first = plan(last.as_ref(), &desired, &actual, &Facts::new(), &options);
            if first.outcome() == Outcome::Conflicts {
                prop_assert!(first.steps.is_empty());
                continue;
            }
            let after = first.expected(&desired, &actual);
            let again = plan(Some(&desired), &desired, &after, &Facts::new(), &options);
            prop_assert!(again.conflicts.is_empty(), "{:#?}", again.conflicts);
            prop_assert!(!is_sent(&again), "{:#?}\nthen {:#?}", first.changes, again.changes);
            prop_assert_eq!(drift(&again), drift(&first));
        }
    }

    /// The files that are sent mean what the plan expects.
    #[test]
    fn a_package_means_what_is_expected(
        last in prop::option::of(choices()), desired in choices(), actual in choices(),
    ) {
        let last = last.map(|last| snapshot(&side(last)));
        let files = project(&side(desired));
        let (desired, actual) = (files.snapshot(), org(actual));
        let plan = planned(last.as_ref(), &desired, &actual);
        if !plan.conflicts.is_empty() {
            return Ok(());
        }
        let sent = plan.package(&files).unwrap().snapshot();
        let expected = plan.expected(&desired, &actual);
        for change in plan.changes.iter().filter(|change| change.is_sent()) {
            if change.action == Action::Delete {
                prop_assert!(!expected.components.contains_key(&change.component));
                continue;
            }
            let mut sent = sent.components[&change.component].fields.clone();
            sent.retain(|_, value| *value != FieldValue::Secret);
            prop_assert_eq!(sent, expected.components[&change.component].fields.clone());
        }
    }

    /// Edits of different members never conflict, and both are in what is sent.
    #[test]
    fn disjoint_edits_never_conflict(
        base in choices(), ours in choices(), theirs in choices(), whose in prop::array::uniform5(prop::array::uniform6(any::<bool>())),
    ) {
        let (mut desired, mut actual) = (base, base);
        for component in 0..base.len() {
            for member in 1..6 {
                // A value that no file takes cannot be sent along with another edit.
                let is_odd = (component, member) == (2, 2) || (component, member) == (2, 4) || (component == 0 && member == 5) || component == 4;
                if whose[component][member] {
                    desired[component][member] = ours[component][member];
                } else if !is_odd {
                    actual[component][member] = theirs[component][member];
                }
            }
        }
        let last = snapshot(&side(base));
        let plan = planned(Some(&last), &snapshot(&side(desired)), &org(actual));
        prop_assert!(plan.conflicts.is_empty(), "{:#?}", plan.conflicts);
    }

    /// What the project did not change is not sent, whatever somebody did in the org.
    #[test]
    fn drift_alone_sends_nothing(ours in choices(), actual in choices()) {
        let ours = snapshot(&side(ours));
        let plan = planned(Some(&ours), &ours, &org(actual));
        prop_assert!(plan.steps.is_empty(), "{:#?}", plan.steps);
        prop_assert!(!is_sent(&plan), "{:#?}", plan.changes);
    }

    /// Nothing is deleted that was not applied from here.
    #[test]
    fn only_what_was_applied_is_deleted(
        last in prop::option::of(choices()), desired in choices(), actual in choices(),
    ) {
        let last = last.map(|last| snapshot(&side(last)));
        let plan = planned(last.as_ref(), &snapshot(&side(desired)), &org(actual));
        for change in plan.changes.iter().filter(|change| change.action == Action::Delete) {
            let last = last.as_ref().unwrap();
            prop_assert!(last.components.contains_key(&change.component));
        }
    }

    /// What cannot be read is said to be so, and a plan with it never says that nothing is to do.
    #[test]
    fn unreadable_is_never_unchanged(
        last in prop::option::of(choices()), desired in choices(), actual in choices(), hidden in 0_usize..5,
    ) {
        let last = last.map(|last| snapshot(&side(last)));
        let mut actual = org(actual);
        let name = NAMES[hidden].parse().unwrap();
        actual.components.remove(&name);
        actual.unreadable.insert(name.clone());
        let plan = planned(last.as_ref(), &snapshot(&side(desired)), &actual);
        prop_assert_ne!(plan.outcome(), Outcome::Nothing);
        let change = plan.changes.iter().find(|change| change.component == name);
        prop_assert!(change.is_some_and(ComponentChange::is_unreadable));
    }

    /// A plan survives its JSON.
    #[test]
    fn json_round_trip(
        last in prop::option::of(choices()), desired in choices(), actual in choices(),
    ) {
        let last = last.map(|last| snapshot(&side(last)));
        let plan = planned(last.as_ref(), &snapshot(&side(desired)), &org(actual));
        let json = serde_json::to_string(&plan).unwrap();
        let read: Plan = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(read, plan);
    }
}

/// The path of a file beside a component is one that can be read back.
#[test]
fn the_content_has_a_path() {
    let path: FieldPath = eca_plan::CONTENT.parse().unwrap();
    assert_eq!(path, FieldPath::new(eca_plan::CONTENT));
}
