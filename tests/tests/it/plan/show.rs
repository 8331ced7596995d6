//! What `eca plan` prints.

use eca_model::FieldValue;
use eca_plan::Plan;
use eca_tests::{find, replace, run_with};
use expect_test::{expect, expect_file};

use crate::plan::{HEADER, POLICIES, World, text};

/// A change of ours, a click, a conflict-free drop and a value of an org.
fn changed() -> World {
    let world = World::new();
    world.record();
    let policies = find(world.root(), ".ecaOauthPlcy-meta.xml");
    replace(
        &policies,
        "<refreshTokenValidityPeriod>30",
        "<refreshTokenValidityPeriod>7",
    );
    let settings = find(world.root(), ".ecaOauth-meta.xml");
    replace(&settings, "Basic, Api,", "Basic,");
    let named = find(world.root(), ".namedCredential-meta.xml");
    std::fs::remove_file(named).unwrap();
    let toml = format!(
        "default-org = 'shop'\n[orgs.shop]\ninstance-url = '{}'\n\
         auth = {{ method = 'access-token', access-token = 'env:SF_ACCESS_TOKEN' }}\n\
         [orgs.shop.values.Storefront]\ncontactEmail = 'shop@acme.example'\n",
        world.org.instance_url()
    );
    std::fs::write(world.root().join("eca.toml"), toml).unwrap();
    world
}

#[test]
fn each_format_says_what_would_change() {
    let world = changed();
    // A click, in what the project still has as it was.
    world.click(
        "ExtlClntAppGlobalOauthSettings:Storefront_glbloauth",
        &[("isRefreshTokenRotationEnabled", FieldValue::Boolean(false))],
    );
    for (format, golden) in [
        ("text", expect_file!["plan.txt"]),
        ("markdown", expect_file!["plan.md"]),
        ("json", expect_file!["plan.json"]),
    ] {
        let line = ["plan", "--org", "shop", "--format", format];
        golden.assert_eq(&world.check(&line, 2));
    }
    let run = world.run(&["plan", "--org", "shop", "--json"]);
    assert_eq!(run.stderr, "");
    // A program that knows the library reads the document.
    let plan: Plan = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(plan.counts().update, 3, "{plan:#?}");
    // The first line on stderr says which org, what kind, and why.
    let run = world.run(&["plan", "--org", "shop"]);
    let first = world.steady(run.stderr.lines().next().unwrap());
    assert_eq!(first, "org shop: ORG, local org, chosen by --org");

    let summary = world.root().join("summary.md");
    let environment = world.org.environment().into_iter();
    let file = ("GITHUB_STEP_SUMMARY", summary.display().to_string());
    let line = [
        "plan",
        "--org",
        "shop",
        "--format",
        "github",
        "--path-prefix",
        "sf",
    ];
    let run = run_with(world.root(), &line, environment.chain([file]));
    assert_eq!(run.code, 2, "{run:?}");
    expect_file!["plan_github.txt"].assert_eq(&run.stdout);
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(
        summary.starts_with("<!-- eca-plan org=shop -->\n"),
        "{summary}"
    );
}

#[test]
fn a_new_org_gets_everything() {
    let world = World::empty();
    expect_file!["plan_of_new.txt"].assert_eq(&world.check(&["plan"], 2));
    world.deploy();
    expect!["nothing to do\n"].assert_eq(&world.check(&["plan"], 0));
}

#[test]
fn conflicts_end_in_1() {
    let world = World::new();
    world.record();
    world.click(HEADER, &[("contactEmail", text("clicked@acme.example"))]);
    let header = find(world.root(), ".eca-meta.xml");
    replace(
        &header,
        "identity@storefront.example",
        "ours@storefront.example",
    );
    expect![[r"
        Storefront
          ≠ ExternalClientApplication:Storefront
              ≠ contactEmail: ours@storefront.example in the project, clicked@acme.example in the org, identity@storefront.example applied last  (the project and the org changed it in different ways)  [Storefront.eca-meta.xml:3]

        conflicts; nothing can be applied: 1 in conflict
    "]]
    .assert_eq(&world.check(&["plan"], 1));
    // Drift is what the org says now, whatever the project says.
    let drift = world.check(&["drift"], 2);
    let line = "! contactEmail: identity@storefront.example -> clicked@acme.example";
    assert!(drift.contains(line), "{drift}");
}

#[test]
fn drift_is_restored_where_it_is_asked_for() {
    let world = World::new();
    world.record();
    world.click(HEADER, &[("contactEmail", text("clicked@acme.example"))]);
    world.click(
        POLICIES,
        &[("sessionTimeoutInMinutes", FieldValue::Integer(720))],
    );
    for (selection, steps) in [
        (None, 1),
        (Some("Storefront"), 1),
        (Some(HEADER), 1),
        (Some("ExternalClientApplication:Storefront/contactEmail"), 1),
    ] {
        let line = [&["plan", "--restore-drift"][..], selection.as_slice()].concat();
        let shown = world.check(&line, 2);
        let count = shown.matches("put back").count();
        let all = selection.is_none_or(|selection| selection == "Storefront");
        assert_eq!(count, if all { 2 } else { 1 }, "{shown}");
        assert_eq!(
            shown.matches("deploy 1 component").count()
                + shown.matches("deploy 2 components").count(),
            steps,
            "{shown}"
        );
    }
    let wrong = world.run(&["plan", "--restore-drift", "Storefront_x"]);
    assert_eq!(wrong.code, 3, "{wrong:?}");
    let message = "error: nothing has drifted in Storefront_x: there is nothing to restore\n\
                   hint: what has drifted: ExternalClientApplication:Storefront/contactEmail, \
                   ExtlClntAppOauthConfigurablePolicies:Storefront_oauthPlcy/sessionTimeoutInMinutes\n";
    assert!(wrong.stderr.ends_with(message), "{wrong:?}");
}

#[test]
fn one_app_of_several() {
    let world = World::new();
    world.record();
    world.click(
        POLICIES,
        &[("sessionTimeoutInMinutes", FieldValue::Integer(720))],
    );
    world.delete("NamedCredential:Fulfilment_Api");
    let all = world.run(&["drift", "--json"]).json();
    assert_eq!(all["entries"].as_array().unwrap().len(), 2, "{all}");
    let one = world
        .run(&["drift", "--app", "Storefront", "--json"])
        .json();
    let entries = one["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{one}");
    assert_eq!(entries[0]["member"], "sessionTimeoutInMinutes");
}
