//! `eca retrieve`.

use std::fs;
use std::path::{Path, PathBuf};

use eca_tests::{find, replace, run, run_with, storefront_copy};

use crate::embedded::EmbeddedOrg;

fn deployed() -> (EmbeddedOrg, tempfile::TempDir) {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let run = run_with(project.path(), &["deploy"], org.environment());
    assert_eq!(run.code, 0, "{run:?}");
    (org, project)
}

/// Every file below a folder, with its content.
fn content(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a listing") {
            let path = entry.expect("an entry").path();
            if path.ends_with(".eca") || path.ends_with(".git") {
                // No part of the project.
            } else if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).expect("a text");
                found.push((path.display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn equal_files_keep_every_byte() {
    let (org, project) = deployed();
    let before = content(project.path());
    let retrieved = run_with(project.path(), &["retrieve"], org.environment());
    assert_eq!(retrieved.code, 0, "{retrieved:?}");
    assert_eq!(retrieved.stdout, "", "{retrieved:?}");
    assert!(
        retrieved.stderr.contains("0 written, 9 unchanged"),
        "{}",
        retrieved.stderr
    );
    assert_eq!(content(project.path()), before);
}

#[test]
fn a_changed_value_changes_its_line_only() {
    let (org, project) = deployed();
    let settings = find(project.path(), ".ecaOauth-meta.xml");
    let before = fs::read_to_string(&settings).unwrap();
    replace(
        &settings,
        "<isFirstPartyAppEnabled>true",
        "<!-- ours -->\n    <isFirstPartyAppEnabled>false",
    );
    let retrieved = run_with(
        project.path(),
        &["retrieve", "--app", "Storefront", "--json"],
        org.environment(),
    );
    assert_eq!(retrieved.code, 0, "{retrieved:?}");
    let document = retrieved.json();
    assert_eq!(document["schema"], "eca/retrieve/1");
    assert_eq!(
        document["written"].as_array().unwrap().len(),
        1,
        "{document}"
    );
    let after = fs::read_to_string(&settings).unwrap();
    assert_eq!(
        after,
        before.replace(
            "<isFirstPartyAppEnabled>",
            "<!-- ours -->\n    <isFirstPartyAppEnabled>"
        )
    );
}

#[test]
fn a_retrieve_into_an_empty_folder_has_no_secrets() {
    let (org, project) = deployed();
    let into = project.path().join("copy");
    let arguments = ["retrieve", "--all", "--into", "copy"];
    let retrieved = run_with(project.path(), &arguments, org.environment());
    assert_eq!(retrieved.code, 0, "{retrieved:?}");
    assert!(
        retrieved
            .stdout
            .contains("created externalClientApps/Storefront.eca-meta.xml")
    );
    let files = content(&into);
    assert!(files.len() >= 8, "{files:?}");
    assert!(
        files
            .iter()
            .all(|(_, text)| !text.contains("<consumerSecret>"))
    );
    // The retrieved files are a project.
    let linted = run_with(&into, &["lint", "--project", "."], org.environment());
    assert_ne!(linted.code, 3, "{linted:?}");
}

/// A new file of a local app has no members that only one org can have.
#[test]
fn new_files_of_local_apps_have_no_org_specific_members() {
    let (org, _) = deployed();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let settings = r#"{"packageDirectories":[{"path":"force-app"}],"sourceApiVersion":"66.0"}"#;
    fs::write(root.join("sfdx-project.json"), settings).unwrap();
    let eca = |arguments: &[&str]| run_with(root, arguments, org.environment());
    let dry = eca(&["retrieve", "--all", "--dry-run"]);
    assert_eq!(dry.code, 0, "{dry:?}");
    assert!(
        dry.stdout.contains("would be created force-app/"),
        "{dry:?}"
    );
    assert!(!root.join("force-app").exists() && !root.join(".eca").exists());

    // The package directory is made.
    let retrieved = eca(&["retrieve", "--all"]);
    assert_eq!(retrieved.code, 0, "{retrieved:?}");
    assert!(
        retrieved.stderr.contains("removed: org-specific"),
        "{retrieved:?}"
    );
    for (path, text) in content(root) {
        for member in ["consumerKey", "oauthLink", "orgScopedExternalApp"] {
            assert!(!text.contains(member), "{path} has {member}");
        }
    }
    assert_eq!(
        fs::read_to_string(root.join(".eca/.gitignore")).unwrap(),
        "*\n"
    );
    let again = eca(&["retrieve", "--all", "--json"]);
    assert_eq!(again.json()["written"], serde_json::json!([]), "{again:?}");
}

/// What a user has not committed is not overwritten.
#[test]
fn modified_files_are_not_overwritten() {
    let (org, project) = deployed();
    let root = project.path();
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command
            .current_dir(root)
            .args(["-c", "user.name=a", "-c", "user.email=a@b.example"]);
        assert!(
            command
                .args(arguments)
                .output()
                .expect("git runs")
                .status
                .success()
        );
    };
    if std::process::Command::new("git")
        .arg("--version")
        .output()
        .is_err()
    {
        return eca_tests::skip("git");
    }
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "first"]);
    let settings = find(root, ".ecaOauth-meta.xml");
    replace(
        &settings,
        "<isFirstPartyAppEnabled>true",
        "<isFirstPartyAppEnabled>false",
    );
    let edited = content(root);
    let eca = |arguments: &[&str]| run_with(root, arguments, org.environment());
    for arguments in [&["retrieve"][..], &["retrieve", "--dry-run"]] {
        let refused = eca(arguments);
        assert_eq!(refused.code, 3, "{refused:?}");
        for words in ["Storefront_oauth.ecaOauth-meta.xml", "--force"] {
            assert!(refused.stderr.contains(words), "{refused:?}");
        }
        assert_eq!(content(root), edited);
    }
    let dry = eca(&["retrieve", "--dry-run", "--force"]);
    assert!(dry.stdout.starts_with("would be changed "), "{dry:?}");
    assert_eq!(content(root), edited);
    // A committed edit is in git.
    git(&["commit", "-qam", "second"]);
    assert_eq!(eca(&["retrieve"]).code, 0);
    assert_ne!(content(root), edited);

    replace(
        &settings,
        "<isFirstPartyAppEnabled>true",
        "<isFirstPartyAppEnabled>false",
    );
    assert_eq!(
        eca(&["retrieve"]).code,
        0,
        "the committed file is that again"
    );
    replace(&settings, "<label>", "<!-- mine --><label>");
    replace(
        &settings,
        "<isFirstPartyAppEnabled>true",
        "<isFirstPartyAppEnabled>false",
    );
    assert_eq!(eca(&["retrieve"]).code, 3);
    assert_eq!(eca(&["retrieve", "--force"]).code, 0);
}

