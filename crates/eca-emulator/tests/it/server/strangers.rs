//! What a client without a session, and a customer of the site, cannot do.

use eca_emulator::Org;

use crate::fixture::{APP, Client, PASSWORD, USER, builder, storefront};
use crate::oauth::flows::{CALLBACK, call, package, start};
use crate::oauth::login::{CODE_CHALLENGE, CODE_VERIFIER, at_noon, clock, code, redeem};
use crate::server::http::{Answer, send};

const JSON: &str = "application/json";

/// Requests that need a session of a user of the org.
const PROTECTED: [(&str, &str); 32] = [
    ("GET", "/_org/clock"),
    ("POST", "/_org/clock"),
    ("POST", "/_org/pace"),
    ("GET", "/_org/outbox"),
    ("POST", "/_org/propagation"),
    ("POST", "/_org/refresh"),
    ("GET", "/_org/network"),
    ("POST", "/_org/network"),
    ("GET", "/_org/lockout"),
    ("DELETE", "/_org/lockout"),
    ("GET", "/_org/site"),
    ("GET", "/_org/users"),
    ("POST", "/_org/users"),
    ("POST", "/_org/exchange"),
    ("GET", "/_org/faults"),
    ("POST", "/_org/faults"),
    ("DELETE", "/_org/faults"),
    // Other spellings of the same paths.
    ("GET", "//_org/users"),
    ("GET", "/%5forg/users"),
    ("GET", "/_org//users/"),
    ("GET", "/services/../_org/users"),
    ("GET", "/services/data/%2e%2e/%2e%2e/_org/users"),
    ("GET", "/services/data/v66.0"),
    ("GET", "/services/data/v66.0/query?q=SELECT+Id+FROM+User"),
    (
        "GET",
        "/services/data/v66.0/tooling/query?q=SELECT+Id+FROM+DeployRequest",
    ),
    ("GET", "/services/data/v66.0/sobjects"),
    ("GET", "/services/data/v66.0/sobjects/User/005"),
    ("POST", "/services/data/v66.0/metadata/deployRequest"),
    ("GET", "/services/data/v66.0/metadata/deployRequest/0Af"),
    ("PATCH", "/services/data/v66.0/metadata/deployRequest/0Af"),
    ("GET", "/services/data/v66.0/apps/oauth/usage"),
    ("POST", "/services/data/v66.0/apps/oauth/credentials/x"),
];

