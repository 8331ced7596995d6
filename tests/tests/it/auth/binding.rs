//! A secret belongs to a host: no `eca.toml` sends it to another one.

use std::fs;
use std::path::Path;

use eca_tests::{FakeOrg, LEAK, Run, USER, configure, run, run_line, run_with, store_token};

/// An org that grants tokens to every request, for the instance that the test chooses.
fn org_of_tokens(instance: &str) -> FakeOrg {
    let token = format!(
        r#"{{"access_token":"00D!LEAK","refresh_token":"LEAK-r1","instance_url":"{instance}"}}"#
    );
    FakeOrg::start(move |request, _| {
        match request.path.as_str() {
        "/services/oauth2/userinfo" => (200, USER.to_owned()),
        "/services/oauth2/token" if request.body.starts_with("response_type=device_code") => (
            200,
            r#"{"device_code":"LEAK","user_code":"GH4S","verification_uri":"https://acme.example/connect","interval":1}"#
                .to_owned(),
        ),
        "/services/oauth2/token" => (200, token.clone()),
        _ => (404, "{}".to_owned()),
    }
    })
}

fn check_refused(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{run:?}");
    for word in words.iter().chain(&["hint: "]) {
        assert!(run.stderr.contains(word), "no {word}: {run:?}");
    }
    run.assert_hides(&[LEAK, "eyJ"]);
}

fn keys(folder: &Path) {
    let made = run_line(folder, "cert new --name x --key-out k.pem --cert-out c.pem");
    assert_eq!(made.code, 0, "{made:?}");
}

#[test]
fn a_token_answer_of_another_instance_is_refused() {
    let other = FakeOrg::start_generous();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    keys(folder);
    for (auth, arguments) in [
        (
            "{ method = 'client-credentials', client-id = '3MVG9', client-secret = 'env:SECRET' }",
            &["login"][..],
        ),
        (
            "{ method = 'jwt', client-id = '3MVG9', username = 'mia@acme.com', key = 'k.pem' }",
            &["login"],
        ),
        (
            "{ method = 'token-exchange', client-id = '3MVG9', client-secret = 'env:SECRET', \
             subject-token = 'env:SECRET', subject-token-type = 'jwt' }",
            &["list"],
        ),
        (
            "{ method = 'login', client-id = '3MVG9', token-file = 'stored' }",
            &["token"],
        ),
        (
            "{ method = 'login', client-id = '3MVG9', token-file = 'stored' }",
            &["login", "--flow", "device", "--save"],
        ),
        (
            "{ method = 'sfdx-auth-url', sfdx-auth-url = 'env:AUTH_URL' }",
            &["login"],
        ),
    ] {
        // Its own: the last case may have left requests on their way.
        let org = org_of_tokens(&other.url);
        let host = org.url.trim_start_matches("http://");
        let environment = [
            ("SECRET", "LEAK-secret".to_owned()),
            ("SF_AUDIENCE_URL", "https://login.salesforce.com".to_owned()),
            ("AUTH_URL", format!("force://3MVG9::LEAK-r0@{host}")),
        ];
        let log = other.requests().len();
        store_token(folder, &org.url, "LEAK-r0");
        configure(folder, &org.url, &format!("auth = {auth}"));
        let refused = run_with(folder, arguments, environment.clone());
        let allow = format!("allow-instance = [\"{}\"]", other.url);
        check_refused(&refused, 4, &[&org.url, &other.url, &allow]);
        assert_eq!(other.requests().len(), log, "{auth}: {other:?}");
        // The token was asked for, and used nowhere.
        let requests = org.requests();
        let used = requests.iter().filter(|r| !r.path.ends_with("/token"));
        assert_eq!(used.count(), 0, "{auth}: {requests:?}");

        store_token(folder, &org.url, "LEAK-r0");
        configure(folder, &org.url, &format!("{allow}\nauth = {auth}"));
        let allowed = run_with(folder, arguments, environment);
        // The fake org has no metadata to list.
        let expected = i32::from(arguments == ["list"]);
        assert!(allowed.code <= expected, "{auth}: {allowed:?}");
    }
}

