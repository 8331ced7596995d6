//! Commands that read and write files: show, fmt, graph, schema, diff, manual.

use eca_tests::{Run, find, replace, run, run_with, storefront_copy};
use serde_json::Value;

use crate::embedded::EmbeddedOrg;

fn check(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{run:?}");
    let printed = format!("{}{}", run.stdout, run.stderr);
    for word in words {
        assert!(printed.contains(word), "no {word:?} in {printed}");
    }
    assert!(!printed.contains("panicked"), "{printed}");
}

/// The example project, with a secret in the global settings.
fn project_with_secret() -> tempfile::TempDir {
    let project = storefront_copy();
    let global = find(project.path(), ".ecaGlblOauth-meta.xml");
    replace(
        &global,
        "    <isConsumerSecretOptional>",
        "    <consumerSecret>hunter2</consumerSecret>\n    <isConsumerSecretOptional>",
    );
    project
}

#[test]
fn show_prints_the_files_of_an_app_without_secrets() {
    let project = project_with_secret();
    let shown = run(project.path(), &["show", "Storefront"]);
    check(
        &shown,
        0,
        &[
            "Storefront\n",
            "ExtlClntAppOauthSettings Storefront_oauth (force-app/main/default/extlClntAppOauthSettings/Storefront_oauth.ecaOauth-meta.xml)",
            "consumerSecret ",
            "***",
            "Setup: \"Require Secret for Web Server Flow\" is checked (inverse of this field)",
        ],
    );
    shown.assert_hides(&["hunter2"]);
    let unknown = run(project.path(), &["show", "Shopfront"]);
    let words = [
        "error: the project has no app Shopfront",
        "it has Storefront",
    ];
    check(&unknown, 3, &words);
}

#[test]
fn show_prints_json_without_secrets() {
    let project = project_with_secret();
    let json = run(project.path(), &["show", "--json"]);
    check(&json, 0, &[]);
    json.assert_hides(&["hunter2"]);
    let document = json.json();
    assert_eq!(document["schema"], "eca/show/1");
    assert_eq!(document["apps"][0]["name"], "Storefront");
    let files = document["apps"][0]["files"].as_array().unwrap();
    assert_eq!(files[0]["type"], "ExternalClientApplication");
    let mut members = files
        .iter()
        .flat_map(|file| file["members"].as_array().unwrap());
    let optional = members.find(|member| member["path"] == "isConsumerSecretOptional");
    let optional = optional.unwrap();
    assert_eq!(optional["value"], "false");
    assert_eq!(optional["setup"]["inverted"], true);
    assert_eq!(optional["setup"]["ticked"], true);
}

#[test]
fn a_folder_without_metadata() {
    let empty = tempfile::tempdir().unwrap();
    for command in ["show", "fmt", "graph"] {
        check(
            &run(empty.path(), &[command]),
            3,
            &["error: no External Client App metadata in", "hint: "],
        );
    }
}

#[test]
fn fmt_check_lists_files_and_changes_none() {
    let project = storefront_copy();
    let clean = run(project.path(), &["fmt", "--check"]);
    check(&clean, 0, &["9 files, 0 would change, 0 unreadable"]);
    let file = find(project.path(), ".eca-meta.xml");
    replace(&file, "\n    <label>", "\n  <label>");
    let untidy = std::fs::read(&file).unwrap();
    let found = run(project.path(), &["fmt", "--check", "--json"]);
    check(&found, 1, &["Storefront.eca-meta.xml"]);
    assert_eq!(found.json()["changed"].as_array().unwrap().len(), 1);
    assert_eq!(std::fs::read(&file).unwrap(), untidy);
    let other = ["fmt", "--check", "force-app/main/default/namedCredentials"];
    let words = ["1 files, 0 would change"];
    check(&run(project.path(), &other), 0, &words);
}

#[test]
fn fmt_indents_and_keeps_comments() {
    let project = storefront_copy();
    let file = find(project.path(), ".eca-meta.xml");
    let before = std::fs::read_to_string(&file).unwrap();
    let label = "\n    <label>";
    replace(&file, label, "\n\t<!-- shown to people -->\n  <label>");
    let formatted = run(project.path(), &["fmt", file.to_str().unwrap()]);
    check(&formatted, 0, &["1 files, 1 changed"]);
    let expected = before.replace(label, "\n    <!-- shown to people -->\n    <label>");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
    check(&run(project.path(), &["fmt"]), 0, &["9 files, 0 changed"]);
}

