//! Tokens and logins: the org of the environment, and the flows of `eca.toml`.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;

use eca_tests::{
    FakeOrg, LEAK, Run, configure, eca, run, run_line, run_with, store_token, stored_token,
};

use crate::embedded::EmbeddedOrg;

#[test]
fn the_org_of_the_environment() {
    let org = EmbeddedOrg::start();
    let folder = tempfile::tempdir().expect("a folder");
    let token = run_with(folder.path(), &["token"], org.environment());
    assert_eq!(token.code, 0, "{token:?}");
    assert_eq!(token.stdout.trim_end(), org.token());

    let login = run_with(
        folder.path(),
        &["login", "--json", "-vvv"],
        org.environment(),
    );
    assert_eq!(login.code, 0, "{login:?}");
    let document = login.json();
    assert_eq!(document["schema"], "eca/login/1");
    assert_eq!(document["username"], org.admin_username());
    assert!(document.get("saved").is_none());

    let doctor = run_with(folder.path(), &["doctor", "org", "-vvv"], org.environment());
    assert_eq!(doctor.code, 0, "{doctor:?}");
    for check in ["host", "reachable", "clock", "token accepted"] {
        let line = format!("ok      {check}: ");
        assert!(doctor.stdout.contains(&line), "{check}: {doctor:?}");
    }
    for run in [&login, &doctor] {
        assert!(!run.stdout.contains(org.token()), "{run:?}");
        assert!(!run.stderr.contains(org.token()), "{run:?}");
    }
}

#[test]
fn the_doctor_finds_an_expired_token() {
    let org = EmbeddedOrg::start();
    let folder = tempfile::tempdir().expect("a folder");
    let environment = [
        ("SF_ACCESS_TOKEN", "00D000000000001!expired-LEAK".to_owned()),
        ("SF_ORG_INSTANCE_URL", org.instance_url().to_owned()),
    ];
    let doctor = run_with(folder.path(), &["doctor", "org", "--json"], environment);
    assert_eq!(doctor.code, 1, "{doctor:?}");
    assert_eq!(doctor.json()["first_failed"], "token accepted");
    assert!(!doctor.stdout.contains("LEAK") && !doctor.stderr.contains("LEAK"));
}

#[test]
fn wrong_input_is_a_usage_error() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [
        &["token"][..],
        &["login"],
        &["login", "--flow", "nonsense"],
        &["login", "--flow", "jwt", "--save"],
        &["login", "--flow", "headless"],
        &["login", "--password", "hunter2"],
        &["login", "--flow", "register", "--user-data", "x"],
        &["logout"],
        &["doctor"],
        &["doctor", "headless"],
        &["doctor", "login"],
    ] {
        let run = run(folder.path(), arguments);
        assert_eq!(run.code, 3, "{arguments:?}: {run:?}");
    }
    fs::write(
        folder.path().join("eca.toml"),
        "[orgs.a]\ninstance-url = 'https://acme.my.salesforce.com'\nauth = { method = 'jwt', client-id = 'x', username = 'y', key = 'none.pem' }\n",
    )
    .expect("a file");
    let no_audience = run(folder.path(), &["token", "--org", "a"]);
    assert_eq!(no_audience.code, 3, "{no_audience:?}");
    assert!(
        no_audience.stderr.contains("has no `audience`"),
        "{no_audience:?}"
    );
}

