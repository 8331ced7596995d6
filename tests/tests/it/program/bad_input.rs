//! Wrong input: one message that names the subject, a hint where a next step is known, the
//! documented exit code, no panic, no partial output.

use std::path::Path;

use eca_tests::{Run, find, replace, run, run_line, run_with, skip, storefront_copy};

use crate::embedded::EmbeddedOrg;

/// Checks the exit code, and that the message has each of these words.
fn check(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{run:?}");
    let printed = format!("{}{}", run.stdout, run.stderr);
    for word in words {
        assert!(printed.contains(word), "no {word:?} in {printed}");
    }
    assert!(!printed.contains("panicked"), "{printed}");
}

#[test]
fn a_missing_folder() {
    let here = tempfile::tempdir().unwrap();
    for arguments in [
        &["lint", "nowhere"][..],
        &["deploy", "nowhere"],
        &["lint", "--project", "nowhere"],
        &["demo", "--project", "nowhere"],
    ] {
        check(
            &run(here.path(), arguments),
            3,
            &["error: no ", "nowhere", "hint: "],
        );
    }
    check(
        &run(here.path(), &["lint"]),
        3,
        &["no External Client App metadata in", "hint: "],
    );
}

#[cfg(unix)]
#[test]
fn control_characters_in_a_file_name_are_shown() {
    let project = storefront_copy();
    let file = find(project.path(), ".ecaOauth-meta.xml");
    let name = "A\u{1b}]52;c;eA==\u{7}\u{202e}_oauth.ecaOauth-meta.xml";
    std::fs::rename(&file, file.with_file_name(name)).unwrap();
    replace(&file.with_file_name(name), "    <", "  <");
    for arguments in [
        &["fmt", "--check"][..],
        &["lint"],
        &["lint", "--format", "short"],
        &["-vvv", "show"],
        &["graph", "--json"],
    ] {
        let run = run(project.path(), arguments);
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(
            !all.contains(['\u{1b}', '\u{7}', '\u{202e}']),
            "{arguments:?}: {all}"
        );
        assert!(
            all.contains(r"\u{202e}") || all.contains(r"\u202e"),
            "{all}"
        );
    }
}

#[test]
fn a_file_without_xml() {
    let project = storefront_copy();
    let root = project.path();
    let path = find(root, ".eca-meta.xml");
    std::fs::write(&path, "to be done").unwrap();
    let name = "externalClientApps/Storefront.eca-meta.xml:1:1";
    check(
        &run(root, &["lint"]),
        1,
        &[name, "ECA1001", "no XML element found"],
    );
    check(
        &run(root, &["deploy"]),
        3,
        &[name, "no XML element found", "hint: "],
    );
    check(
        &run(root, &["demo", "--project", "."]),
        3,
        &[name, "hint: "],
    );
}

#[test]
fn an_unknown_scope() {
    let project = storefront_copy();
    let root = project.path();
    replace(&find(root, ".ecaOauth-meta.xml"), "OpenID", "OpenId");
    let place = "extlClntAppOauthSettings/Storefront_oauth.ecaOauth-meta.xml:5:5";
    check(
        &run(root, &["lint"]),
        1,
        &[place, "OpenId", "help: ", "OpenID"],
    );
}

#[test]
fn a_certificate_over_4_kb() {
    let project = storefront_copy();
    let root = project.path();
    let (key, certificate) = (root.join("key.pem"), root.join("large.pem"));
    if !openssl_certificate(&key, &certificate, 300) {
        return;
    }
    let before = std::fs::read(find(root, ".ecaOauth-meta.xml")).unwrap();
    let refused = run(root, &["cert", "register", "large.pem"]);
    check(&refused, 3, &["large.pem: ", "4096", "hint: "]);
    check(
        &run(root, &["cert", "inspect", "large.pem"]),
        1,
        &["4096 allowed", "error: "],
    );
    assert_eq!(
        std::fs::read(find(root, ".ecaOauth-meta.xml")).unwrap(),
        before,
        "the file is unchanged"
    );
}

