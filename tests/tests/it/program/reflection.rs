//! A server that sends the request back in its answer makes the program print no secret.

use std::fs;

use eca_tests::{FakeOrg, LEAK, Request, configure, run_with, store_token, storefront_copy};
use serde_json::json;

const VARIABLES: [(&str, &str); 6] = [
    ("TOKEN", "00D000000000001!LEAK.token"),
    ("SECRET", "LEAK+client&secret"),
    ("PASSWORD", "LEAK correct&horse"),
    ("SUBJECT", "eyJ.LEAK.subject"),
    ("RECAPTCHA", "LEAK-solved"),
    ("SFDX", "force://PlatformCLI::5Aep_LEAK_refresh@HOST"),
];

/// Everything that the client sent, also with its form decoded.
fn everything(request: &Request) -> String {
    let body = &request.body;
    let decoded = body
        .replace('+', " ")
        .replace("%2B", "+")
        .replace("%26", "&");
    let decoded = decoded.replace("%20", " ").replace("%21", "!");
    format!("{} {body} {decoded}", request.authorization)
}

/// Each API's form of an error, with all of the request in it.
fn reflect(request: &Request) -> (u16, String) {
    let all = everything(request);
    let path = &request.path;
    if path.contains("/Soap/") {
        let all = all.replace('&', "&amp;").replace('<', "&lt;");
        let fault = format!(
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\
             <soapenv:Fault><faultcode>sf:UNKNOWN</faultcode><faultstring>{all}</faultstring>\
             </soapenv:Fault></soapenv:Body></soapenv:Envelope>"
        );
        return (500, fault);
    }
    if path.contains("/services/data/") {
        return (400, json!([{"errorCode": all, "message": all}]).to_string());
    }
    if path.contains("userinfo") {
        // No error: the name of a user.
        let user = json!({"sub": all, "preferred_username": all, "user_id": "005", "organization_id": "00D"});
        return (200, user.to_string());
    }
    let error = json!({"error": "invalid_request", "error_description": all, "error_uri": all});
    (400, error.to_string())
}

const CLIENT: &str = "client-id = '3MVG9'";

/// Runs each command with each flag; the words of the server are shown by some of them.
fn check(auth: &str, lines: &[&str]) {
    let org = FakeOrg::start(|request, _| reflect(request));
    let project = storefront_copy();
    let key = crate::keys::attest::data("test-only-rsa-2048.pem");
    let auth = auth.replace("URL", &org.url).replace("KEY", &key);
    configure(project.path(), &org.url, &auth);
    store_token(project.path(), &org.url, "5Aep_LEAK_stored");
    let host = org.url.trim_start_matches("http://");
    let variables = VARIABLES.map(|(name, value)| (name, value.replace("HOST", host)));
    let mut masked = false;
    let mut last = String::new();
    for line in lines {
        for flag in ["", " --json", " -vvv", " --quiet"] {
            let line = format!("{line}{flag}");
            let arguments: Vec<_> = line.split(' ').collect();
            let run = run_with(project.path(), &arguments, variables.clone());
            run.assert_hides(&[LEAK, "correct", "eyJhbGciOi"]);
            last = format!("{}{}", run.stdout, run.stderr);
            masked |= last.contains("[secret]");
        }
    }
    let junit = fs::read_to_string(project.path().join("junit.xml")).unwrap_or_default();
    assert!(!junit.contains(LEAK), "{junit}");
    assert!(
        !org.requests().is_empty(),
        "{lines:?}, {auth}: nothing was sent"
    );
    assert!(masked, "{lines:?}: no secret was masked: {last}");
}

#[test]
fn by_the_apis_of_an_org() {
    check(
        "auth = { method = 'access-token', access-token = 'env:TOKEN' }",
        &[
            "list",
            "describe",
            "deploy --junit junit.xml",
            "deploy --check-only",
            "retrieve --all",
            "deploys list",
            "deploys show 0Af000000000001AAA",
            "doctor org",
            "login",
        ],
    );
}

#[test]
fn by_the_token_endpoint() {
    let signed = "client-assertion = { key = 'KEY' }";
    for auth in [
        format!("method = 'client-credentials', {CLIENT}, client-secret = 'env:SECRET'"),
        format!("method = 'client-credentials', {CLIENT}, {signed}"),
        format!("method = 'jwt', {CLIENT}, username = 'mia', key = 'KEY'"),
        format!(
            "method = 'token-exchange', {CLIENT}, {signed}, subject-token = 'env:SUBJECT', subject-token-type = 'jwt'"
        ),
        "method = 'sfdx-auth-url', sfdx-auth-url = 'env:SFDX'".to_owned(),
        format!("method = 'login', {CLIENT}, client-secret = 'env:SECRET', token-file = 'stored'"),
    ] {
        let auth = format!("audience = 'https://login.salesforce.com'\nauth = {{ {auth} }}");
        check(&auth, &["token", "list", "login", "doctor login"]);
    }
}

#[test]
fn by_a_site() {
    let app = format!("site-url = 'URL'\n{CLIENT}\nclient-secret = 'env:SECRET'\n");
    let sections = format!(
        "auth = {{ method = 'access-token', access-token = 'env:TOKEN' }}\n\
         [orgs.a.identity]\n{app}redirect-uri = 'https://www.example.com/callback'\n\
         gate = {{ recaptcha = 'env:RECAPTCHA' }}\n\
         [orgs.a.headless]\n{app}key = 'KEY'\naudience = 'URL'\n\
         [orgs.a.headless.profile]\nendpoint = 'URL/challenge'\nattestation = {{ header = 'OAuth-Client-Attestation' }}\n\
         [orgs.a.headless.profile.login]\nusername = 'username'\npassword = 'password'\nfirst_step = ['username', 'password']\n"
    );
    for line in [
        "login --flow headless --username mia --password env:PASSWORD",
        "login --api identity --flow headless --username mia --password env:PASSWORD",
        "login --api identity --flow passwordless --username mia --otp env:PASSWORD",
        "login --api identity --flow forgot-password --username mia --password env:PASSWORD --otp env:PASSWORD",
        "login --api identity --flow register --user-data email=mia@x.example --password env:PASSWORD --otp env:PASSWORD",
    ] {
        check(&sections, &[line, "doctor headless"]);
    }
}
