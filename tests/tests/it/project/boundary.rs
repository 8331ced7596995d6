//! What leaves the project, and what leads out of it.

use std::fs;
use std::path::Path;

use eca_tests::{FakeOrg, find, run_with, storefront_copy};

/// Runs commands that all end with exit code 3, this message and a hint; the org is not asked.
fn check(project: &Path, commands: &[&str], message: &str, hint: &str) {
    let org = FakeOrg::start(|_, _| (500, "nothing is sent".to_owned()));
    let environment = [
        ("SF_ACCESS_TOKEN", "00D000000000001!token"),
        ("SF_ORG_INSTANCE_URL", org.url.as_str()),
    ];
    for line in commands {
        let arguments: Vec<_> = line.split(' ').collect();
        let run = run_with(project, &arguments, environment);
        assert_eq!(run.code, 3, "{line}: {run:?}");
        assert!(run.stderr.contains(message), "{line}: {}", run.stderr);
        assert!(
            run.stderr.contains(&format!("hint: {hint}")),
            "{line}: {}",
            run.stderr
        );
    }
    assert!(org.requests().is_empty());
    assert!(!project.join("p.zip").exists());
}

const PACKAGING: &[&str] = &[
    "package --output p.zip",
    "package --output p.zip --json",
    "deploy",
    "deploy --check-only",
    "deploy --json",
];

#[test]
fn a_private_key_is_not_packaged() {
    let key = fs::read_to_string(crate::keys::attest::data("test-only-rsa-2048.pem")).unwrap();
    let project = storefront_copy();
    let certs = project.path().join("force-app/main/default/certs");
    fs::create_dir_all(&certs).unwrap();
    let meta = "<Certificate xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
        <caSigned>false</caSigned><masterLabel>Mine</masterLabel></Certificate>";
    fs::write(certs.join("Mine.crt-meta.xml"), meta).unwrap();
    fs::write(certs.join("Mine.crt"), &key).unwrap();
    let message =
        "force-app/main/default/certs/Mine.crt has a private key in it (PKCS#8 private key)";
    check(
        project.path(),
        PACKAGING,
        message,
        "remove the key from the file",
    );

    fs::remove_dir_all(&certs).unwrap();
    let header = find(project.path(), ".eca-meta.xml");
    let text = fs::read_to_string(&header).unwrap();
    let base64: Vec<_> = key.lines().filter(|line| !line.contains('-')).collect();
    fs::write(&header, format!("{text}<!-- {} -->\n", base64.join("\n"))).unwrap();
    check(
        project.path(),
        PACKAGING,
        "has a private key in it",
        "remove the key from the file",
    );
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_project_is_neither_read_nor_written() {
    let outside = tempfile::tempdir().unwrap();
    let header = fs::read_to_string(find(storefront_copy().path(), ".eca-meta.xml")).unwrap();
    // It would be formatted, and its key be sent.
    let header = header.replace("    <", "  <");
    for name in ["secret.txt", "Mine.eca-meta.xml"] {
        fs::write(outside.path().join(name), &header).unwrap();
    }
    let commands = [
        PACKAGING,
        &[
            "fmt",
            "lint",
            "lint --fix",
            "retrieve --all",
            "show",
            "cert check",
        ],
    ];
    for (link, target) in [
        ("force-app/main/default/certs/Mine.crt", "secret.txt"),
        (
            "force-app/main/default/externalClientApps/Mine.eca-meta.xml",
            "secret.txt",
        ),
        ("force-app/main/default/linked", ""),
        ("package.xml", "secret.txt"),
    ] {
        let project = storefront_copy();
        let link = project.path().join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(outside.path().join(target), &link).unwrap();
        let message = format!("{} leads out of the project folder", link.display());
        let message = message
            .strip_prefix(&project.path().display().to_string())
            .unwrap();
        check(
            project.path(),
            &commands.concat(),
            message,
            "put the file or folder itself there",
        );
    }
    for file in fs::read_dir(outside.path()).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        assert_eq!(text, header);
    }
}
