//! What `eca lint` and `eca deploy` say about certificates that were there before: in git, in an
//! org, in a package.

use std::fs;
use std::path::Path;
use std::process::Command;

use eca_tests::{Run, find, replace, run, run_with, skip, storefront_copy};

use crate::embedded::EmbeddedOrg;

/// The exit code, and words that stdout or stderr must hold.
fn check(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{run:?}");
    let said = format!("{}{}", run.stdout, run.stderr);
    for word in words {
        assert!(said.contains(word), "no {word:?} in {said}");
    }
}

/// A project whose app has a certificate.
fn registered() -> tempfile::TempDir {
    let project = storefront_copy();
    let settings = find(project.path(), ".ecaOauth-meta.xml");
    replace(&settings, SCOPES, &format!("{CERTIFICATE}{SCOPES}"));
    project
}

/// Takes the certificate out of the app's settings, as a careless merge does.
fn lose(root: &Path) {
    let settings = find(root, ".ecaOauth-meta.xml");
    replace(&settings, CERTIFICATE, "");
}

const SCOPES: &str = "    <commaSeparatedOauthScopes>";
/// That it is one is not what these tests are about.
const CERTIFICATE: &str =
    "    <clientAssertionCertificate>${CERTIFICATE}</clientAssertionCertificate>\n";
const LOST: [&str; 3] = [
    "error[ECA1308 cert-lost]: clientAssertionCertificate is gone, and ",
    "restore the certificate",
    "1 error",
];

#[test]
fn compared_with_what_was_retrieved_or_packaged() {
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
    lose(root);
    let unasked = run(root, &["lint"]);
    assert!(!unasked.stdout.contains("ECA1308"), "{unasked:?}");
    check(&run(root, &["lint", "--against", before]), 1, &LOST);
    check(&run(root, &["lint", "--against", package]), 1, &LOST);

    // What cannot be read there is not taken for clean.
    fs::write(find(retrieved.path(), ".ecaOauth-meta.xml"), "<ExtlClntApp").unwrap();
    let broken = run(root, &["lint", "--against", before]);
    check(&broken, 0, &["not compared, since ", ".ecaOauth-meta.xml"]);

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
    lose(root);
    since(&LOST, 1);
    // A file under another name is still the app's; one that is gone is not deployed.
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
fn a_deploy_asks_the_org_before_it_takes_a_certificate_away() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let eca = |arguments: &[&str]| run_with(root, arguments, org.environment());
    let keep = ["deploy", "--keep-certificates"];
    // The org has nothing yet that could be lost.
    check(&eca(&keep), 0, &["Succeeded"]);
    let made = [
        "cert",
        "new",
        "--name",
        "shop",
        "--key-out",
        "shop.key.pem",
        "--cert-out",
        "shop.cert.pem",
    ];
    check(&eca(&made), 0, &[]);
    check(&eca(&["cert", "register", "shop.cert.pem"]), 0, &[]);
    check(&eca(&keep), 0, &["Succeeded"]);

    let settings = find(root, ".ecaOauth-meta.xml");
    let text = fs::read_to_string(&settings).unwrap();
    let (start, end) = (
        "<clientAssertionCertificate>",
        "</clientAssertionCertificate>",
    );
    let element = text.find(start).unwrap()..text.find(end).unwrap() + end.len();
    replace(&settings, &text[element], "");
    let words = [
        "not deployed: the org would lose certificates",
        ".ecaOauth-meta.xml:3:1: clientAssertionCertificate is gone, and the org has it",
        "--keep-certificates",
    ];
    let deploys = || eca(&["deploys", "list"]).stdout.lines().count();
    let before = deploys();
    check(&eca(&keep), 1, &words);
    check(
        &eca(&["deploy", "--keep-certificates", "--check-only"]),
        1,
        &words,
    );
    assert_eq!(deploys(), before, "nothing was started");
    // A part of the project that has nothing to do with it goes through.
    let policies = find(root, ".ecaPlcy-meta.xml");
    let policies = policies.to_str().unwrap();
    check(&eca(&[&keep[..], &[policies]].concat()), 0, &["Succeeded"]);
    // On purpose; and then there is nothing left to lose.
    check(&eca(&["deploy"]), 0, &["Succeeded"]);
    check(&eca(&keep), 0, &["Succeeded"]);
}
