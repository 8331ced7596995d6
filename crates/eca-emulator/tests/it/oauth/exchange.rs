//! Handlers of the token exchange flow.

use eca_emulator::Org;

use crate::fixture::APP;
use crate::oauth::flows::{TOKEN, call, log_in, package as flows_package, start};

const INVALID: &str = "400 invalid_request: invalid token handler";

/// The file of the handler `Partner`, which accepts access tokens of the app.
fn handler(is_enabled: bool) -> (String, String) {
    let flags: String = [
        ("isAccessTokenSupported", true),
        ("isContactCreationAllowed", false),
        ("isEnabled", is_enabled),
        ("isIdTokenSupported", false),
        ("isJwtSupported", false),
        ("isRefreshTokenSupported", false),
        ("isSaml2Supported", false),
        ("isUserCreationAllowed", false),
    ]
    .map(|(name, value)| format!("    <{name}>{value}</{name}>\n"))
    .concat();
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OauthTokenExchangeHandler xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <description>d</description>\n    <developerName>Partner</developerName>\n    <enablements>\n        <apexExecutionUser>admin@embedded.example</apexExecutionUser>\n        <externalClientApp>{APP}</externalClientApp>\n        <isDefault>true</isDefault>\n    </enablements>\n{flags}    <masterLabel>Partner</masterLabel>\n    <tokenHandlerApex>Handler</tokenHandlerApex>\n</OauthTokenExchangeHandler>\n"
    );
    let path = "oauthtokenexchangehandlers/Partner.oauthtokenexchangehandler";
    (path.to_owned(), text)
}

/// Exchanges an access token of the org, presented as this kind; returns the status or the error.
fn exchange(org: &Org, handler: &str, kind: &str) -> String {
    let token = log_in(org);
    let kind = format!("urn:ietf:params:oauth:token-type:{kind}");
    let grant = "urn:ietf:params:oauth:grant-type:token-exchange";
    let fields = [
        ("grant_type", grant),
        ("subject_token", token["access_token"].as_str().unwrap()),
        ("subject_token_type", kind.as_str()),
        ("token_handler", handler),
    ];
    let answer = call(org, TOKEN, true, &fields);
    match answer.status {
        200 => "200".to_owned(),
        _ => answer.error(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_handler_must_be_deployed_for_the_app() {
    for (file, name, kind, expected) in [
        (None, "Partner", "access_token", INVALID),
        (Some(handler(true)), "Partner", "access_token", "200"),
        (Some(handler(true)), "Other", "access_token", INVALID),
        (Some(handler(false)), "Partner", "access_token", INVALID),
        (Some(handler(true)), "Partner", "JWT", INVALID),
    ] {
        let mut package = flows_package();
        package.files.extend(file);
        let (org, _) = start(&package).await;
        assert_eq!(exchange(&org, name, kind), expected, "{name} {kind}");
    }
}
