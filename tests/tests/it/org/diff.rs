//! `eca diff` with orgs.

use eca_tests::{Run, find, replace, run_with, storefront_copy};

use crate::embedded::EmbeddedOrg;

/// A project whose org `staging` has all of it, and whose org `fresh` has nothing.
fn orgs() -> (Vec<EmbeddedOrg>, tempfile::TempDir) {
    let project = storefront_copy();
    let (staging, fresh) = (EmbeddedOrg::start(), EmbeddedOrg::start());
    staging.seed(project.path());
    let mut text = "default-org = 'staging'\n".to_owned();
    for (name, org) in [("staging", &staging), ("fresh", &fresh)] {
        text.extend(["[orgs.", name, "]\ninstance-url = '", org.instance_url()]);
        text.extend([
            "'\nauth = { method = 'access-token', access-token = 'env:",
            name,
            "' }\n",
        ]);
    }
    std::fs::write(project.path().join("eca.toml"), text).unwrap();
    (vec![staging, fresh], project)
}

#[test]
fn an_org_is_a_side() {
    let (orgs, project) = orgs();
    let root = project.path();
    let tokens = [("staging", orgs[0].token()), ("fresh", orgs[1].token())];
    let eca = |line: &[&str]| run_with(root, &[&["diff"], line].concat(), tokens);
    let check = |line: &[&str], code: i32, words: &[&str]| -> Run {
        let run = eca(line);
        assert_eq!(run.code, code, "{line:?}: {run:?}");
        for words in words {
            let printed = format!("{}{}", run.stderr, run.stdout);
            assert!(printed.contains(words), "{line:?}: {words}: {run:?}");
        }
        run
    };
    let before = std::fs::read_dir(root).unwrap().count();
    let same = "0 to create, 0 to change, 0 only in the target, 9 unchanged";
    for line in [
        &[][..],
        &["staging"],
        &[".", "staging"],
        &["staging", "."],
        &["--org", "staging"],
    ] {
        let run = check(line, 0, &["org staging: http", same]);
        assert_eq!(run.stdout, "", "what the org makes is hidden");
    }
    check(&["--all"], 0, &["(made by the org)", same]);

    // A deploy would create all of it in the fresh org; from there, it would leave all of it.
    let app = "ExternalClientApplication:Storefront";
    let created = format!("+ {app}\n");
    check(&["fresh"], 1, &["org fresh: http", &created, "9 to create"]);
    let both = [
        "org staging: ",
        "org fresh: ",
        &created,
        "9 to create",
        "(source: org staging, target: org fresh)",
    ];
    check(&["staging", "fresh"], 1, &both);
    let left = format!("- {app} (only in the target; a deploy leaves it)\n");
    check(&["fresh", "."], 1, &[&left, "9 only in the target"]);

    // The org's value, then the one of the project.
    let settings = find(root, ".ecaOauth-meta.xml");
    replace(
        &settings,
        "<isFirstPartyAppEnabled>true",
        "<isFirstPartyAppEnabled>false",
    );
    let line = "    ~ isFirstPartyAppEnabled: true -> false\n";
    check(&["staging"], 1, &[line, "1 to change"]);
    let counted = check(&["staging", "--app", "Storefront", "--json"], 1, &[]).json();
    assert_eq!(
        (&counted["changed"], &counted["unchanged"]),
        (&1.into(), &4.into())
    );
    assert_eq!(counted["target"], "org staging");
    check(
        &["staging", "--app", "Storefront", "--app", "None"],
        3,
        &["no app None", "it has Storefront"],
    );
    check(&["stagin"], 3, &["`stagin` is neither", "eca.toml names "]);
    assert_eq!(
        std::fs::read_dir(root).unwrap().count(),
        before,
        "nothing is written"
    );
}
