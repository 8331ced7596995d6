//! `eca retrieve`.

use std::fs;
use std::path::Path;

use eca_tests::{find, replace, run_with, storefront_copy};

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
            if path.is_dir() {
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
fn what_says_the_same_keeps_every_byte() {
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
fn into_an_empty_folder_without_secrets() {
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
    // What came can be checked and deployed again.
    let linted = run_with(&into, &["lint", "--project", "."], org.environment());
    assert_ne!(linted.code, 3, "{linted:?}");
}

/// An org gives no secret out; a local one is neither dropped with the rewritten line beside it nor
/// shown.
#[test]
fn a_local_secret_stays_where_it_is() {
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
    assert_eq!(same.json()["kept"].as_array().unwrap().len(), 1);
    assert_eq!(fs::read_to_string(&settings).unwrap(), with, "{same:?}");

    fs::write(
        &settings,
        with.replace("<isPkceRequired>true", "<isPkceRequired>false"),
    )
    .unwrap();
    let changed = eca(&["retrieve"]);
    assert_eq!(changed.code, 0, "{changed:?}");
    assert_eq!(fs::read_to_string(&settings).unwrap(), with, "{changed:?}");
    let said = "consumerSecret unchanged: an org returns no secrets";
    assert!(changed.stderr.contains(said), "{changed:?}");
    assert!(!format!("{changed:?}").contains("LOCAL-s3cret"));
}

#[test]
fn whole_or_not_at_all() {
    let (org, project) = deployed();
    let root = project.path();
    for (suffix, from, to) in [
        (
            ".ecaOauth-meta.xml",
            "<isFirstPartyAppEnabled>true",
            "<isFirstPartyAppEnabled>false",
        ),
        (".eca-meta.xml", "<label>", "<label>Other "),
    ] {
        replace(&find(root, suffix), from, to);
    }
    // A folder where a file has to go.
    let blocked = root.join("blocked");
    fs::create_dir_all(blocked.join("namedCredentials")).unwrap();
    fs::write(blocked.join("extlClntAppPolicies"), "in the way").unwrap();
    let before = content(&blocked);
    let refused = run_with(
        root,
        &["retrieve", "--all", "--into", "blocked"],
        org.environment(),
    );
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(
        refused.stderr.contains("nothing was changed"),
        "{}",
        refused.stderr
    );
    assert_eq!(content(&blocked), before);

    let missing = run_with(root, &["retrieve", "--app", "Nobody"], org.environment());
    assert_eq!(missing.code, 1, "{missing:?}");
    fs::write(
        root.join("wanted.xml"),
        "<Package><types><members>Nobody</members><name>ExternalClientApplication</name></types><version>66.0</version></Package>",
    )
    .unwrap();
    let before = content(root);
    let missing = run_with(
        root,
        &["retrieve", "--manifest", "wanted.xml"],
        org.environment(),
    );
    assert_eq!(missing.code, 1, "{missing:?}");
    assert!(missing.stderr.contains("Nobody"), "{}", missing.stderr);
    assert_eq!(content(root), before);
    let allowed = ["retrieve", "--manifest", "wanted.xml", "--allow-missing"];
    assert_eq!(run_with(root, &allowed, org.environment()).code, 0);
    assert_eq!(
        run_with(
            root,
            &["retrieve", "--all", "--app", "x"],
            org.environment()
        )
        .code,
        3
    );
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

#[test]
fn certificates_travel_as_pairs() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let certs = project.path().join("force-app/main/default/certs");
    add_certificate(certs.parent().unwrap());
    let pem = fs::read(certs.join("Shop.crt")).unwrap();

    let packaged = run_with(project.path(), &["package"], org.environment());
    assert_eq!(packaged.code, 0, "{packaged:?}");
    for file in ["Shop.crt", "Shop.crt-meta.xml"] {
        let line = format!("certs/{file} <- force-app/main/default/certs/{file}\n");
        assert!(packaged.stdout.contains(&line), "{packaged:?}");
    }
    let deployed = run_with(project.path(), &["deploy"], org.environment());
    assert_eq!(deployed.code, 0, "{deployed:?}");

    // What the org has already is not written again, in neither of the files.
    let same = run_with(project.path(), &["retrieve"], org.environment());
    assert_eq!(same.code, 0, "{same:?}");
    assert!(same.stderr.contains("0 written, 10 unchanged"), "{same:?}");

    // Both files come back, also into the metadata format and into a folder that has nothing yet.
    fs::remove_file(certs.join("Shop.crt")).unwrap();
    let half = run_with(project.path(), &["deploy"], org.environment());
    assert_eq!(half.code, 3, "{half:?}");
    let message = "Certificate:Shop has no content: there is no force-app/main/default/certs/Shop.crt beside \
                   force-app/main/default/certs/Shop.crt-meta.xml";
    assert!(half.stderr.contains(message), "{half:?}");
    let back = run_with(project.path(), &["retrieve"], org.environment());
    assert_eq!(
        back.stdout, "created force-app/main/default/certs/Shop.crt\n",
        "{back:?}"
    );
    assert_eq!(fs::read(certs.join("Shop.crt")).unwrap(), pem);

    let plain = project.path().join("plain");
    fs::create_dir_all(plain.join("externalClientApps")).unwrap();
    let header = fs::read(find(project.path(), ".eca-meta.xml")).unwrap();
    fs::write(plain.join("externalClientApps/Storefront.eca"), header).unwrap();
    for (into, header) in [
        ("copy", "Storefront.eca-meta.xml"),
        ("plain", "Storefront.eca"),
    ] {
        let arguments = ["retrieve", "--all", "--into", into];
        let retrieved = run_with(project.path(), &arguments, org.environment());
        assert_eq!(retrieved.code, 0, "{retrieved:?}");
        let into = project.path().join(into);
        assert_eq!(fs::read(into.join("certs/Shop.crt")).unwrap(), pem);
        let meta = fs::read_to_string(into.join("certs/Shop.crt-meta.xml")).unwrap();
        assert_eq!(meta, CERTIFICATE);
        assert!(into.join("externalClientApps").join(header).is_file());
        assert_eq!(
            fs::read_dir(into.join("externalClientApps"))
                .unwrap()
                .count(),
            1
        );
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
