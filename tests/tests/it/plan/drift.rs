//! What `eca drift` prints.

use std::collections::BTreeMap;

use eca_model::FieldValue;
use eca_tests::run_with;
use expect_test::{ExpectFile, expect, expect_file};

use crate::plan::{HEADER, POLICIES, World, text};

/// An org in which two members were changed, one was set and a component was deleted.
fn clicked() -> World {
    let world = World::new();
    world.record();
    world.click(HEADER, &[("contactEmail", text("clicked@acme.example"))]);
    world.click(
        POLICIES,
        &[
            ("sessionTimeoutInMinutes", FieldValue::Integer(720)),
            ("startUrl", text("https://start.example/<b>|`")),
        ],
    );
    world.delete("NamedCredential:Fulfilment_Api");
    world
}

#[test]
fn each_format_says_what_was_clicked() {
    let world = clicked();
    let golden: [(&str, ExpectFile); 5] = [
        ("text", expect_file!["drift.txt"]),
        ("markdown", expect_file!["drift.md"]),
        ("json", expect_file!["drift.json"]),
        ("sarif", expect_file!["drift.sarif"]),
        ("junit", expect_file!["drift.xml"]),
    ];
    for (format, golden) in golden {
        golden.assert_eq(&world.check(&["drift", "--format", format], 2));
    }
    // The document is the same with the global option.
    let json = world.run(&["drift", "--json"]);
    assert_eq!((json.code, json.stderr.as_str()), (2, ""));
    assert_eq!(
        world.steady(&json.stdout),
        world.check(&["drift", "--format", "json"], 2)
    );
    // Where nothing is recorded, the project is what it is compared with.
    std::fs::remove_dir_all(world.root().join("state")).unwrap();
    expect_file!["drift_of_project.txt"].assert_eq(&world.check(&["drift"], 2));
}

#[test]
fn annotations_and_a_summary_for_github() {
    let world = clicked();
    let summary = world.root().join("summary.md");
    let environment = world.org.environment().into_iter();
    let file = ("GITHUB_STEP_SUMMARY", summary.display().to_string());
    let line = ["drift", "--format", "github", "--path-prefix", "sf"];
    let run = run_with(world.root(), &line, environment.chain([file]));
    assert_eq!(run.code, 2, "{run:?}");
    expect_file!["drift_github.txt"].assert_eq(&run.stdout);
    let summary = std::fs::read_to_string(summary).unwrap();
    let markdown = world.check(&["drift", "--format", "markdown"], 2);
    assert_eq!(world.steady(summary.trim_end()), markdown.trim_end());
}

#[test]
fn what_only_the_org_has_counts_when_it_is_asked_for() {
    let world = World::new();
    world.record();
    world.click(POLICIES, &[("startUrl", text("https://start.example"))]);
    expect![[r"
        Storefront
          ExtlClntAppOauthConfigurablePolicies:Storefront_oauthPlcy
            changed 2026-12-08 12:00 UTC by admin@embedded.example
            = startUrl: https://start.example  (only in the org)

        no drift; 1 only in the org (not counted)
        compared with what was applied last (serial 1)
    "]]
    .assert_eq(&world.check(&["drift"], 0));
    expect![[r"
        Storefront
          ExtlClntAppOauthConfigurablePolicies:Storefront_oauthPlcy
            changed 2026-12-08 12:00 UTC by admin@embedded.example
            = startUrl: https://start.example  (only in the org)

        no drift; 1 only in the org
        compared with what was applied last (serial 1)
    "]]
    .assert_eq(&world.check(&["drift", "--strict"], 2));
}

/// Drift changes nothing: neither the org, nor the project, nor the state.
#[test]
fn nothing_changes() {
    let world = clicked();
    let files = || {
        let mut found = BTreeMap::new();
        let mut folders = vec![world.root().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.insert(path.clone(), std::fs::read(path).unwrap());
                }
            }
        }
        found
    };
    let (before, org) = (files(), world.org.components());
    for line in [&["drift"][..], &["plan"], &["plan", "--restore-drift"]] {
        world.check(line, 2);
    }
    assert_eq!(world.org.components(), org);
    assert_eq!(files(), before);
}