fn ask(org: &Org, method: &str, path: &str, authorization: &str) -> Answer {
    let headers = [("Authorization", authorization), ("Content-Type", JSON)];
    send(org.address(), method, path, &headers, b"{}")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_a_path_opens_it_to_strangers_and_customers() {
    let org = storefront(at_noon(&clock())).await;
    let customer = redeem(&org, &code(&org, "1"), Some(CODE_VERIFIER)).json();
    let customer = format!("Bearer {}", customer["access_token"].as_str().unwrap());
    let admin = org.admin_access_token().expose_secret().to_owned();
    let strangers = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer nonsense".to_owned(),
        "Bearer null".to_owned(),
        "Basic YWRtaW46YWRtaW4=".to_owned(),
        // Only the whole token counts, and only as a token.
        format!("Bearer {}", &admin[..admin.len() - 1]),
        format!("Bearer {admin}x"),
        format!("Bearer {}", admin.to_lowercase()),
        format!("Basic {admin}"),
        format!("Token {admin}"),
    ];
    for (method, path) in PROTECTED {
        for stranger in &strangers {
            let answer = ask(&org, method, path, stranger);
            assert_eq!(
                answer.status, 401,
                "{method} {path} {stranger}: {}",
                answer.body
            );
        }
        let answer = ask(&org, method, path, &customer);
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.body);
        // The administrator is let in, so the paths exist.
        let answer = ask(&org, method, path, &format!("Bearer {admin}"));
        assert!(
            !matches!(answer.status, 401 | 403),
            "{method} {path}: {}",
            answer.body
        );
    }
    // Paths have one case.
    for path in ["/_ORG/users", "/_Org/users"] {
        assert_eq!(ask(&org, "GET", path, "").status, 404, "{path}");
    }
    // The token works in no other place.
    for path in ["/_org/users?access_token=", "/_org/users?oauth_token="] {
        assert_eq!(ask(&org, "GET", &format!("{path}{admin}"), "").status, 401);
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The page of an authorization request.
fn authorize(org: &Org, parameters: &[(&str, &str)]) -> Answer {
    let key = org.consumer_key(APP).unwrap();
    let mut all = vec![
        ("response_type", "code"),
        ("client_id", key.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CODE_CHALLENGE),
    ];
    for (name, value) in parameters {
        all.retain(|(own, _)| own != name);
        all.push((name, value));
    }
    let query: Vec<_> = all
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    let path = format!("/services/oauth2/authorize?{}", query.join("&"));
    send(org.address(), "GET", &path, &[], b"")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_leads_only_to_a_callback_of_the_app() {
    let (org, _) = start(&package()).await;
    assert_eq!(authorize(&org, &[]).status, 200);
    for target in [
        "",
        "https://evil.example",
        "https://evil.example/callback",
        "https://www.example.com.evil.example/callback",
        "https://www.example.com@evil.example/callback",
        "https://www.example.com:443/callback",
        "https://www.example.com/callback/",
        "https://www.example.com/callback/../evil",
        "https://www.example.com/callback?x=1",
        "https://www.example.com/callback#x",
        "https://www.example.com/Callback",
        "HTTPS://www.example.com/callback",
        "http://www.example.com/callback",
        "//www.example.com/callback",
        "https:www.example.com/callback",
        "https://www.example.com\\@evil.example/callback",
        "https://www.example.com/callback\r\nLocation: https://evil.example",
        "https://www.example.com/callback https://evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
    ] {
        // Errors that would be sent to a valid callback are not sent to this one either.
        for more in [
            ("state", "x"),
            ("response_type", "token"),
            ("scope", "nonsense"),
        ] {
            let answer = authorize(&org, &[("redirect_uri", target), more]);
            assert_eq!(answer.status, 400, "{target}: {}", answer.body);
            assert!(
                !answer.headers.contains("\r\nlocation:"),
                "{target}: {}",
                answer.headers
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_do_not_become_markup_or_headers() {
    let (org, _) = start(&package()).await;
    let attack = "\"><script>alert(1)</script><x y='\r\nX-Injected: 1\r\n\r\n";
    for name in [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "unknown",
    ] {
        let answer = authorize(&org, &[(name, attack)]);
        assert!(!answer.body.contains("<script"), "{name}: {}", answer.body);
        assert!(
            !answer.headers.contains("\nX-Injected"),
            "{name}: {}",
            answer.headers
        );
        assert!(
            !answer.headers.contains("\nx-injected"),
            "{name}: {}",
            answer.headers
        );
    }
    for (path, field) in [
        ("/services/oauth2/authorize", "username"),
        ("/services/oauth2/authorize", "state"),
        ("/setup/connect", "user_code"),
        ("/setup/connect", "username"),
    ] {
        let answer = call(&org, path, false, &[(field, attack), ("password", "x")]);
        assert!(
            !answer.body.contains("<script"),
            "{path} {field}: {}",
            answer.body
        );
    }
    // The words of a request come back as data.
    let echo = format!("/storefront/services/oauth2/echo?code={}", encoded(attack));
    let answer = send(org.address(), "GET", &echo, &[], b"");
    assert!(
        answer.headers.contains("application/json"),
        "{}",
        answer.headers
    );
    assert_eq!(answer.json()["code"], attack);
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_that_the_org_does_not_have_are_refused() {
    let org = storefront(builder()).await;
    let token = "/services/oauth2/token";
    let secret = org.consumer_secret(APP).unwrap();
    let secret = ("client_secret", secret.expose_secret());
    for (grant, expected) in [
        (
            "password",
            "400 unsupported_grant_type: grant type not supported",
        ),
        (
            "implicit",
            "400 unsupported_grant_type: grant type not supported",
        ),
        (
            "",
            "400 invalid_request: missing required parameter: grant_type",
        ),
    ] {
        let fields = [
            ("grant_type", grant),
            ("username", USER),
            ("password", PASSWORD),
            secret,
        ];
        assert_eq!(call(&org, token, false, &fields).error(), expected);
    }
    for twice in ["client_id", "grant_type", "code"] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", "x"),
            (twice, "y"),
        ];
        let error = call(&org, token, false, &fields).error();
        assert_eq!(
            error,
            format!("400 invalid_request: duplicate parameter: {twice}")
        );
    }
    assert_eq!(Client(&org).form(token, &[], &[]).status, 400);
}