/// An org returns no secrets. A local secret stays in its file, also when a line beside it changes.
#[test]
fn a_local_secret_stays_in_its_file() {
    let (org, project) = deployed();
    let settings = find(project.path(), ".ecaGlblOauth-meta.xml");
    let text = fs::read_to_string(&settings).unwrap();
    let with = text.replace(
        "    <externalClientApplication>",
        "    <consumerSecret>LOCAL-s3cret</consumerSecret>\n    <externalClientApplication>",
    );
    fs::write(&settings, &with).unwrap();
    let eca = |arguments: &[&str]| run_with(project.path(), arguments, org.environment());
    let same = eca(&["retrieve", "--json"]);
    assert_eq!(same.code, 0, "{same:?}");
    assert_eq!(same.json()["retained"].as_array().unwrap().len(), 1);
    assert_eq!(fs::read_to_string(&settings).unwrap(), with, "{same:?}");

    fs::write(
        &settings,
        with.replace("<isPkceRequired>true", "<isPkceRequired>false"),
    )
    .unwrap();
    let changed = eca(&["retrieve"]);
    assert_eq!(changed.code, 0, "{changed:?}");
    assert_eq!(fs::read_to_string(&settings).unwrap(), with, "{changed:?}");
    let printed = "consumerSecret unchanged: an org returns no secrets";
    assert!(changed.stderr.contains(printed), "{changed:?}");
    assert!(!format!("{changed:?}").contains("LOCAL-s3cret"));
}

#[test]
fn a_folder_that_cannot_be_written_is_left_unchanged() {
    let (org, project) = deployed();
    let root = project.path();
    let blocked = root.join("blocked");
    fs::create_dir_all(blocked.join("namedCredentials")).unwrap();
    // A file with the name of a folder.
    fs::write(blocked.join("extlClntAppPolicies"), "in the way").unwrap();
    let before = content(&blocked);
    let arguments = ["retrieve", "--all", "--into", "blocked"];
    let refused = run_with(root, &arguments, org.environment());
    assert_eq!(refused.code, 3, "{refused:?}");
    let words = "nothing was changed";
    assert!(refused.stderr.contains(words), "{refused:?}");
    assert_eq!(content(&blocked), before);
}

#[test]
fn a_component_that_the_org_does_not_have() {
    let (org, project) = deployed();
    let root = project.path();
    let manifest = "<Package><types><members>Nobody</members><name>ExternalClientApplication</name></types><version>66.0</version></Package>";
    fs::write(root.join("wanted.xml"), manifest).unwrap();
    let settings = find(root, ".ecaOauth-meta.xml");
    let switch = "<isFirstPartyAppEnabled>";
    replace(
        &settings,
        &format!("{switch}true"),
        &format!("{switch}false"),
    );
    let before = content(root);
    for (arguments, code, words) in [
        (&["--app", "Nobody"][..], 1, "Nobody"),
        (&["--manifest", "wanted.xml"], 1, "Nobody"),
        (&["--all", "--app", "x"], 3, "cannot be used with"),
        (&["--manifest", "wanted.xml", "--allow-missing"], 0, ""),
    ] {
        let arguments = [&["retrieve"], arguments].concat();
        let run = run_with(root, &arguments, org.environment());
        assert_eq!(run.code, code, "{run:?}");
        assert!(run.stderr.contains(words), "{run:?}");
        assert_eq!(content(root), before, "{arguments:?}");
    }
}