#[test]
fn files_that_cannot_be_formatted() {
    let project = storefront_copy();
    let root = project.path();
    let file = find(root, ".eca-meta.xml");
    std::fs::write(&file, "<ExternalClientApplication>").unwrap();
    for (arguments, code, words) in [
        (
            &["fmt"][..],
            1,
            &[
                "Storefront.eca-meta.xml:1:28: not well-formed",
                "1 unreadable",
            ][..],
        ),
        (&["fmt", "README.md"], 3, &["error: no External", "hint: "]),
        (&["fmt", "nowhere"], 3, &["nowhere"]),
    ] {
        check(&run(root, arguments), code, words);
    }
}

#[test]
fn graph_prints_references() {
    let project = storefront_copy();
    let graph = run(project.path(), &["graph"]);
    check(
        &graph,
        0,
        &[
            "Storefront\n  ExternalClientApplication:Storefront\n",
            "    externalClientApplication -> ExternalClientApplication:Storefront\n",
            "ExternalCredential:Fulfilment[Storefront]\n",
            " 0 broken",
        ],
    );
    let dot = run(project.path(), &["graph", "Storefront", "--dot"]);
    check(&dot, 0, &["digraph eca {", "label=\"Storefront\";"]);
    assert!(!dot.stdout.contains("NamedCredential"), "{}", dot.stdout);

    let header = find(project.path(), ".eca-meta.xml");
    std::fs::rename(&header, header.with_file_name("Shop.eca-meta.xml")).unwrap();
    let broken = run(project.path(), &["graph", "--json"]).json();
    assert_eq!(broken["schema"], "eca/graph/1");
    assert!(broken["broken"].as_u64() > Some(0));
    let references = broken["references"].as_array().unwrap();
    let states: Vec<_> = references
        .iter()
        .filter(|r| {
            let target = r["target"]["component"].as_str();
            target.is_some_and(|name| name.starts_with("ExternalClientApplication:"))
        })
        .map(|r| &r["resolution"]["state"])
        .collect();
    assert!(states.iter().all(|state| *state == "broken"), "{states:?}");
    check(
        &run(project.path(), &["graph", "--json", "--dot"]),
        3,
        &["--dot"],
    );
    check(
        &run(project.path(), &["graph", "Nobody"]),
        3,
        &["error: the project has no app Nobody", "hint: "],
    );
}