#[test]
fn a_key_that_does_not_match_its_certificate() {
    let project = storefront_copy();
    let root = project.path();
    for name in ["a", "b"] {
        let files = format!("--key-out {name}.key --cert-out {name}.crt");
        let made = run_line(root, &format!("cert new --name {name} {files}"));
        check(&made, 0, &["SHA-256"]);
    }
    let app = "--client-id 3MVG9abc --audience https://shop.my.site.com";
    let mint = |key: &str, cert: &str| {
        run_line(
            root,
            &format!("attest mint --key {key} --cert {cert} {app}"),
        )
    };
    let good = mint("a.key", "a.crt");
    check(&good, 0, &["eyJhbGciOiJSUzI1NiJ9."]);
    assert_eq!(good.stdout.lines().count(), 1, "the JWT alone");
    for (key, cert, words) in [
        ("a.key", "b.crt", &["b.crt: ", "key", "hint: "][..]),
        (
            "a.crt",
            "a.crt",
            &["a.crt cannot be used as a private key", "hint: "],
        ),
        ("none.key", "a.crt", &["cannot read none.key"]),
    ] {
        check(&mint(key, cert), 3, words);
    }
    for (arguments, words) in [
        ("register b.crt --key a.key", &["b.crt: ", "hint: "][..]),
        (
            "new --name a --key-out a.key --cert-out c.crt",
            &["a.key", "never overwritten"],
        ),
        ("new --name a --key-out c.key --cert-out a.crt", &["a.crt"]),
    ] {
        check(&run_line(root, &format!("cert {arguments}")), 3, words);
    }
    assert!(
        !root.join("c.key").exists(),
        "a key is not written without its certificate"
    );
}

#[test]
fn a_port_in_use() {
    let org = EmbeddedOrg::start();
    let port = org.instance_url().rsplit(':').next().unwrap();
    for command in ["emulate", "demo"] {
        check(
            &run(Path::new("."), &[command, "--port", port]),
            3,
            &["error: port ", port, "already in use", "hint: "],
        );
    }
}

#[test]
fn an_org_that_is_not_configured() {
    let project = storefront_copy();
    let root = project.path();
    check(
        &run(root, &["deploy"]),
        3,
        &["no org given", "SF_ACCESS_TOKEN"],
    );
    check(
        &run(root, &["deploy", "--org", "prod"]),
        3,
        &["unknown org `prod`", "eca.toml", "instance-url"],
    );
    std::fs::write(root.join("eca.toml"), "[orgs.a]\ninstance-url = 'https://acme.my.salesforce.com'\nauth = { method = 'access-token', access-token = 'env:PATH' }\n").unwrap();
    check(
        &run(root, &["deploy", "--org", "b"]),
        3,
        &["org `b` is not in", "it has a"],
    );
    std::fs::write(
        root.join("eca.toml"),
        "[orgs.a]\ninstance-url = 'http://example.com'\n",
    )
    .unwrap();
    check(
        &run(root, &["deploy", "--org", "a"]),
        3,
        &[
            "eca.toml:2:16: orgs.a.instance-url",
            "example.com",
            "https",
            "hint: ",
        ],
    );
}