#[test]
fn a_rotated_token_is_stored_and_used_next_time() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    configure(
        folder.path(),
        &org.url,
        "auth = { method = 'login', client-id = '3MVG9', token-file = 'stored' }",
    );
    let missing = run(folder.path(), &["token"]);
    assert_eq!(missing.code, 4);
    assert!(missing.stderr.contains("eca login --save --org a"));
    store_token(folder.path(), &org.url, "LEAK-r0");
    for number in 1..3 {
        let token = run(folder.path(), &["token"]);
        assert_eq!(token.code, 0, "{}", token.stderr);
        assert_eq!(token.stdout, format!("00D000000000001!LEAK{number}\n"));
        let stored = stored_token(&folder.path().join("stored"));
        assert_eq!(stored, format!("LEAK-r{number}"));
        let shown = format!("refresh_token=LEAK-r{}", number - 1);
        assert!(org.last_request().body.contains(&shown));
    }
    let out = run(folder.path(), &["logout", "-vv"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    out.assert_hides(&[LEAK]);
    assert!(!folder.path().join("stored").exists());
    let revoked = org.last_request();
    assert_eq!(revoked.path, "/services/oauth2/revoke");
    assert_eq!(revoked.body, "token=LEAK-r2");
    assert_eq!(run(folder.path(), &["logout"]).code, 0);
}

#[test]
fn concurrent_runs_send_each_refresh_token_once() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    configure(
        folder.path(),
        &org.url,
        "auth = { method = 'login', client-id = '3MVG9', token-file = 'stored' }",
    );
    store_token(folder.path(), &org.url, "LEAK-r0");
    let children: Vec<_> = (0..5)
        .map(|_| {
            eca(folder.path(), &["token"])
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    for number in 0..5 {
        let shown = format!("refresh_token=LEAK-r{number}&");
        let requests = org.requests();
        let uses = requests.iter().filter(|sent| sent.body.contains(&shown));
        assert_eq!(uses.count(), 1, "{number}: {requests:?}");
    }
}

#[test]
fn an_sfdx_auth_url_in_a_file_keeps_its_rotated_token() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    let host = org.url.strip_prefix("http://").unwrap();
    let file = folder.path().join("url.json");
    fs::write(
        &file,
        format!(r#"{{"result":{{"sfdxAuthUrl":"force://PlatformCLI::LEAK-r0@{host}"}}}}"#),
    )
    .unwrap();
    let auth = format!(
        "auth = {{ method = 'sfdx-auth-url', sfdx-auth-url = 'file:{}' }}",
        file.display()
    );
    configure(folder.path(), &org.url, &auth);
    let login = run(folder.path(), &["login", "-vvv"]);
    assert_eq!(login.code, 0, "{}", login.stderr);
    login.assert_hides(&[LEAK]);
    assert!(login.stdout.contains("logged in as mia@acme.com"));
    let kept = fs::read_to_string(&file).unwrap();
    assert_eq!(kept, format!("force://PlatformCLI::LEAK-r1@{host}\n"));
}

#[test]
fn a_device_login_stores_a_token_only_with_save() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    configure(
        folder.path(),
        &org.url,
        "auth = { method = 'login', client-id = '3MVG9' }",
    );
    let login = run(folder.path(), &["login", "--flow", "device", "-vv"]);
    assert_eq!(login.code, 0, "{}", login.stderr);
    assert!(login.stderr.contains("https://acme.example/connect"));
    assert!(login.stderr.contains("GH4S"));
    login.assert_hides(&[LEAK]);
    assert!(!folder.path().join("state").exists());

    let login = run(
        folder.path(),
        &["login", "--flow", "device", "--save", "--json"],
    );
    assert_eq!(login.code, 0, "{}", login.stderr);
    login.assert_hides(&[LEAK]);
    let document: serde_json::Value = serde_json::from_str(&login.stdout).unwrap();
    assert_eq!(document["schema"], "eca/login/1");
    let saved = stored_token(Path::new(document["saved"].as_str().unwrap()));
    assert!(saved.starts_with("LEAK-r"), "{saved}");
}

fn get(port: u16, target: &str) -> String {
    get_at("127.0.0.1", port, target)
}

fn get_at(address: &str, port: u16, target: &str) -> String {
    let mut stream = TcpStream::connect((address, port)).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_browser_login_accepts_only_its_own_redirect() {
    let (org, folder) = (FakeOrg::start_generous(), tempfile::tempdir().unwrap());
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    configure(
        folder.path(),
        &org.url,
        &format!(
            "auth = {{ method = 'login', client-id = '3MVG9', redirect-port = {port}, scope = 'api refresh_token' }}"
        ),
    );
    let mut child = eca(folder.path(), &["login", "--flow", "web", "--save", "-vv"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("http") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0);
    }
    assert!(line.starts_with(&format!("{}/services/oauth2/authorize?", org.url)));
    let state = line.split("state=").nth(1).unwrap();
    let state = state.split(['&', '\n']).next().unwrap();
    // Silent connections do not keep the browser waiting.
    let connect = |_| TcpStream::connect(("127.0.0.1", port)).unwrap();
    let _silent: Vec<_> = (0..10).map(connect).collect();
    assert!(get(port, "/favicon.ico").starts_with("HTTP/1.1 404"));
    if TcpListener::bind("[::1]:0").is_ok() {
        // `localhost` can be either address.
        let icon = get_at("::1", port, "/favicon.ico");
        assert!(icon.starts_with("HTTP/1.1 404"), "{icon}");
    }
    assert!(get(port, "/callback?code=evil&state=x").starts_with("HTTP/1.1 404"));
    assert!(get(port, &format!("/callback?code=LEAK-c&state={state}")).starts_with("HTTP/1.1 200"));
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, 0, "{rest}");
    run.assert_hides(&[LEAK]);
    assert!(!rest.contains(LEAK), "{rest}");
    let requests = org.requests();
    let exchange = &requests[0].body;
    assert!(exchange.contains("code=LEAK-c"), "{requests:?}");
    assert!(exchange.contains("code_verifier="));
    assert!(!requests.iter().any(|sent| sent.body.contains("evil")));
}

/// An org that refuses every token, and a folder whose `eca.toml` has a JWT bearer login into it.
fn refused_login() -> (FakeOrg, tempfile::TempDir) {
    let org = FakeOrg::start(|_, _| {
        let body =
            r#"{"error":"invalid_grant","error_description":"user hasn't approved this consumer"}"#;
        (400, body.to_owned())
    });
    let folder = tempfile::tempdir().unwrap();
    let made = run_line(
        folder.path(),
        "cert new --name x --key-out k.pem --cert-out c.pem",
    );
    assert_eq!(made.code, 0, "{made:?}");
    let auth = "audience = 'https://login.salesforce.com'\nauth = { method = 'jwt', client-id = '3MVG9', \
                username = 'mia@acme.com', key = 'k.pem', certificate = 'c.pem' }";
    configure(folder.path(), &org.url, auth);
    (org, folder)
}

#[test]
fn a_refusal_has_the_org_s_words_and_a_hint() {
    let (_org, folder) = refused_login();
    for arguments in [&["login"][..], &["token"], &["login", "--flow", "jwt"]] {
        let login = run(folder.path(), arguments);
        assert_eq!(login.code, 4, "{login:?}");
        for words in [
            "invalid_grant: user hasn't approved this consumer",
            "hint: usually the user is not pre-authorised",
        ] {
            assert!(login.stderr.contains(words), "{login:?}");
        }
        login.assert_hides(&["eyJ"]);
    }
    let other_flow = run_line(folder.path(), "login --flow client-credentials");
    assert_eq!(other_flow.code, 3, "{other_flow:?}");
}

#[test]
fn the_doctor_explains_the_same_refusal() {
    let (_org, folder) = refused_login();
    let doctor = run(folder.path(), &["doctor", "login", "-vvv"]);
    assert_eq!(doctor.code, 1, "{doctor:?}");
    doctor.assert_hides(&["eyJ"]);
    for line in [
        "ok      assertion: RS256, iss 3MVG9, sub mia@acme.com, aud https://login.salesforce.com",
        "ok      key matches certificate",
        "FAILED  token: jwt bearer grant",
        "fix: pre-authorisation: usually the user is not",
        "fix: host: ",
    ] {
        assert!(doctor.stdout.contains(line), "{line}: {}", doctor.stdout);
    }
}

/// A rotated refresh token is stored before its access token is used. A run that is killed then
/// loses nothing, and the next run never sends the old one.
#[test]
fn a_run_that_is_killed_after_a_rotation_loses_nothing() {
    let (asked, requests) = std::sync::mpsc::channel();
    let asked = std::sync::Mutex::new(asked);
    let org = FakeOrg::start(move |request, earlier| {
        if request.path != "/services/oauth2/token" {
            asked.lock().unwrap().send(()).unwrap();
            // Never answers: the program is killed while it waits.
            loop {
                std::thread::park();
            }
        }
        let number = earlier + 1;
        let body = format!(
            r#"{{"access_token":"00D000000000001!LEAK{number}","refresh_token":"LEAK-r{number}"}}"#
        );
        (200, body)
    });
    let folder = tempfile::tempdir().unwrap();
    configure(
        folder.path(),
        &org.url,
        "auth = { method = 'login', client-id = '3MVG9', token-file = 'stored' }",
    );
    store_token(folder.path(), &org.url, "LEAK-r0");
    let mut child = eca(folder.path(), &["login"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    requests
        .recv_timeout(std::time::Duration::from_mins(1))
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(stored_token(&folder.path().join("stored")), "LEAK-r1");
    let next = run(folder.path(), &["token"]);
    assert_eq!(next.code, 0, "{}", next.stderr);
    let sent = org.last_request();
    assert!(sent.body.contains("refresh_token=LEAK-r1"), "{sent:?}");
}
