//! ID tokens, verified by Node.js with the keys that the org publishes.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use eca_emulator::Org;
use expect_test::expect;
use serde_json::{Value, json};

use crate::fixture::{APP, GLOBAL, Package, storefront};
use crate::oauth::flows::{TOKEN, allow, call, code_of, package, start};
use crate::oauth::login::{NOW, at_noon, clock};
use crate::oauth::{flows, login};
use crate::server::http::{Answer, send};

/// Finds the key by `kid` and verifies the signature.
const JUDGE: &str = r#"
const crypto = require("node:crypto");
const { token, keys } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const [head, body, signature] = token.split(".");
const header = JSON.parse(Buffer.from(head, "base64url"));
const jwk = keys.find((key) => key.kid === header.kid && key.alg === header.alg);
const key = crypto.createPublicKey({ key: jwk, format: "jwk" });
const isRight = crypto.verify("RSA-SHA256", Buffer.from(head + "." + body), key, Buffer.from(signature, "base64url"));
console.log(isRight ? "right" : "wrong");
"#;

/// The result of Node.js for a token; `None` where Node.js is not installed.
fn judgement(org: &Org, token: &str) -> Option<String> {
    let keys = send(org.address(), "GET", "/id/keys", &[], b"").json()["keys"].clone();
    let node = Command::new("node")
        .args(["-e", JUDGE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut node) = node else {
        let line = b"SKIPPED oauth::id_token: node is not installed\n";
        std::io::stderr().write_all(line).unwrap();
        assert!(
            std::env::var_os("ECA_REQUIRE_ORACLES").is_none(),
            "node is required"
        );
        return None;
    };
    let given = json!({ "token": token, "keys": keys }).to_string();
    let mut input = node.stdin.take().unwrap();
    input.write_all(given.as_bytes()).unwrap();
    drop(input);
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

/// The claims of a response's ID token, which the org signed.
fn claims(org: &Org, answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    let token = body["id_token"].as_str().unwrap();
    if let Some(judgement) = judgement(org, token) {
        assert_eq!(judgement, "right");
        let (input, signature) = token.rsplit_once('.').unwrap();
        let (head, _) = input.split_once('.').unwrap();
        let other = URL_SAFE_NO_PAD.encode(json!({"sub": "another user"}).to_string());
        let forged = format!("{head}.{other}.{signature}");
        assert_eq!(judgement_of(org, &forged), "wrong");
    }
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn judgement_of(org: &Org, token: &str) -> String {
    judgement(org, token).unwrap()
}

fn with_config(package: Package, config: &str) -> Package {
    package.replace(
        GLOBAL,
        "    <isClientCredentialsFlowEnabled>",
        &format!(
            "    <idTokenConfig>{config}</idTokenConfig>\n    <isClientCredentialsFlowEnabled>"
        ),
    )
}

fn refreshed(org: &Org, token: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
    fields.extend(more);
    call(org, TOKEN, true, &fields)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_with_openid_has_an_id_token() {
    let (org, _clock) = start(&package()).await;
    let key = org.consumer_key(APP).unwrap();
    let location = allow(&org, &[("nonce", "n-0S6_WzA2Mj")]);
    let answer = flows::redeem(&org, &code_of(&location).unwrap());
    let first = claims(&org, &answer);
    let expected = json!({
        "at_hash": first["at_hash"],
        "aud": key,
        "exp": NOW + 120,
        "iat": NOW,
        "iss": org.instance_url(),
        "nonce": "n-0S6_WzA2Mj",
        "sub": answer.json()["id"],
    });
    assert_eq!(first, expected);
    // OpenID Connect Core section 12.2: like the first, but without a nonce.
    let refresh = answer.json()["refresh_token"].as_str().unwrap().to_owned();
    let answer = refreshed(&org, &refresh, &[]);
    let second = claims(&org, &answer);
    for own in ["aud", "iss", "sub"] {
        assert_eq!(second[own], first[own]);
    }
    assert_eq!(second.get("nonce"), None);
    assert_ne!(second["at_hash"], first["at_hash"]);
    // A request without the scope gets no ID token.
    let refresh = answer.json()["refresh_token"].as_str().unwrap().to_owned();
    let answer = refreshed(&org, &refresh, &[("scope", "api")]);
    assert_eq!(answer.json().get("id_token"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_headless_login_has_an_id_token_of_the_site() {
    let org = storefront(at_noon(&clock())).await;
    let answer = login::redeem(&org, &login::code(&org, "j-1"), Some(login::CODE_VERIFIER));
    let found = claims(&org, &answer);
    assert_eq!(found["iss"], org.site_url());
    assert_eq!(found["sub"], answer.json()["id"]);
    let document = send(
        org.address(),
        "GET",
        "/storefront/.well-known/openid-configuration",
        &[],
        b"",
    )
    .json();
    assert_eq!(document["issuer"], found["iss"]);
    assert_eq!(
        document["id_token_signing_alg_values_supported"],
        json!(["RS256"])
    );
    let supported = document["claims_supported"].as_array().unwrap();
    for name in found.as_object().unwrap().keys() {
        assert!(supported.contains(&json!(name)), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_of_the_app_sets_the_claims() {
    let config = "<idTokenAudience>https://api.example.com,ledger</idTokenAudience><idTokenIncludeStandardClaims>true</idTokenIncludeStandardClaims><idTokenValidityInMinutes>720</idTokenValidityInMinutes>";
    let (org, _clock) = start(&with_config(package(), config)).await;
    let location = allow(&org, &[]);
    let answer = flows::redeem(&org, &code_of(&location).unwrap());
    let mut found = claims(&org, &answer);
    let key = org.consumer_key(APP).unwrap();
    assert_eq!(
        found["aud"],
        json!([key, "https://api.example.com", "ledger"])
    );
    assert_eq!(found["exp"], NOW + 720 * 60);
    for own in ["at_hash", "aud", "exp", "iat", "iss", "sub"] {
        found.as_object_mut().unwrap().remove(own);
    }
    expect![[r#"
        {
          "active": true,
          "email": "admin@embedded.example",
          "email_verified": true,
          "locale": "en_US",
          "name": "Admin User",
          "nickname": "admin",
          "preferred_username": "admin@embedded.example",
          "zoneinfo": "GMT"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&found).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn client_credentials_have_no_id_token() {
    let org = storefront(at_noon(&clock())).await;
    let answer = call(&org, TOKEN, true, &[("grant_type", "client_credentials")]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.json()["scope"].as_str().unwrap().contains("openid"));
    assert_eq!(answer.json().get("id_token"), None);
}