#[cfg(unix)]
#[test]
fn the_login_of_another_program_is_used_only_for_its_org() {
    use std::os::unix::fs::PermissionsExt as _;

    let (org, other) = (FakeOrg::start_generous(), FakeOrg::start_generous());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let sf = folder.join("sf");
    let script = format!(
        "#!/bin/sh\n[ \"$2\" = display ] && echo '{{\"result\":{{\"instanceUrl\":\"{}\"}}}}' && exit\n\
         echo '{{\"result\":{{\"accessToken\":\"00D!LEAK\"}}}}'\n",
        other.url
    );
    fs::write(&sf, script).unwrap();
    fs::set_permissions(&sf, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let host = other.url.trim_start_matches("http://");
    let environment = [
        ("PATH", path),
        ("AUTH_URL", format!("force://PlatformCLI::LEAK-r0@{host}")),
    ];
    for auth in [
        "{ method = 'sf' }",
        "{ method = 'sfdx-auth-url', sfdx-auth-url = 'env:AUTH_URL' }",
    ] {
        configure(folder, &org.url, &format!("auth = {auth}"));
        let refused = run_with(folder, &["login"], environment.clone());
        let words = [
            "not a token of org `a`",
            &org.url,
            &other.url,
            "allow-instance",
        ];
        check_refused(&refused, 4, &words);
        assert!(org.requests().is_empty() && other.requests().is_empty());
    }
    let allow = format!(
        "allow-instance = ['{}']\nauth = {{ method = 'sf' }}",
        other.url
    );
    configure(folder, &org.url, &allow);
    let allowed = run_with(folder, &["login"], environment);
    assert_eq!(allowed.code, 0, "{allowed:?}");
}

#[test]
fn a_stored_token_is_sent_only_to_the_host_that_issued_it() {
    let (org, other) = (FakeOrg::start_generous(), FakeOrg::start_generous());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let auth = "auth = { method = 'login', client-id = '3MVG9' }";
    configure(folder, &org.url, auth);
    let login = run_line(folder, "login --flow device --save");
    assert_eq!(login.code, 0, "{login:?}");
    assert_eq!(run(folder, &["token"]).code, 0);
    let log = org.requests().len();

    // The same name for another host, app or org.
    for (url, auth) in [
        (&other.url, auth.to_owned()),
        (&org.url, auth.replace("3MVG9", "3MVG8")),
        (&other.url, format!("host = '{}'\n{auth}", org.url)),
        (&org.url, format!("host = '{}'\n{auth}", other.url)),
    ] {
        configure(folder, url, &auth);
        let token = run(folder, &["token"]);
        check_refused(&token, 4, &["not logged in to org `a`"]);
        let out = run(folder, &["logout"]);
        assert_eq!(out.code, 0, "{out:?}");
        assert!(out.stderr.contains("not logged in"), "{out:?}");
    }
    // A file that somebody names: another token, or anything else.
    for content in ["LEAK-r0\n", "LEAK word", "{}"] {
        fs::write(folder.join("any"), content).unwrap();
        let auth = "auth = { method = 'login', client-id = '3MVG9', token-file = 'any' }";
        configure(folder, &other.url, auth);
        for command in ["token", "logout"] {
            let refused = run(folder, &[command]);
            assert_eq!(refused.code, 4, "{refused:?}");
            assert!(refused.stderr.contains("log in once more"), "{refused:?}");
            refused.assert_hides(&[LEAK]);
        }
    }
    assert_eq!(org.requests().len(), log, "{org:?}");
    assert!(other.requests().is_empty(), "{other:?}");

    // Another name for the same org has the same login.
    configure(folder, &org.url, auth);
    eca_tests::replace(&folder.join("eca.toml"), "[orgs.a]", "[orgs.b]");
    let token = run(folder, &["token", "--org", "b"]);
    assert_eq!(token.code, 0, "{token:?}");
    let out = run(folder, &["logout", "--org", "b"]);
    assert_eq!(out.code, 0, "{out:?}");
    assert_eq!(org.last_request().path, "/services/oauth2/revoke");
}

#[test]
fn names_of_orgs() {
    let folder = tempfile::tempdir().unwrap();
    for (name, is_allowed) in [
        ("a", true),
        ("'Prod-1.eu_west'", true),
        ("'../../home/x'", false),
        ("'..'", false),
        ("'.'", false),
        ("''", false),
        ("'a b'", false),
        ("'a;b'", false),
        ("'a/b'", false),
        ("'é'", false),
    ] {
        let text = format!(
            "[orgs.{name}]\ninstance-url = 'https://acme.example'\nauth = {{ method = 'sf' }}\n"
        );
        fs::write(folder.path().join("eca.toml"), text).unwrap();
        let run = run(folder.path(), &["trust", "--show"]);
        let code = if is_allowed { 0 } else { 3 };
        assert_eq!(run.code, code, "{name}: {run:?}");
        let says = run.stderr.contains("the name of an org has only letters");
        assert_eq!(says, !is_allowed, "{name}: {run:?}");
    }
}

#[test]
fn an_assertion_is_signed_only_for_its_receiver() {
    let org = FakeOrg::start_generous();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    keys(folder);
    let jwt =
        "auth = { method = 'jwt', client-id = '3MVG9', username = 'mia@acme.com', key = 'k.pem' }";
    let client = "auth = { method = 'client-credentials', client-id = '3MVG9', \
                  client-assertion = { key = 'k.pem', audience = 'https://acme.example' } }";
    let headless = "auth = { method = 'sf' }\n[orgs.a.headless]\nsite-url = 'https://shop.example'\n\
                    client-id = '3MVG9'\nclient-secret = 'cmd:echo LEAK'\nkey = 'k.pem'\n\
                    audience = 'https://login.salesforce.com'\nprofile = { endpoint = 'discover', attestation = { header = 'X' } }";
    let stolen =
        format!("host = 'https://evil.example'\naudience = 'https://login.salesforce.com'\n{jwt}");
    for (config, command, audience, host) in [
        (
            &stolen,
            "token",
            "https://login.salesforce.com",
            "evil.example",
        ),
        (
            &stolen,
            "doctor login",
            "https://login.salesforce.com",
            "evil.example",
        ),
        (
            &format!("audience = 'https://acme.example'\n{jwt}"),
            "token",
            "https://acme.example",
            "127.0.0.1",
        ),
        (
            &client.to_owned(),
            "token",
            "https://acme.example",
            "127.0.0.1",
        ),
        (
            &headless.to_owned(),
            "login --flow headless --username x --password env:HOME",
            "https://login.salesforce.com",
            "shop.example",
        ),
    ] {
        configure(folder, &org.url, config);
        let refused = run_line(folder, command);
        let allow = format!("allow-audience = [\"{audience}\"]");
        check_refused(
            &refused,
            3,
            &["does not fit its host", audience, host, &allow],
        );
    }
    assert!(org.requests().is_empty(), "{org:?}");
    for config in [
        format!("audience = 'https://test.salesforce.com'\n{jwt}"),
        format!("audience = '{}'\n{jwt}", org.url),
        format!(
            "audience = 'https://acme.example'\nallow-audience = ['https://acme.example']\n{jwt}"
        ),
        format!("allow-audience = ['https://acme.example']\n{client}"),
    ] {
        configure(folder, &org.url, &config);
        let token = run(folder, &["token"]);
        assert_eq!(token.code, 0, "{config}: {token:?}");
    }
}

#[test]
fn a_suspicious_audience_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    keys(folder.path());
    for (audience, words) in [
        ("https://acme.my.salesforce.com", Some("is a My Domain")),
        (
            "https://acme.my.site.com/services/oauth2/token",
            Some("is a token endpoint"),
        ),
        ("https://acme.my.site.com/portal", None),
        ("https://login.salesforce.com", None),
    ] {
        let line = format!("attest mint --client-id 3MVG9 --key k.pem --audience {audience}");
        let run = run_line(folder.path(), &line);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(run.stderr.contains("warning: "), words.is_some(), "{run:?}");
        assert!(run.stderr.contains(words.unwrap_or("")), "{run:?}");
    }
}
