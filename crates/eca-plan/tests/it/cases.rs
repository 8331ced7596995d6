//! Whole components, records, lists, and what cannot be read.

use eca_model::Snapshot;
use eca_plan::{Facts, Heading, Outcome, PlanOptions, Unreadable, plan, text};
use expect_test::{Expect, expect};

use crate::sides::{APP, GLOBAL, OAUTH, POLICIES, planned, shown, snapshot};

fn check(last: &str, desired: &str, actual: &str, expected: &Expect) {
    expected.assert_eq(&shown(last, desired, actual, &Facts::new()));
}

fn app(members: &str) -> String {
    format!("{APP} {members}")
}

#[test]
fn whole_components() {
    let label = app("<label>Shop</label>");
    let other = app("<label>Store</label>");
    // Only the project has it.
    check(
        "-",
        &label,
        "",
        &expect![[r#"
        Shop
          + ExternalClientApplication:Shop
              + label: Shop

        Steps
          1. deploy 1 component: apps

        changes: 1 to create
    "#]],
    );
    // It was applied, and somebody deleted it.
    check(
        &label,
        &label,
        "",
        &expect![[r#"
        Shop
          ! ExternalClientApplication:Shop  (deleted in the org; left so)

        drift only; nothing is sent: 1 drifted
    "#]],
    );
    // It was applied, somebody deleted it, and the project changed it.
    check(
        &label,
        &other,
        "",
        &expect![[r#"
        Shop
          ≠ ExternalClientApplication:Shop  (the project changed it, and somebody deleted it from the org)

        conflicts; nothing can be applied: 1 in conflict
    "#]],
    );
    // The project dropped it.
    check(
        &label,
        "",
        &label,
        &expect![[r#"
        Shop
          - ExternalClientApplication:Shop  (no longer in the project)

        Risks
          consumer      ExternalClientApplication:Shop: the consumer key and every token of the app end with it (whom it touches could not be read)
          irreversible  ExternalClientApplication:Shop: an app that is created again has another consumer key

        Steps
          1. delete 1 component

        changes: 1 to delete, 2 at risk
    "#]],
    );
    // The project dropped it, and somebody changed it.
    check(
        &label,
        "",
        &other,
        &expect![[r#"
        Shop
          ≠ ExternalClientApplication:Shop  (the project dropped it, and somebody changed it in the org)

        conflicts; nothing can be applied: 1 in conflict
    "#]],
    );
    // The project dropped it, and it is gone.
    check(
        &label,
        "",
        "",
        &expect![[r#"
        nothing to do
    "#]],
    );
    // Only the org has it.
    check(
        "-",
        "",
        &label,
        &expect![[r#"
        Shop
          = ExternalClientApplication:Shop  (only in the org; left alone)

        nothing to do
    "#]],
    );
    // Policies are made by the org.
    let with_policies = format!("{label}\n{POLICIES} <label>made</label>");
    check(
        &label,
        &label,
        &with_policies,
        &expect![[r#"
        nothing to do
    "#]],
    );
    check(
        &with_policies,
        &label,
        &with_policies,
        &expect![[r#"
        nothing to do
    "#]],
    );
}

#[test]
fn lists_of_records() {
    let ranges = |ranges: &[(&str, &str)]| {
        let range = |(start, end): &(&str, &str)| {
            format!(
                "<trustedIpRanges><endIpAddress>{end}</endIpAddress><startIpAddress>{start}</startIpAddress></trustedIpRanges>"
            )
        };
        let ranges: String = ranges.iter().map(range).collect();
        format!("{OAUTH} {ranges}")
    };
    // Ours changes one record, and the org has another one: both are sent.
    check(
        &ranges(&[("10.0.0.1", "10.0.0.2")]),
        &ranges(&[("10.0.0.1", "10.0.0.9")]),
        &ranges(&[("10.0.0.1", "10.0.0.2"), ("10.1.0.1", "10.1.0.2")]),
        &expect![[r#"
            Shop
              ~ ExtlClntAppOauthSettings:Shop_oauth
                  ~ trustedIpRanges[startIpAddress=10.0.0.1].endIpAddress: 10.0.0.2 -> 10.0.0.9
                  = trustedIpRanges[startIpAddress=10.1.0.1].endIpAddress: 10.1.0.2  (only in the org; sent along)
                  = trustedIpRanges[startIpAddress=10.1.0.1].startIpAddress: 10.1.0.1  (only in the org; sent along)

            Steps
              1. deploy 1 component: apps

            changes: 1 to change
        "#]],
    );
    // Records that have the same key are compared as a whole.
    let twice = ranges(&[("10.0.0.1", "10.0.0.2"), ("10.0.0.1", "10.0.0.3")]);
    let others = ranges(&[("10.0.0.1", "10.0.0.2"), ("10.0.0.1", "10.0.0.4")]);
    check(
        &twice,
        &twice,
        &others,
        &expect![[r#"
            Shop
              ! ExtlClntAppOauthSettings:Shop_oauth
                  ! trustedIpRanges: {endIpAddress=10.0.0.2, startIpAddress=10.0.0.1}, {endIpAddress=10.0.0.3, startIpAddress=10.0.0.1}, and {endIpAddress=10.0.0.2, startIpAddress=10.0.0.1}, {endIpAddress=10.0.0.4, startIpAddress=10.0.0.1} in the org  (left alone)

            drift only; nothing is sent: 1 drifted
        "#]],
    );
    // They cannot be sent along.
    let label = "<label>new</label>";
    check(
        &twice,
        &format!("{twice}{label}"),
        &others,
        &expect![[r#"
            Shop
              ~ ExtlClntAppOauthSettings:Shop_oauth
                  + label: new
                  ≠ trustedIpRanges: {endIpAddress=10.0.0.2, startIpAddress=10.0.0.1}, {endIpAddress=10.0.0.3, startIpAddress=10.0.0.1} in the project, {endIpAddress=10.0.0.2, startIpAddress=10.0.0.1}, {endIpAddress=10.0.0.4, startIpAddress=10.0.0.1} in the org, {endIpAddress=10.0.0.2, startIpAddress=10.0.0.1}, {endIpAddress=10.0.0.3, startIpAddress=10.0.0.1} applied last  (somebody changed it in the org, and its value there cannot be sent along)

            conflicts; nothing can be applied: 1 to change, 1 in conflict
        "#]],
    );
    check(
        OAUTH,
        &format!("{OAUTH} {label}"),
        &twice,
        &expect![[r#"
            Shop
              ~ ExtlClntAppOauthSettings:Shop_oauth
                  + label: new
                  ! trustedIpRanges: {endIpAddress=10.0.0.2, startIpAddress=10.0.0.1}, {endIpAddress=10.0.0.3, startIpAddress=10.0.0.1} -> –  (only in the org; cannot be sent along)

            Risks
              wipe          ExtlClntAppOauthSettings:Shop_oauth trustedIpRanges: the org's value cannot be sent along and is lost

            Steps
              1. deploy 1 component: apps

            changes: 1 to change, 1 at risk
        "#]],
    );
}

#[test]
fn records_that_one_side_removes() {
    // A record that the project removes, and somebody filled.
    let token = |members: &str| format!("{GLOBAL} <idTokenConfig>{members}</idTokenConfig>");
    let audience = "<idTokenAudience>a</idTokenAudience>";
    let minutes = "<idTokenValidityInMinutes>9</idTokenValidityInMinutes>";
    check(
        &token(audience),
        GLOBAL,
        &token(&format!("{audience}{minutes}")),
        &expect![[r#"
            Shop
              ~ ExtlClntAppGlobalOauthSettings:Shop_global
                  - idTokenConfig.idTokenAudience: a
                  ! idTokenConfig.idTokenValidityInMinutes: 9 -> –  (only in the org; cannot be sent along)

            Risks
              wipe          ExtlClntAppGlobalOauthSettings:Shop_global idTokenConfig.idTokenValidityInMinutes: the org's value cannot be sent along and is lost

            Steps
              1. deploy 1 component: apps

            changes: 1 to change, 1 at risk
        "#]],
    );
    // The other way round.
    check(
        &token(audience),
        &token(&format!("{audience}{minutes}")),
        GLOBAL,
        &expect![[r#"
            Shop
              ! ExtlClntAppGlobalOauthSettings:Shop_global
                  ! idTokenConfig.idTokenAudience: a, and – in the org  (left alone)
                  ≠ idTokenConfig.idTokenValidityInMinutes: 9 in the project, – in the org, – applied last  (the record around it is removed on the other side)

            conflicts; nothing can be applied: 1 in conflict, 1 drifted
        "#]],
    );
}

#[test]
fn lists_of_texts() {
    // The items of a list are one value, in any order.
    let scopes = |scopes: &str| {
        format!("{OAUTH} <commaSeparatedOauthScopes>{scopes}</commaSeparatedOauthScopes>")
    };
    check(
        &scopes("Api, Web"),
        &scopes("Web,Api"),
        &scopes("Api,Web"),
        &expect![[r#"
            nothing to do
        "#]],
    );
}

#[test]
fn what_an_org_makes_or_hides() {
    let keys = "<consumerKey>3MVG9</consumerKey>";
    let secret = "<consumerSecret>hunter2</consumerSecret>";
    check(
        "-",
        GLOBAL,
        &format!("{GLOBAL} {keys}"),
        &expect![[r#"
        nothing to do
    "#]],
    );
    let hidden = shown("-", &format!("{GLOBAL} {secret}"), GLOBAL, &Facts::new());
    assert!(!hidden.contains("hunter2"));
    expect![[r#"
        Shop
          = ExtlClntAppGlobalOauthSettings:Shop_global
              ? consumerSecret: ***  (an org does not show it)

        nothing to do
    "#]]
    .assert_eq(&hidden);
    // A request is no state.
    let rotate = "<shouldRotateConsumerSecret>true</shouldRotateConsumerSecret>";
    let rotating = format!("{GLOBAL} {rotate}");
    check(
        &rotating,
        &rotating,
        GLOBAL,
        &expect![[r#"
        Shop
          ~ ExtlClntAppGlobalOauthSettings:Shop_global
              ~ shouldRotateConsumerSecret: the org makes a new one

        Risks
          consumer      ExtlClntAppGlobalOauthSettings:Shop_global shouldRotateConsumerSecret: the org replaces it, and clients with the old one fail (whom it touches could not be read)

        Steps
          1. deploy 1 component: apps

        changes: 1 to change, 1 at risk
    "#]],
    );
}

#[test]
fn what_cannot_be_kept() {
    let future = "<future>1</future>";
    check(
        APP,
        &app("<label>new</label>"),
        &app(&format!("<isProtected>true</isProtected>{future}")),
        &expect![[r#"
            Shop
              ~ ExternalClientApplication:Shop
                  ! future: 1 -> –  (only in the org; cannot be sent along)
                  = isProtected: true  (only in the org; sent along)
                  + label: new

            Risks
              wipe          ExternalClientApplication:Shop future: the org's value cannot be sent along and is lost

            Steps
              1. deploy 1 component: apps

            changes: 1 to change, 1 at risk
        "#]],
    );
    // Without a change nothing is lost.
    check(
        APP,
        APP,
        &app(future),
        &expect![[r#"
        Shop
          = ExternalClientApplication:Shop
              = future: 1  (only in the org; left alone)

        nothing to do
    "#]],
    );
    // A certificate is a file of its own.
    let certificate = |text: &str| format!("Certificate:Shop <masterLabel>{text}</masterLabel>");
    check(
        &certificate("a"),
        &certificate("a"),
        &certificate("b"),
        &expect![[r#"
            Without an app
              ! Certificate:Shop
                  ! content-file: 28 bytes, SHA-256 a6a587b392f6330b…, and 28 bytes, SHA-256 45889bd4b69aee8d… in the org  (left alone)
                  ! masterLabel: a, and b in the org  (left alone)

            drift only; nothing is sent: 1 drifted
        "#]],
    );
}

#[test]
fn api_versions() {
    let pkce = "<isPkceRequired>false</isPkceRequired>";
    let idle = "<isEnforceRefreshTokenTTL>true</isEnforceRefreshTokenTTL>";
    // Read in a version without the member, it cannot be compared.
    check(
        "-",
        &format!("@67\n{GLOBAL} {idle}"),
        &format!("@66\n{GLOBAL}"),
        &expect![[r#"
            Shop
              ~ ExtlClntAppGlobalOauthSettings:Shop_global
                  ? isEnforceRefreshTokenTTL: true  (cannot be compared)

            Steps
              1. deploy 1 component: apps

            changes: 1 to change, 1 unreadable
        "#]],
    );
    // Deployed in a version without the member, it stays in the org.
    check(
        "-",
        &format!("@66\n{GLOBAL} {pkce}"),
        &format!("@67\n{GLOBAL} {idle}"),
        &expect![[r#"
            Shop
              ~ ExtlClntAppGlobalOauthSettings:Shop_global
                  ~ isPkceRequired: true -> false

            Steps
              1. deploy 1 component: apps

            changes: 1 to change
        "#]],
    );
}

#[test]
fn unreadable_components() {
    let unreadable = |last: Option<&str>, desired: &str| {
        let name = GLOBAL.parse().unwrap();
        let mut facts = Facts::new();
        facts.unreadable.insert(
            name,
            Unreadable {
                reason: "SOAP refuses tokens in JWT format".to_owned(),
                remedy: Some("use a session of another app".to_owned()),
            },
        );
        let last = last.map(snapshot);
        let plan = plan(
            last.as_ref(),
            &snapshot(desired),
            &Snapshot::default(),
            &facts,
            &PlanOptions::default(),
        );
        (plan.outcome(), text(&plan, &Heading::new()))
    };
    // Nothing of ours changed: nothing is sent.
    let (outcome, same) = unreadable(Some(GLOBAL), GLOBAL);
    assert_eq!(outcome, Outcome::UnreadableOnly);
    expect![[r#"
        Shop
          ? ExtlClntAppGlobalOauthSettings:Shop_global  (unreadable: SOAP refuses tokens in JWT format; use a session of another app; nothing is sent)

        nothing to do as far as it can be read: 1 unreadable
    "#]].assert_eq(&same);
    // Ours is sent blindly, and that is a risk.
    let changed = format!("{GLOBAL} <label>new</label>");
    let (outcome, changed) = unreadable(Some(GLOBAL), &changed);
    assert_eq!(outcome, Outcome::ChangesOrDrift);
    expect![[r#"
        Shop
          ? ExtlClntAppGlobalOauthSettings:Shop_global  (unreadable: SOAP refuses tokens in JWT format; use a session of another app; ours is sent)

        Risks
          wipe          ExtlClntAppGlobalOauthSettings:Shop_global: the org's values cannot be read, so that what only the org has is lost

        Steps
          1. deploy 1 component: apps

        changes: 1 to change, 1 unreadable, 1 at risk
    "#]].assert_eq(&changed);
    // It is not deleted.
    let (outcome, _) = unreadable(Some(GLOBAL), APP);
    assert_eq!(outcome, Outcome::ChangesOrDrift);
    // A file of the project that cannot be read is never sent.
    let mut desired = Snapshot::default();
    desired.unreadable.insert(APP.parse().unwrap());
    let org = snapshot(APP);
    let plan = plan(None, &desired, &org, &Facts::new(), &PlanOptions::default());
    assert_eq!(plan.outcome(), Outcome::UnreadableOnly);
    expect![[r#"
        Shop
          ? ExternalClientApplication:Shop  (unreadable: the project's file cannot be read; correct the file; nothing is sent)

        nothing to do as far as it can be read: 1 unreadable
    "#]].assert_eq(&text(&plan, &Heading::new()));
}

#[test]
fn drift_is_restored_where_it_is_asked_for() {
    let ours =
        format!("{APP} <description>a</description><label>a</label>\n{POLICIES} <label>a</label>");
    let theirs =
        format!("{APP} <description>b</description><label>b</label>\n{POLICIES} <label>b</label>");
    let options = PlanOptions::default;
    let description = format!("{APP}/description");
    let none: &[&str] = &[];
    let unmatched = format!("{APP}/nothing");
    for (options, restored, unmatched) in [
        (options(), 0, none),
        (options().restore_drift(&description), 1, none),
        (options().restore_drift(APP), 2, none),
        (
            options()
                .restore_drift(APP)
                .restore_drift("nothing")
                .restore_drift(&unmatched),
            2,
            &[&unmatched, "nothing"],
        ),
        (options().restore_drift("Shop"), 3, none),
        (options().restore_all_drift(), 3, none),
    ] {
        let plan = planned(&ours, &ours, &theirs, &Facts::new(), &options);
        let members = plan.changes.iter().flat_map(|change| &change.members);
        let sent = members.filter(|member| member.is_sent()).count();
        assert_eq!(sent, restored, "{options:?}");
        assert_eq!(plan.steps.is_empty(), restored == 0, "{options:?}");
        assert_eq!(plan.unmatched, unmatched, "{options:?}");
    }
    let plan = planned(
        &ours,
        &ours,
        "",
        &Facts::new(),
        &options().restore_drift(APP),
    );
    expect![[r#"
        Shop
          + ExternalClientApplication:Shop  (deleted in the org; put back)
              + description: a
              + label: a
          ! ExtlClntAppOauthConfigurablePolicies:Shop_policy  (deleted in the org; left so)

        Steps
          1. deploy 1 component: apps

        changes: 1 to create, 1 drifted
    "#]]
    .assert_eq(&text(&plan, &Heading::new()));
}