/// An input, the exit code, words of the message and of the hint.
type Row<'a> = (&'a [&'a str], i32, &'a [&'a str], &'a [&'a str]);

fn check_row(folder: &Path, environment: &[(&str, &str)], (line, code, message, hint): Row<'_>) {
    let run = run_with(folder, line, environment.iter().copied());
    check(&run, code, message);
    let (_, hints) = run
        .stderr
        .split_once("hint: ")
        .unwrap_or_else(|| panic!("no hint: {run:?}"));
    for word in hint {
        assert!(hints.contains(word), "no {word:?} in the hint: {run:?}");
    }
}

/// Names that are nearly right, in the example project with the org `staging`.
const NEARLY_RIGHT: &[Row<'static>] = &[
    (
        &["package", "--app", "Storefrnt"],
        3,
        &["no app Storefrnt"],
        &["did you mean Storefront?"],
    ),
    (
        &["package", "--app", "X"],
        3,
        &["no app X"],
        &["it has Storefront"],
    ),
    (
        &["list", "--org", "stagng"],
        3,
        &["org `stagng` is not in"],
        &["did you mean staging?"],
    ),
    (
        &["list"],
        3,
        &["org `stagin` is not in"],
        &["did you mean staging?"],
    ),
    (
        &["explain", "ECA120"],
        3,
        &["neither a rule"],
        &["did you mean ECA"],
    ),
    (
        &["schema", "ExtlClntAppOauthSetings"],
        3,
        &["ExtlClntAppOauthSetings"],
        &["did you mean ExtlClntAppOauthSettings?"],
    ),
    (
        &["diff", "stagng"],
        3,
        &["`stagng` is neither a folder or zip here, nor an org"],
        &["did you mean staging?", "the zip of a package"],
    ),
    (
        &["diff", "zzz"],
        3,
        &["`zzz` is neither a folder or zip here, nor an org"],
        &["eca.toml names staging"],
    ),
    (
        &["deploy", "-m", "ExternalClientApplication:Storefrnt"],
        3,
        &["the project has no ExternalClientApplication:Storefrnt"],
        &["did you mean ExternalClientApplication:Storefront?"],
    ),
    (
        &["package", "-m", "ExternalClientAplication:Storefront"],
        3,
        &["the project has no ExternalClientAplication:Storefront"],
        &["did you mean ExternalClientApplication:Storefront?"],
    ),
    (
        &["package", "-m", "ExternalClientApplication:Zzz"],
        3,
        &["the project has no ExternalClientApplication:Zzz"],
        &["of ExternalClientApplication it has Storefront"],
    ),
    (
        &["package", "-m", "Profile:Zzz"],
        3,
        &["the project has no Profile:Zzz"],
        &["eca show"],
    ),
    (
        &["explain", "scops"],
        3,
        &["neither a rule"],
        &["did you mean ECA1201 scopes-known"],
    ),
    (
        &["explain", "invalid_clint"],
        3,
        &["neither a rule"],
        &["did you mean invalid_client?"],
    ),
    (
        &["explain", "isv2026"],
        3,
        &["neither a rule"],
        &["did you mean isv-2026?"],
    ),
    (
        &["explain", "ConnectedApp"],
        3,
        &["neither a rule"],
        &["a Connected App is not", "eca schema TYPE"],
    ),
    (
        &["schema", "ConnectedApp"],
        3,
        &["`ConnectedApp` is not a metadata type"],
        &["a Connected App is not"],
    ),
    (
        &["schema", "oauthsec"],
        3,
        &["`oauthsec` is not a metadata type"],
        &["did you mean ExtlClntAppOauthSecuritySettings?"],
    ),
    (
        &["schema", "--json-output", "deploys lst"],
        3,
        &["no command `deploys lst` prints a document"],
        &["did you mean deploys-list?"],
    ),
    (
        &["emulate", "--state", "/dev/null"],
        3,
        &["cannot use /dev/null"],
        &["a writable folder"],
    ),
    (
        &["deploy", "--tests", "RunSpecifiedTests"],
        3,
        &["needs the names of test classes"],
        &["--tests CLASS"],
    ),
    (
        &["lint", "/"],
        3,
        &["no sfdx-project.json in / or above"],
        &["--project DIR"],
    ),
];

#[test]
fn names_that_are_nearly_right() {
    let project = storefront_copy();
    let text = "default-org = 'stagin'\n[orgs.staging]\ninstance-url = 'https://acme.my.salesforce.com'\nauth = { method = 'access-token', access-token = 'env:T' }\n";
    std::fs::write(project.path().join("eca.toml"), text).unwrap();
    for row in NEARLY_RIGHT {
        check_row(project.path(), &[], *row);
    }
    for code in ["INVALID_SESSION_ID", "REQUEST_LIMIT_EXCEEDED"] {
        check(
            &run(project.path(), &["explain", code]),
            0,
            &[code, "cause: ", "fix: "],
        );
    }
}

#[test]
fn wrong_arguments() {
    let project = storefront_copy();
    for (line, words) in [
        ("lnit", &["'lnit'", "tip: ", "'lint'"][..]),
        ("rotate", &["'rotate'", "tip: ", "eca deploy"]),
        ("whoami", &["'whoami'", "tip: ", "eca doctor org"]),
        ("deploy -o prod", &["'-o'", "tip: ", "--target-org"]),
        (
            "lint --profil default",
            &["'--profil'", "tip: ", "'--profile'"],
        ),
        ("lint --format xml", &["\"xml\"", "there are text, "]),
        ("lint --profile isv2026", &["\"isv2026\"", "isv-2026"]),
        (
            "lint --baseline none.json",
            &["cannot read none.json", "hint: ", "--update-baseline"],
        ),
        (
            "lint sfdx-project.jsn",
            &["no file or folder sfdx-project.jsn", "hint: "],
        ),
        ("package --manifest none.xml", &["cannot read none.xml"]),
        (
            "package --secret hunter2",
            &["'***'", "TYPE:NAME.ELEMENT=SOURCE"],
        ),
        (
            "package --allow-rotation Nope:X",
            &["`Nope` is not a metadata type", "hint: ", "eca schema"],
        ),
        (
            "deploy --delete Storefront",
            &["`Storefront` is not TYPE:NAME", "such as "],
        ),
        ("deploy --wait 5parsecs", &["'5parsecs'", "with a unit"]),
        (
            "deploy --junit none/x.xml",
            &["none/x.xml", "its folder does not exist"],
        ),
        (
            "diff sfdx-project.json .",
            &["cannot be read as a package", "hint: give a folder"],
        ),
        (
            "lint --deny fatal",
            &["'fatal'", "there are info, warning, error"],
        ),
        ("lint --within 30", &["'30'", "time unit needed"]),
        ("deploys show 123", &["\"123\" is not a Salesforce id"]),
        ("emulate --port 99999", &["99999 is not in 0..=65535"]),
        ("emulate --sf", &["required", "<COMMAND>"]),
        ("show Nope", &["no app Nope", "hint: ", "it has Storefront"]),
        ("cert inspect none.pem", &["cannot read none.pem"]),
        (
            "emulate --bind 0.0.0.0",
            &["0.0.0.0", "hint: ", "--i-know-this-is-public"],
        ),
        (
            "explain zzzzqq",
            &["neither a rule nor a known error", "hint: "],
        ),
    ] {
        let run = run_line(project.path(), line);
        check(&run, 3, words);
        assert!(!run.stderr.contains("hunter2"), "{run:?}");
    }
}

#[test]
fn an_instance_url_that_is_none() {
    let project = storefront_copy();
    for (url, words) in [
        ("acme.my.salesforce.com", "not an absolute url"),
        (
            "https://acme.lightning.force.com",
            ".my.salesforce.com in place of .lightning.force.com",
        ),
        ("https://login.salesforce.com", "shared login host"),
    ] {
        let text = format!("[orgs.a]\ninstance-url = '{url}'\nauth = {{ method = 'sf' }}\n");
        std::fs::write(project.path().join("eca.toml"), text).unwrap();
        let message: &[&str] = &["eca.toml:2:16: orgs.a.instance-url", words];
        let hint: &[&str] = &["https://acme.my.salesforce.com"];
        check_row(
            project.path(),
            &[],
            (&["list", "--org", "a"], 3, message, hint),
        );
        let variables = [("SF_ORG_INSTANCE_URL", url), ("SF_ACCESS_TOKEN", "00D!x")];
        check_row(project.path(), &variables, (&["list"], 3, &[words], hint));
    }
}

#[test]
fn an_api_version_that_the_org_does_not_have() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let file = project.path().join("sfdx-project.json");
    let settings = std::fs::read_to_string(&file).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&settings).unwrap();
    json["sourceApiVersion"] = "99.0".into();
    // As PowerShell writes it.
    std::fs::write(&file, format!("\u{feff}{json}")).unwrap();
    let environment = org.environment();
    let environment = environment
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let message: &[&str] = &["has no API version 99.0; its newest is "];
    check_row(
        project.path(),
        &environment,
        (
            &["deploy"],
            5,
            message,
            &["sourceApiVersion", "api-version"],
        ),
    );
    let with_version = [
        environment[0],
        environment[1],
        ("SF_ORG_API_VERSION", "99.0"),
    ];
    for line in [
        &["list"][..],
        &["list", "--apps"],
        &["describe"],
        &["describe", "ExternalClientApplication"],
        &["retrieve"],
        &["retrieve", "--all"],
    ] {
        let hint: &[&str] = &["to 68.0 or older"];
        check_row(project.path(), &with_version, (line, 5, message, hint));
    }
}

/// A certificate with many names, made by openssl; `false` where there is no openssl.
fn openssl_certificate(key: &Path, certificate: &Path, names: usize) -> bool {
    let names: Vec<_> = (0..names)
        .map(|n| format!("DNS:host-{n}.storefront.example"))
        .collect();
    let status = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=large",
            "-addext",
        ])
        .arg(format!("subjectAltName={}", names.join(",")))
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate)
        .stderr(std::process::Stdio::null())
        .status();
    let Ok(status) = status else {
        skip("openssl");
        return false;
    };
    assert!(status.success(), "openssl failed");
    true
}