/// Runs the program with this org and more environment.
fn call(org: &EmbeddedOrg, arguments: &[&str], more: &[(&'static str, &str)]) -> Run {
    let more = more
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    let environment = org.environment().into_iter().chain(more);
    run_with(&std::env::temp_dir(), arguments, environment)
}

const SETTINGS: &str = "ExtlClntAppOauthSettings";
/// A member that API 66.0 has and 61.0 does not.
const ADDED: &str = "ExtlClntAppOauthSettings.clientAssertionCertificate";

#[test]
fn an_org_with_the_same_schema() {
    let org = EmbeddedOrg::start();
    let same = call(&org, &["schema", "diff"], &[]);
    check(&same, 0, &["0 differences from the schema of 66.0"]);
}

#[test]
fn an_org_of_an_earlier_version() {
    let org = EmbeddedOrg::start();
    let earlier = [("SF_ORG_API_VERSION", "61.0")];
    let arguments = ["schema", "diff", SETTINGS, "--schema-version", "66.0"];
    check(
        &call(&org, &arguments, &earlier),
        1,
        &[ADDED, "1 types of API 61.0"],
    );
    let json = call(&org, &[&arguments[..], &["--json"]].concat(), &earlier);
    assert_eq!(json.code, 1, "{json:?}");
    let document = json.json();
    assert_eq!(document["schema"], "eca/schema-diff/1");
    assert_eq!(document["outcome"], "failed");
    let mut differences = document["differences"].as_array().unwrap().iter();
    let added = differences.find(|difference| difference["location"] == ADDED);
    let added = added.unwrap();
    assert_eq!(added["org"], Value::Null);
    assert_eq!(added["schema"], "string");
}

#[test]
fn an_org_of_a_later_version() {
    let org = EmbeddedOrg::start();
    let arguments = ["schema", "diff", "--schema-version", "61.0", SETTINGS];
    check(&call(&org, &arguments, &[]), 1, &[ADDED, "-\n"]);
}

#[test]
fn types_that_cannot_be_compared() {
    let org = EmbeddedOrg::start();
    let call = |arguments: &[&str], more: &[(&'static str, &str)]| call(&org, arguments, more);
    check(
        &call(&["schema", "diff", "ApexClass"], &[]),
        3,
        &["not a metadata type", "hint: "],
    );
    check(
        &run(&std::env::temp_dir(), &["schema", "diff"]),
        3,
        &["no org given", "hint: "],
    );
    let dead = [("SF_ACCESS_TOKEN", "00D000000000001!dead")];
    check(
        &call(&["schema", "diff"], &dead),
        4,
        &["did not describe", "hint: "],
    );
}

#[test]
fn completions_and_man_pages() {
    let here = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        check(&run(here.path(), &["completions", shell]), 0, &["schema"]);
    }
    check(&run(here.path(), &["completions", "tcsh"]), 3, &["tcsh"]);
    let folder = here.path().to_str().unwrap();
    check(&run(here.path(), &["manual", "--man", folder]), 0, &[]);
    let page = std::fs::read_to_string(here.path().join("eca-deploy.1")).unwrap();
    assert!(page.contains(".TH"), "{page}");
    check(
        &run(here.path(), &["manual", "--man", "gone"]),
        3,
        &["cannot write man pages into gone"],
    );
}

#[test]
fn schemas_of_types() {
    let here = tempfile::tempdir().unwrap();
    let list = run(here.path(), &["schema"]);
    assert_eq!(list.code, 0, "{list:?}");
    assert!(
        list.stdout.contains("ExtlClntAppGlobalOauthSettings"),
        "{}",
        list.stdout
    );
    let one = run(here.path(), &["schema", "extlclntappoauthsettings"]);
    assert_eq!(one.code, 0, "{one:?}");
    let schema = one.json();
    assert_eq!(
        schema["properties"]["isFirstPartyAppEnabled"]["type"], "boolean",
        "{schema}"
    );
    let table = run(
        here.path(),
        &["schema", "ExtlClntAppOauthSettings", "--markdown"],
    );
    assert!(
        table.stdout.contains("| isFirstPartyAppEnabled |")
            || table.stdout.contains("`isFirstPartyAppEnabled`"),
        "{}",
        table.stdout
    );
    let document = run(here.path(), &["schema", "PermissionSet", "--json"]).json();
    assert_eq!(document["schema"], "eca/schema/1");
    for (name, meant) in [
        ("ExternalClientAplication", "ExternalClientApplication"),
        ("ecaGlblOauth", "ExtlClntAppGlobalOauthSettings"),
    ] {
        let meant = format!("did you mean {meant}?");
        check(&run(here.path(), &["schema", name]), 3, &[&meant]);
    }
    let unknown = run(here.path(), &["schema", "ApexClass"]);
    assert_eq!(unknown.code, 3, "{unknown:?}");
    assert!(
        unknown.stderr.contains("hint: `eca schema` lists them"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn diff_prints_what_a_deploy_would_change() {
    let project = storefront_copy();
    let root = project.path();
    let zip = run(root, &["package", "--output", "before.zip"]);
    assert_eq!(zip.code, 0, "{zip:?}");
    // A package leaves out only org-specific members.
    let same = run(root, &["diff", ".", "before.zip"]);
    check(
        &same,
        0,
        &["0 to create, 0 to change, 0 only in the target, 9 unchanged"],
    );

    let settings = find(root, ".ecaOauth-meta.xml");
    replace(
        &settings,
        "<isFirstPartyAppEnabled>true",
        "<isFirstPartyAppEnabled>false",
    );
    let changed = run(root, &["diff", ".", "before.zip"]);
    let lines = "~ ExtlClntAppOauthSettings:Storefront_oauth\n    ~ isFirstPartyAppEnabled: true -> false\n";
    check(
        &changed,
        1,
        &[
            lines,
            "1 to change",
            "8 unchanged (source: ., target: before.zip)",
        ],
    );
    let document = run(root, &["diff", ".", "before.zip", "--json"]).json();
    assert_eq!(document["schema"], "eca/diff/1");
    for (member, count) in [
        ("drift", 1),
        ("changed", 1),
        ("created", 0),
        ("only_in_target", 0),
        ("unchanged", 8),
        ("unreadable", 0),
    ] {
        assert_eq!(document[member], count, "{member}: {document}");
    }
    assert_eq!(document["components"][0]["change"], "update");
    let field = &document["components"][0]["fields"][0];
    assert_eq!(field["path"], "isFirstPartyAppEnabled");
    assert_eq!(
        (&field["source"], &field["target"]),
        (&false.into(), &true.into())
    );
    let all = run(root, &["diff", ".", "before.zip", "--same"]);
    check(&all, 1, &["= ExternalClientApplication:Storefront"]);

    let nowhere = run(root, &["diff", ".", "./nowhere"]);
    check(&nowhere, 3, &["no folder ./nowhere", "hint: "]);
    let nowhere = run(root, &["diff", ".", "nowhere"]);
    check(
        &nowhere,
        3,
        &["`nowhere` is neither a folder", "hint: ", "no eca.toml"],
    );
    let no_zip = run(root, &["diff", "sfdx-project.json", "."]);
    check(
        &no_zip,
        3,
        &["sfdx-project.json cannot be read as a package", "hint: "],
    );
}
