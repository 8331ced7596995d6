//! `eca lint` and `eca deploy` find certificates that a project has lost since a revision of git, a
//! package or the org's version.

use std::fs;
use std::path::Path;
use std::process::Command;

use eca_tests::{Run, find, replace, run, run_with, skip, storefront_copy};

use crate::embedded::EmbeddedOrg;

/// Checks the exit code, and that each of these words is on stdout or stderr.
fn check(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{run:?}");
    let printed = format!("{}{}", run.stdout, run.stderr);
    for word in words {
        assert!(printed.contains(word), "no {word:?} in {printed}");
    }
}

/// A project whose app has a certificate.
fn registered() -> tempfile::TempDir {
    let project = storefront_copy();
    let settings = find(project.path(), ".ecaOauth-meta.xml");
    replace(&settings, SCOPES, &format!("{CERTIFICATE}{SCOPES}"));
    project
}

/// Removes the certificate from the app's settings, as a careless merge does.
fn remove_certificate(root: &Path) {
    let settings = find(root, ".ecaOauth-meta.xml");
    replace(&settings, CERTIFICATE, "");
}

const SCOPES: &str = "    <commaSeparatedOauthScopes>";
const CERTIFICATE: &str = concat!(
    "    <clientAssertionCertificate>",
    include_str!("../../../../crates/eca-lint/tests/it/certificates/rsa-2048.txt"),
    "</clientAssertionCertificate>\n"
);
const LOST: [&str; 3] = [
    "error[ECA1308 cert-lost]: clientAssertionCertificate is missing, but ",
    "restore the certificate",
    "2 errors",
];

#[test]
fn compared_with_a_folder_or_a_package() {
    let (project, retrieved) = (registered(), registered());
    let root = project.path();
    let before = retrieved.path().to_str().unwrap();
    let package = root.join("before.zip");
    let package = package.to_str().unwrap();
    check(
        &run(retrieved.path(), &["package", "--output", package]),
        0,
        &[],
    );
    check(&run(root, &["lint", "--against", before]), 0, &["clean"]);
    remove_certificate(root);
    let not_compared = run(root, &["lint"]);
    assert!(!not_compared.stdout.contains("ECA1308"), "{not_compared:?}");
    check(&run(root, &["lint", "--against", before]), 1, &LOST);
    check(&run(root, &["lint", "--against", package]), 1, &LOST);

    // An unreadable file there is reported.
    fs::write(find(retrieved.path(), ".ecaOauth-meta.xml"), "<ExtlClntApp").unwrap();
    let broken = run(root, &["lint", "--against", before]);
    check(
        &broken,
        1,
        &["not compared, because ", ".ecaOauth-meta.xml"],
    );

    // Wrong input.
    let nowhere = run(root, &["lint", "--against", "nowhere"]);
    check(&nowhere, 3, &["nowhere", "hint: "]);
    fs::write(root.join("text"), "no zip").unwrap();
    let text = run(root, &["lint", "--against", "text"]);
    check(&text, 3, &["text cannot be read as a package", "hint: "]);
    fs::create_dir(root.join("empty")).unwrap();
    let empty = run(root, &["lint", "--against", "empty"]);
    check(&empty, 3, &["no External Client App metadata in empty"]);
    let both = run(root, &["lint", "--against", before, "--since", "HEAD"]);
    check(&both, 3, &["cannot be used with"]);
}

#[test]
fn compared_with_a_revision() {
    let project = registered();
    let root = project.path();
    check(
        &run(root, &["lint", "--since", "HEAD"]),
        3,
        &["cannot read", "git"],
    );
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(root);
        command.args(["-c", "user.name=test", "-c", "user.email=test@example.com"]);
        let output = command.args(arguments).output();
        output.is_ok_and(|output| output.status.success())
    };
    if !git(&["init", "--quiet"]) {
        return skip("git");
    }
    let unborn = run(root, &["lint", "--since", "HEAD"]);
    check(
        &unborn,
        3,
        &["at HEAD: git has no such revision", "git fetch"],
    );
    assert!(git(&["commit", "--quiet", "--allow-empty", "-m", "begin"]));
    let without = run(root, &["lint", "--since", "HEAD"]);
    check(
        &without,
        0,
        &["HEAD has no External Client App metadata", "0 errors"],
    );
    assert!(git(&["add", "."]) && git(&["commit", "--quiet", "-m", "register"]));
    let since = |words: &[&str], code| {
        check(&run(root, &["lint", "--since", "HEAD"]), code, words);
    };
    since(&["0 errors"], 0);
    remove_certificate(root);
    since(&LOST, 1);
    // A renamed file belongs to the same app. A removed file is not deployed.
    let settings = find(root, ".ecaOauth-meta.xml");
    let renamed = settings.with_file_name("Other.ecaOauth-meta.xml");
    fs::rename(&settings, &renamed).unwrap();
    since(&LOST, 1);
    let inside = settings.parent().unwrap();
    check(&run(inside, &["lint", ".", "--since", "HEAD"]), 1, &LOST);
    fs::remove_file(&renamed).unwrap();
    let gone = run(root, &["lint", "--since", "HEAD"]);
    assert!(!gone.stdout.contains("ECA1308"), "{gone:?}");
    let nothing = run(root, &["lint", "--since=--output=x"]);
    check(&nothing, 3, &["git has no such revision"]);
}

#[test]
fn keep_certificates_refuses_a_deploy_that_would_remove_one() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let eca = |arguments: &[&str]| run_with(root, arguments, org.environment());
    for line in [
        "cert new --name shop --key-out shop.key.pem --cert-out shop.cert.pem",
        "cert register shop.cert.pem",
    ] {
        check(&eca(&line.split(' ').collect::<Vec<_>>()), 0, &[]);
    }
    let keep = ["deploy", "--keep-certificates"];
    // First into an org without certificates, then into one that has the same.
    for _ in 0..2 {
        check(&eca(&keep), 0, &["Succeeded"]);
    }

    let settings = find(root, ".ecaOauth-meta.xml");
    let text = fs::read_to_string(&settings).unwrap();
    let element = text.lines().find(|line| line.contains("<clientAssertionC"));
    replace(&settings, &format!("{}\n", element.unwrap()), "");
    let words = [
        "not deployed: the org would lose certificates",
        ".ecaOauth-meta.xml:3:1: clientAssertionCertificate is missing, but the org has it",
        "--keep-certificates",
    ];
    let deploys = || eca(&["deploys", "list"]).stdout.lines().count();
    let before = deploys();
    for options in [&[][..], &["--check-only"]] {
        check(&eca(&[&keep, options].concat()), 1, &words);
    }
    assert_eq!(deploys(), before, "no deploy was started");
    // Another file of the project does not remove the certificate.
    let policies = find(root, ".ecaPlcy-meta.xml");
    let policies = policies.to_str().unwrap();
    check(&eca(&[&keep[..], &[policies]].concat()), 0, &["Succeeded"]);
    // Without the option the certificate is removed. Then there is none to keep.
    check(&eca(&["deploy"]), 0, &["Succeeded"]);
    check(&eca(&keep), 0, &["Succeeded"]);
}
