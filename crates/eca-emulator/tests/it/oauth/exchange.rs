//! Handlers of the token exchange flow.

use crate::fixture::APP;
use crate::oauth::flows::{TOKEN, call, log_in, package as flows_package, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_handler_must_be_deployed_for_the_app() {
    let handler = |enabled: &str, app: &str| {
        let flags: String = [
            ("isAccessTokenSupported", "true"),
            ("isContactCreationAllowed", "false"),
            ("isEnabled", enabled),
            ("isIdTokenSupported", "false"),
            ("isJwtSupported", "false"),
            ("isRefreshTokenSupported", "false"),
            ("isSaml2Supported", "false"),
            ("isUserCreationAllowed", "false"),
        ]
        .map(|(name, value)| format!("    <{name}>{value}</{name}>\n"))
        .concat();
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OauthTokenExchangeHandler xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <description>d</description>\n    <developerName>Partner</developerName>\n    <enablements>\n        <apexExecutionUser>admin@embedded.example</apexExecutionUser>\n        <externalClientApp>{app}</externalClientApp>\n        <isDefault>true</isDefault>\n    </enablements>\n{flags}    <masterLabel>Partner</masterLabel>\n    <tokenHandlerApex>Handler</tokenHandlerApex>\n</OauthTokenExchangeHandler>\n"
        );
        let path = "oauthtokenexchangehandlers/Partner.oauthtokenexchangehandler".to_owned();
        (path, text)
    };
    for (file, name, kind, expected) in [
        (
            None,
            "Partner",
            "access_token",
            "400 invalid_request: invalid token handler",
        ),
        (Some(handler("true", APP)), "Partner", "access_token", "200"),
        (
            Some(handler("true", APP)),
            "Other",
            "access_token",
            "400 invalid_request: invalid token handler",
        ),
        (
            Some(handler("false", APP)),
            "Partner",
            "access_token",
            "400 invalid_request: invalid token handler",
        ),
        (
            Some(handler("true", APP)),
            "Partner",
            "JWT",
            "400 invalid_request: invalid token handler",
        ),
    ] {
        let mut package = flows_package();
        package.files.extend(file);
        let (org, _) = start(&package).await;
        let token = log_in(&org);
        let answer = call(
            &org,
            TOKEN,
            true,
            &[
                (
                    "grant_type",
                    "urn:ietf:params:oauth:grant-type:token-exchange",
                ),
                ("subject_token", token["access_token"].as_str().unwrap()),
                (
                    "subject_token_type",
                    &format!("urn:ietf:params:oauth:token-type:{kind}"),
                ),
                ("token_handler", name),
            ],
        );
        let text = match answer.status {
            200 => "200".to_owned(),
            _ => answer.error(),
        };
        assert_eq!(text, expected, "{name} {kind}");
    }
}
