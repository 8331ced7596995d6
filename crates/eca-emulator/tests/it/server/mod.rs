//! Starting, stopping, and invalid requests.

pub(crate) mod conditions;
pub(crate) mod costs;
pub(crate) mod expectations;
pub(crate) mod faults;
pub(crate) mod hostile;
pub(crate) mod hosts;
pub(crate) mod http;
pub(crate) mod paths;
pub(crate) mod recorded;
pub(crate) mod strangers;

use std::net::TcpStream;

use eca_emulator::{AttestationCarrier, ChallengeProfile, Org, SetupError, StartError};
use eca_model::ApiVersion;

use crate::fixture::{Client, builder};
use crate::server::http::{exchange, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_named() {
    let org = Org::start().await.unwrap();
    let port = org.address().port();
    let error = Org::builder().port(port).start().await.unwrap_err();
    assert!(error.is_port_in_use());
    assert_eq!(error.to_string(), format!("port {port} is already in use"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_listens_on_loopback_only_and_stops() {
    let org = Org::start().await.unwrap();
    let address = org.address();
    assert!(address.ip().is_loopback());
    assert_eq!(org.instance_url(), format!("http://{address}"));
    org.stop().await;
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_settings() {
    let mut profile = ChallengeProfile::default();
    profile.attestation = AttestationCarrier::Header {
        name: "not a header".to_owned(),
    };
    for (builder, expected) in [
        (
            Org::builder().site_path("shop"),
            "the site path cannot be \"shop\"",
        ),
        (
            Org::builder().site_path("/shop/"),
            "the site path cannot be \"/shop/\"",
        ),
        (
            Org::builder().api_version(ApiVersion::new(57)),
            "the API version cannot be \"57.0\"",
        ),
        (
            Org::builder().challenge_profile(profile),
            "the attestation header cannot be",
        ),
        (
            Org::builder().admin_username(" "),
            "the administrator's user name cannot be",
        ),
    ] {
        let error = builder.start().await.unwrap_err();
        assert!(matches!(error, StartError::Setting { .. }));
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn setup_errors_name_what_is_missing() {
    let org = builder().permission_set("Standing").start().await.unwrap();
    org.create_external_user("ada@example.com", "secret")
        .unwrap();
    assert_eq!(
        org.create_external_user("ADA@example.com", "secret"),
        Err(SetupError::UserExists("ADA@example.com".to_owned()))
    );
    assert_eq!(
        org.create_external_user("b@example.com", ""),
        Err(SetupError::Empty("password"))
    );
    assert_eq!(
        org.create_integration_user(" "),
        Err(SetupError::Empty("user name"))
    );
    org.assign_permission_set("ada@example.com", "Standing")
        .unwrap();
    assert_eq!(
        org.assign_permission_set("ada@example.com", "Missing"),
        Err(SetupError::NoSuchPermissionSet("Missing".to_owned()))
    );
    assert_eq!(
        org.assign_permission_set("bob@example.com", "Standing"),
        Err(SetupError::NoSuchUser("bob@example.com".to_owned()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_and_tokens_have_their_form() {
    let org = Org::start().await.unwrap();
    assert!(org.org_id().as_str().starts_with("00D"));
    assert_eq!(
        (org.org_id().short().len(), org.org_id().as_str().len()),
        (15, 18)
    );
    let token = org.admin_access_token().expose_secret();
    assert!(token.starts_with(&format!("{}!", org.org_id().short())));
    let other = Org::start().await.unwrap();
    assert_ne!(token, other.admin_access_token().expose_secret());
    // Debug shows no token.
    assert!(!format!("{org:?}").contains(token));
    assert!(!format!("{:?}", org.admin_access_token()).contains(token));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_have_limits() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let answer = send(
        client.address(),
        "POST",
        "/services/oauth2/token",
        &[("Content-Type", "application/x-www-form-urlencoded")],
        &vec![b'a'; 1024 * 1024 + 1],
    );
    assert_eq!(answer.status, 413);
    assert!(answer.error().contains("REQUEST_LIMIT_EXCEEDED"));
    let broken = send(
        client.address(),
        "POST",
        "/services/data/v66.0/metadata/deployRequest",
        &[("Content-Type", "multipart/form-data; boundary=XX")],
        b"--XX\r\nno",
    );
    assert_eq!(broken.status, 400);
    assert_eq!(exchange(client.address(), b"nonsense\r\n\r\n").status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_names_the_challenge_endpoint() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let get = |path: &str| send(client.address(), "GET", path, &[], b"");
    let site = get("/.well-known/oauth-authorization-server/storefront").json();
    assert_eq!(site["issuer"], org.site_url());
    assert_eq!(
        site["authorization_challenge_endpoint"],
        format!("{}/services/oauth2/authorization_challenge", org.site_url())
    );
    assert_eq!(
        site["token_endpoint"],
        format!("{}/services/oauth2/token", org.site_url())
    );
    assert_eq!(site["code_challenge_methods_supported"][0], "S256");
    assert_eq!(
        get("/storefront/.well-known/openid-configuration").json(),
        site
    );
    let instance = get("/.well-known/oauth-authorization-server").json();
    assert_eq!(instance["issuer"], org.instance_url());
    assert!(instance["authorization_challenge_endpoint"].is_null());
    for document in [&site, &instance] {
        assert_eq!(document["code_challenge_methods_supported"][0], "S256");
        let methods = document["token_endpoint_auth_methods_supported"].to_string();
        assert!(methods.contains("private_key_jwt"), "{methods}");
        let algorithms = &document["token_endpoint_auth_signing_alg_values_supported"];
        assert_eq!(algorithms[0], "RS256");
    }
    assert_eq!(
        get("/.well-known/oauth-authorization-server/elsewhere").status,
        404
    );
    assert_eq!(get("/services/oauth2/userinfo").status, 403);
    assert_eq!(get("/services/oauth2/userinfo").body, "Bad_OAuth_Token");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_machines_need_an_explicit_setting_and_tls() {
    use eca_emulator::Tls;
    let any = "0.0.0.0".parse().unwrap();
    for (builder, expected) in [
        (builder().bind(any), "i_know_this_is_public"),
        (
            builder().bind(any).tls(Tls::OwnAuthority),
            "i_know_this_is_public",
        ),
        (
            builder().bind(any).i_know_this_is_public(true),
            "turn TLS on",
        ),
        (
            builder()
                .bind(any)
                .i_know_this_is_public(true)
                .tls(Tls::OwnAuthority),
            "the name that clients use",
        ),
        (
            builder().tls(Tls::OwnAuthority).host("no host"),
            "the host cannot be \"no host\"",
        ),
    ] {
        let error = builder.start().await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let org = builder()
        .bind(any)
        .i_know_this_is_public(true)
        .host("org.example.com")
        .tls(Tls::OwnAuthority)
        .start()
        .await
        .unwrap();
    let port = org.address().port();
    assert_eq!(
        org.instance_url(),
        format!("https://org.example.com:{port}")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_are_disconnected() {
    use std::io::{Read as _, Write as _};
    use std::time::Duration;
    let org = builder()
        .idle_timeout(Duration::from_millis(100))
        .start()
        .await
        .unwrap();
    let mut body = Vec::new();
    for (sent, expected) in [
        // A head that does not end, and a body that does not arrive.
        ("POST /services/oauth2/token HTTP/1.1\r\nHost: a", ""),
        (
            "POST /services/oauth2/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na=b",
            "408",
        ),
    ] {
        let mut stream = TcpStream::connect(org.address()).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        body.clear();
        // The server closes the connection.
        stream.read_to_end(&mut body).unwrap();
        let answer = String::from_utf8_lossy(&body);
        assert!(answer.contains(expected), "{sent}: {answer}");
    }
    // Other clients are served meanwhile.
    let _idle: Vec<_> = (0..50)
        .map(|_| TcpStream::connect(org.address()).unwrap())
        .collect();
    assert_eq!(
        send(org.address(), "GET", "/services/data", &[], b"").status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_have_limits() {
    let org = builder().start().await.unwrap();
    let long = "a".repeat(1024 * 1024);
    let answer = exchange(
        org.address(),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {long}\r\n\r\n").as_bytes(),
    );
    assert_eq!(answer.status, 431);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_connections_than_allowed_wait_for_their_turn() {
    use std::io::{ErrorKind, Read as _, Write as _};
    use std::num::NonZeroUsize;
    let org = builder()
        .max_connections(NonZeroUsize::new(2).unwrap())
        .start()
        .await
        .unwrap();
    let ask = |stream: &mut TcpStream| {
        stream
            .write_all(b"GET /services/data HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .unwrap();
    };
    let answered = |stream: &mut TcpStream| {
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
    };
    let connect = || TcpStream::connect(org.address()).unwrap();
    let mut served = [connect(), connect()];
    for stream in &mut served {
        ask(stream);
        answered(stream);
    }
    let mut waiting = connect();
    ask(&mut waiting);
    // Accepted connections are served repeatedly, waiting ones are not.
    for _ in 0..20 {
        for stream in &mut served {
            ask(stream);
            let mut rest = [0; 4096];
            while !String::from_utf8_lossy(&rest).contains("HTTP/1.1 200") {
                rest = [0; 4096];
                assert_ne!(stream.read(&mut rest).unwrap(), 0);
            }
        }
        waiting.set_nonblocking(true).unwrap();
        let nothing = waiting.peek(&mut [0]).unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
        waiting.set_nonblocking(false).unwrap();
    }
    drop(served);
    answered(&mut waiting);
}
