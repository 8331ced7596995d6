//! `eca emulate`: what it prints, what it takes and what it refuses.

use std::path::Path;

use eca_tests::{Emulated, run, storefront};

#[test]
fn a_seeded_org_names_every_app_on_one_line() {
    let project = storefront();
    let project = project.to_str().expect("a path in UTF-8");
    let org = Emulated::start_with(&["--seed", project, "--pace", "polls:1"]);
    assert_eq!(org.document["schema"], "eca/emulate/1");
    let apps = org.document["apps"].as_array().expect("a list");
    assert_eq!(apps.len(), 1);
    assert_eq!(apps[0]["name"], "Storefront");
    assert!(
        apps[0]["client_id"]
            .as_str()
            .is_some_and(|id| id.starts_with("3MVG9"))
    );
    assert_eq!(apps[0]["client_secret"].as_str().map(str::len), Some(64));
    assert!(org.text("access_token").starts_with("00D"));
    assert!(!org.text("password").is_empty());
    assert_eq!(org.terminate(), 0);
}

#[test]
fn what_it_cannot_start_with() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (arguments, expected) in [
        (["--clock", "tomorrow"], "--clock"),
        (["--pace", "polls:often"], "no number of polls"),
        (["--seed", "/nowhere/at/all"], "/nowhere/at/all"),
        (["--profile", "draft-99"], "--profile"),
    ] {
        let run = run(here, &[&["emulate"], arguments.as_slice()].concat());
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.stderr.contains(expected), "{run:?}");
        assert!(run.stdout.is_empty(), "{run:?}");
    }
}
