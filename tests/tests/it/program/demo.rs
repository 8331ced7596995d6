//! `eca demo`.

use std::path::Path;

use eca_tests::{find, replace, repository, run, tutorial_project};

const STEPS: [&str; 7] = [
    "load",
    "lint",
    "certificate",
    "deploy",
    "retrieve",
    "login",
    "refusals",
];

#[test]
fn every_step_succeeds() {
    let done = run(&std::env::temp_dir(), &["demo", "--json"]);
    assert_eq!(done.code, 0, "{done:?}");
    let document = done.json();
    assert_eq!(document["schema"], "eca/demo/1");
    assert_eq!(document["outcome"], "success");
    let steps = document["steps"].as_array().unwrap();
    let names: Vec<_> = steps
        .iter()
        .map(|step| step["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, STEPS);
    assert!(steps.iter().all(|step| step["ok"] == true), "{document}");

    let differences = steps[4]["facts"]["differences"].as_array().unwrap();
    let members: Vec<_> = differences
        .iter()
        .map(|difference| {
            difference["member"]
                .as_str()
                .unwrap()
                .rsplit('.')
                .next()
                .unwrap()
        })
        .collect();
    assert_eq!(
        members,
        ["orgScopedExternalApp", "consumerKey", "oauthLink"]
    );

    let refusals = steps[6]["facts"]["refusals"].as_array().unwrap();
    let errors: Vec<_> = refusals
        .iter()
        .map(|refusal| refusal["error"].as_str().unwrap())
        .collect();
    assert_eq!(
        errors,
        [
            "invalid_client",
            "invalid_client",
            "invalid_client",
            "invalid_grant"
        ]
    );
    assert_eq!(done.stderr, "", "--json prints no messages");
}

#[test]
fn every_step_is_printed() {
    let done = run(&repository(), &["demo", "--no-progress"]);
    assert_eq!(done.code, 0, "{done:?}");
    for (number, step) in (1..).zip(STEPS) {
        assert!(
            done.stdout.contains(&format!("\n{number}. ")),
            "{number}: {}",
            done.stdout
        );
        assert!(
            done.stdout.contains(&format!("\n{step} ")),
            "{step}: {}",
            done.stdout
        );
    }
    assert!(
        !done.stdout.contains('\u{1b}'),
        "no escape sequences without a terminal"
    );
    assert!(
        done.stderr.contains("Succeeded (9/9 components)"),
        "{}",
        done.stderr
    );
}

/// The names of the steps of a demo that succeeds.
fn steps(folder: &Path) -> Vec<String> {
    let done = run(folder, &["demo", "--json", "--project", "."]);
    assert_eq!(done.code, 0, "{}: {done:?}", folder.display());
    let document = done.json();
    let steps = document["steps"].as_array().unwrap().iter();
    steps
        .map(|step| step["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_projects_of_the_tutorials() {
    let without_login = ["load", "lint", "deploy", "retrieve"];
    for (tutorial, expected) in [
        ("headless-login.md", &STEPS[..]),
        ("first-app.md", &without_login),
        ("ci-in-a-team.md", &without_login),
        ("from-connected-app.md", &without_login),
    ] {
        let project = tutorial_project(tutorial);
        assert_eq!(steps(project.path()), expected, "{tutorial}");
    }
    // As after `cert register`, and with the key of another org.
    let project = tutorial_project("headless-login.md");
    let root = project.path();
    for line in [
        "cert new --name x --key-out k.pem --cert-out c.pem",
        "cert register c.pem",
    ] {
        let words: Vec<_> = line.split(' ').collect();
        assert_eq!(run(root, &words).code, 0, "{line}");
    }
    let global = find(root, ".ecaGlblOauth-meta.xml");
    let key = "    <consumerKey>3MVG9elsewhere</consumerKey>\n    <externalClient";
    replace(&global, "    <externalClient", key);
    let settings = find(root, ".ecaOauth-meta.xml");
    let before = std::fs::read(&settings).unwrap();
    assert_eq!(steps(root), STEPS);
    assert_eq!(
        std::fs::read(&settings).unwrap(),
        before,
        "the demo works on a copy"
    );

    let project = tutorial_project("first-app.md");
    let said = run(project.path(), &["demo", "--project", "."]);
    assert!(
        said.stdout
            .contains("Left out: the steps certificate, login"),
        "{said:?}"
    );
    assert!(said.stdout.contains("\ntotal         4 of 4 "), "{said:?}");
}

#[test]
fn a_project_that_the_demo_cannot_use() {
    let project = tutorial_project("first-app.md");
    let settings = find(project.path(), ".ecaOauth-meta.xml");
    replace(&settings, "Api", "Telepathy");
    let failed = run(project.path(), &["demo", "--project", "."]);
    assert_eq!(failed.code, 1, "{failed:?}");
    for words in ["the project has errors: ", "ECA1201", "hint: eca lint"] {
        assert!(failed.stderr.contains(words), "{failed:?}");
    }
}

#[test]
fn keep_writes_key_certificate_and_project() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let path = kept.to_str().unwrap();
    assert_eq!(
        run(folder.path(), &["demo", "--quiet", "--keep", path]).code,
        0
    );
    let settings = find(&kept.join("project"), ".ecaOauth-meta.xml");
    let text = std::fs::read_to_string(settings).unwrap();
    assert!(text.contains("<clientAssertionCertificate>MII"), "{text}");
    assert!(
        std::fs::read_to_string(kept.join("certificate.pem"))
            .unwrap()
            .contains("BEGIN CERTIFICATE")
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(kept.join("key.pem"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let again = run(folder.path(), &["demo", "--keep", path]);
    assert_eq!(again.code, 3, "{again:?}");
    assert!(again.stderr.contains("is not empty"), "{}", again.stderr);
}

#[test]
fn no_secret_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let done = run(
        folder.path(),
        &["demo", "-vvv", "--keep", kept.to_str().unwrap()],
    );
    assert_eq!(done.code, 0, "{done:?}");
    let printed = format!("{}{}", done.stdout, done.stderr);
    let key = std::fs::read_to_string(kept.join("key.pem")).unwrap();
    for line in key.lines().filter(|line| !line.starts_with("-----")) {
        assert!(
            !printed.contains(line),
            "a line of the private key is shown"
        );
    }
    for token in [
        "eyJhbGciOiJSUzI1NiJ9",
        "client_secret=",
        "password=",
        "code_verifier=",
    ] {
        assert!(!printed.contains(token), "{token} is shown");
    }
    assert!(!looks_like_a_token(&printed), "an access token is shown");
}

/// `00D…!…`, as access tokens are.
fn looks_like_a_token(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        word.find("00D").is_some_and(|at| {
            let rest = &word[at..];
            rest.find('!')
                .is_some_and(|bang| bang >= 15 && rest.len() > bang + 20)
        })
    })
}

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let shown = readme.split("```text\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    let done = run(&std::env::temp_dir(), &["demo"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(without_numbers(shown), without_numbers(&done.stdout));
}

/// The lines with one space between words, and `#` for the words that differ in each run: those
/// with a digit, and the temporary folder.
fn without_numbers(text: &str) -> Vec<String> {
    let differs =
        |word: &str| word.contains(|c: char| c.is_ascii_digit()) || word.contains("eca-demo-");
    let line = |line: &str| {
        let words = line.split_whitespace();
        let words = words.map(|word| if differs(word) { "#" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    text.lines().map(line).collect()
}