/// Adds a certificate, which is two files, to the files of a project.
fn add_certificate(folder: &Path) {
    let certs = folder.join("certs");
    fs::create_dir_all(&certs).unwrap();
    let made = run_with(
        &certs,
        &[
            "cert",
            "new",
            "--name",
            "shop.example",
            "--key-out",
            "../shop.key",
            "--cert-out",
            "Shop.crt",
        ],
        [] as [(&str, &str); 0],
    );
    assert_eq!(made.code, 0, "{made:?}");
    fs::write(certs.join("Shop.crt-meta.xml"), CERTIFICATE).unwrap();
}

const CERTIFICATE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Certificate xmlns="http://soap.sforce.com/2006/04/metadata">
    <caSigned>true</caSigned>
    <masterLabel>Shop</masterLabel>
</Certificate>
"#;

/// An org with a certificate, the project that it comes from, and the folder of the certificate.
fn with_certificate() -> (EmbeddedOrg, tempfile::TempDir, PathBuf) {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let certs = project.path().join("force-app/main/default/certs");
    add_certificate(certs.parent().unwrap());
    org.seed(project.path());
    (org, project, certs)
}

#[test]
fn both_files_of_a_certificate_are_packaged_and_compared() {
    let (org, project, _) = with_certificate();
    let packaged = run(project.path(), &["package"]);
    assert_eq!(packaged.code, 0, "{packaged:?}");
    for file in ["Shop.crt", "Shop.crt-meta.xml"] {
        let line = format!("certs/{file} <- force-app/main/default/certs/{file}\n");
        assert!(packaged.stdout.contains(&line), "{packaged:?}");
    }
    let same = run_with(project.path(), &["retrieve"], org.environment());
    assert_eq!(same.code, 0, "{same:?}");
    assert!(same.stderr.contains("0 written, 10 unchanged"), "{same:?}");
}

#[test]
fn a_missing_file_of_a_certificate_stops_a_deploy_and_is_retrieved() {
    let (org, project, certs) = with_certificate();
    let pem = fs::read(certs.join("Shop.crt")).unwrap();
    fs::remove_file(certs.join("Shop.crt")).unwrap();
    let refused = run_with(project.path(), &["deploy"], org.environment());
    assert_eq!(refused.code, 3, "{refused:?}");
    let message = "Certificate:Shop has no content: there is no force-app/main/default/certs/Shop.crt beside \
                   force-app/main/default/certs/Shop.crt-meta.xml";
    assert!(refused.stderr.contains(message), "{refused:?}");
    let retrieved = run_with(project.path(), &["retrieve"], org.environment());
    let line = "created force-app/main/default/certs/Shop.crt\n";
    assert_eq!(retrieved.stdout, line, "{retrieved:?}");
    assert_eq!(fs::read(certs.join("Shop.crt")).unwrap(), pem);
}

#[test]
fn certificates_are_retrieved_in_source_and_in_metadata_format() {
    let (org, project, certs) = with_certificate();
    let root = project.path();
    let pem = fs::read(certs.join("Shop.crt")).unwrap();
    // A file in metadata format decides the format of the folder.
    let apps = root.join("metadata/externalClientApps");
    fs::create_dir_all(&apps).unwrap();
    fs::copy(find(root, ".eca-meta.xml"), apps.join("Storefront.eca")).unwrap();
    for (into, header) in [
        ("source", "Storefront.eca-meta.xml"),
        ("metadata", "Storefront.eca"),
    ] {
        let arguments = ["retrieve", "--all", "--into", into];
        let retrieved = run_with(root, &arguments, org.environment());
        assert_eq!(retrieved.code, 0, "{retrieved:?}");
        let into = root.join(into);
        assert_eq!(fs::read(into.join("certs/Shop.crt")).unwrap(), pem);
        let meta = fs::read_to_string(into.join("certs/Shop.crt-meta.xml")).unwrap();
        assert_eq!(meta, CERTIFICATE);
        let apps: Vec<_> = fs::read_dir(into.join("externalClientApps"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(apps, [header]);
    }
}

#[test]
fn an_org_refuses_half_a_certificate() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let certs = project.path().join("force-app/main/default/certs");
    add_certificate(certs.parent().unwrap());
    fs::write(certs.join("Shop.crt"), "no certificate").unwrap();
    let deployed = run_with(project.path(), &["deploy"], org.environment());
    assert_eq!(deployed.code, 1, "{deployed:?}");
    let at = "force-app/main/default/certs/Shop.crt";
    assert!(deployed.stdout.contains(at), "{deployed:?}");
}
