//! Successful responses, and refusals.

use std::time::{Duration, SystemTime};

use eca_oauth::{
    AccessTokenFormat, Error, IssuedAt, OAuthErrorKind, ServerMetadata, SiteUrl, Step, StepKind,
    TokenResponse, UserInfo,
};
use expect_test::{Expect, expect};

use crate::support::{LEAK, chain, response, site};

fn step() -> Step {
    Step::new(StepKind::AuthorizationCode, "acme.my.site.com")
}

fn token(status: u16, body: &'static str) -> Result<TokenResponse, Error> {
    TokenResponse::parse(
        &step(),
        &response(status, "application/json;charset=UTF-8", body),
    )
}

/// A response with every member that Salesforce sends.
const FULL: &str = r#"{"access_token":"00D000000000001!LEAK","refresh_token":"5Aep_LEAK","id_token":"eyJLEAK",
        "signature":"c2ln","scope":"openid api","instance_url":"https://acme.my.salesforce.com",
        "id":"https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA",
        "token_type":"Bearer","issued_at":"1732147200123","sfdc_site_url":"https://acme.my.site.com/portal",
        "sfdc_site_id":"0DB000000000001","token_format":"opaque","auth_session":"LEAK2",
        "api_instance_url":"https://api.salesforce.com"}"#;

#[test]
fn a_token_with_every_member() {
    let token = token(200, FULL).unwrap();
    assert_eq!(token.access_token.format(), AccessTokenFormat::Opaque);
    assert_eq!(
        token.refresh_token.as_ref().unwrap().expose_secret(),
        "5Aep_LEAK"
    );
    assert!(token.scope.as_ref().unwrap().contains("openid"));
    assert_eq!(token.site_url, Some(site()));
    let issued_at = token.issued_at.unwrap();
    assert_eq!(
        issued_at.as_system_time(),
        Some(SystemTime::UNIX_EPOCH + Duration::from_millis(1_732_147_200_123))
    );
    assert_eq!(
        token.auth_session.as_ref().unwrap().expose_secret(),
        "LEAK2"
    );
    assert_eq!(
        token.extras.text("api_instance_url"),
        Some("https://api.salesforce.com")
    );
}

#[test]
fn the_debug_output_of_a_token_has_no_secrets() {
    let shown = format!("{:#?}", token(200, FULL).unwrap());
    assert!(!shown.contains(LEAK), "{shown}");
    expect![[r#"
        TokenResponse {
            access_token: AccessToken(…),
            token_type: Some(
                "Bearer",
            ),
            refresh_token: Some(
                RefreshToken(…),
            ),
            id_token: Some(
                IdToken(…),
            ),
            scope: Some(
                Scopes(
                    [
                        "openid",
                        "api",
                    ],
                ),
            ),
            instance_url: Some(
                InstanceUrl(
                    "https://acme.my.salesforce.com",
                ),
            ),
            id: Some(
                "https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA",
            ),
            issued_at: Some(
                IssuedAt(
                    1732147200123,
                ),
            ),
            signature: Some(
                "c2ln",
            ),
            site_url: Some(
                SiteUrl(
                    "https://acme.my.site.com/portal",
                ),
            ),
            site_id: Some(
                "0DB000000000001",
            ),
            token_format: Some(
                "opaque",
            ),
            expires_in: None,
            auth_session: Some(
                AuthSession(…),
            ),
            extras: {
                "api_instance_url",
            },
        }"#]]
    .assert_eq(&shown);
}

#[test]
fn a_token_with_few_members() {
    let few = token(200, r#"{"access_token":"x","issued_at":7,"expires_in":"60","sfdc_community_url":"https://a.my.site.com"}"#).unwrap();
    assert_eq!(few.issued_at.map(IssuedAt::as_millis), Some(7));
    assert_eq!(few.expires_in, Some(Duration::from_mins(1)));
    assert_eq!(few.site_url.unwrap().as_str(), "https://a.my.site.com");
    assert!(few.extras.is_empty());

    let odd = token(
        200,
        r#"{"access_token":"x","issued_at":"soon","sfdc_site_url":"nowhere","error":null}"#,
    )
    .unwrap();
    assert_eq!(
        odd.extras.names().collect::<Vec<_>>(),
        ["error", "issued_at", "sfdc_site_url"]
    );
}

fn refusal(status: u16, body: &'static str, expected: Expect) -> Error {
    let error = token(status, body).unwrap_err();
    expected.assert_eq(&chain(&error));
    error
}

#[test]
fn refusals_are_verbatim() {
    let error = refusal(
        400,
        r#"{"error":"invalid_grant","error_description":"expired authorization code","hint":"LEAK"}"#,
        expect![
            "authorization code grant at acme.my.site.com was refused: invalid_grant: expired authorization code (http 400)"
        ],
    );
    let oauth = error.oauth().unwrap();
    assert_eq!(oauth.kind(), OAuthErrorKind::InvalidGrant);
    assert_eq!(oauth.description(), Some("expired authorization code"));
    assert_eq!(oauth.extras().text("hint"), Some("LEAK"));
    assert!(error.is_auth() && !error.is_retryable());
    assert!(!format!("{error:?}").contains(LEAK));

    // The status does not matter, not even 200.
    refusal(
        200,
        r#"{"error":"invalid_client_id"}"#,
        expect![
            "authorization code grant at acme.my.site.com was refused: invalid_client_id (http 200)"
        ],
    );
    let busy = refusal(
        503,
        r#"{"error":"temporarily_unavailable"}"#,
        expect![
            "authorization code grant at acme.my.site.com was refused: temporarily_unavailable (http 503)"
        ],
    );
    assert!(busy.is_retryable() && !busy.is_auth());
    let odd = refusal(
        418,
        r#"{"error":"b\u001b[31mad\n","error_description":"\u0007ring","error_uri":7}"#,
        expect![[
            r#"authorization code grant at acme.my.site.com was refused: b\u{1b}[31mad\u{a}: \u{7}ring (http 418)"#
        ]],
    );
    assert_eq!(odd.oauth().unwrap().code(), "b\u{1b}[31mad\n");
    assert_eq!(odd.oauth().unwrap().kind(), OAuthErrorKind::Other);
}

#[test]
fn unreadable_tokens() {
    let check = |status, body, expected: Expect| {
        refusal(status, body, expected);
    };
    check(
        200,
        r#"{"token_type":"Bearer"}"#,
        expect![
            "authorization code grant at acme.my.site.com got a response that cannot be read (http 200): member `access_token` is missing"
        ],
    );
    check(
        200,
        r#"{"access_token":7}"#,
        expect![
            "authorization code grant at acme.my.site.com got a response that cannot be read (http 200): member `access_token` cannot be used"
        ],
    );
    check(
        200,
        r#"{"access_token":"LEAK LEAK"}"#,
        expect![
            "authorization code grant at acme.my.site.com got a response that cannot be read (http 200): member `access_token` cannot be used"
        ],
    );
    check(
        200,
        r#"{"access_token":"LEAK","instance_url":"http://evil.example"}"#,
        expect![
            "authorization code grant at acme.my.site.com got a response that cannot be read (http 200): member `instance_url` cannot be used"
        ],
    );
    check(
        500,
        r#"{"message":"LEAK"}"#,
        expect![
            "authorization code grant at acme.my.site.com got a response that cannot be read (http 500): an error status without an `error` member"
        ],
    );
    check(
        400,
        r#"{"error":{"code":7}}"#,
        expect![
            "authorization code grant at acme.my.site.com got a response that cannot be read (http 400): member `error` cannot be used"
        ],
    );
}

#[test]
fn users() {
    let step = UserInfo::step(&site().userinfo_endpoint());
    let body = r#"{"sub":"https://login.salesforce.com/id/00D/005","user_id":"005000000000001AAA",
        "organization_id":"00D000000000001EAA","preferred_username":"mia@acme.com","name":"Mia",
        "email":"mia@acme.com","email_verified":true}"#;
    let user = UserInfo::parse(&step, &response(200, "application/json", body)).unwrap();
    assert_eq!(user.user_id.as_deref(), Some("005000000000001AAA"));
    assert_eq!(user.extras.json("email_verified").as_deref(), Some("true"));

    let refused = UserInfo::parse(
        &step,
        &response(403, "text/html;charset=UTF-8", "Bad_OAuth_Token\n"),
    )
    .unwrap_err();
    assert_eq!(
        refused.oauth().unwrap().kind(),
        OAuthErrorKind::InvalidToken
    );
    expect!["userinfo request at acme.my.site.com was refused: Bad_OAuth_Token (http 403)"]
        .assert_eq(&chain(&refused));
    let page = UserInfo::parse(&step, &response(403, "text/html", "<html>no</html>")).unwrap_err();
    expect!["userinfo request at acme.my.site.com got a response that cannot be read (http 403): content type is text/html, not json"].assert_eq(&chain(&page));
}

#[test]
fn metadata() {
    let step = ServerMetadata::step(&site());
    let parse = |body: &'static str| {
        ServerMetadata::parse(&step, &site(), &response(200, "application/json", body))
    };
    let found = parse(
        r#"{"issuer":"https://acme.my.site.com/portal","token_endpoint":"x",
        "authorization_challenge_endpoint":"https://acme.my.site.com/portal/c"}"#,
    )
    .unwrap();
    assert_eq!(
        found.authorization_challenge_endpoint.unwrap().as_str(),
        "https://acme.my.site.com/portal/c"
    );
    assert_eq!(found.extras.text("token_endpoint"), Some("x"));
    assert_eq!(
        parse(r#"{"issuer":"https://acme.my.site.com/portal"}"#)
            .unwrap()
            .authorization_challenge_endpoint,
        None
    );

    for (site, issuer) in [
        (
            "https://acme.my.site.com/portal",
            "https://acme.my.site.com/portal/",
        ),
        (
            "https://acme.my.site.com/portal/",
            "https://acme.my.site.com/portal",
        ),
        ("https://acme.my.site.com", "https://acme.my.site.com/"),
        ("https://acme.my.site.com/", "https://acme.my.site.com"),
    ] {
        let site: SiteUrl = site.parse().unwrap();
        let body = response(
            200,
            "application/json",
            format!(r#"{{"issuer":"{issuer}"}}"#),
        );
        let uri = ServerMetadata::request(&site).uri().to_string();
        assert!(!uri.ends_with('/'), "{uri}");
        assert_eq!(
            ServerMetadata::parse(&step, &site, &body).unwrap().issuer,
            site
        );
    }

    let check = |body, expected: Expect| expected.assert_eq(&chain(&parse(body).unwrap_err()));
    check(
        "{}",
        expect![
            "metadata request at acme.my.site.com got a response that cannot be read (http 200): member `issuer` is missing"
        ],
    );
    check(
        r#"{"issuer":"https://acme.my.site.com/portal//"}"#,
        expect![[
            r#"metadata request at acme.my.site.com got a response that cannot be read (http 200): issuer is "https://acme.my.site.com/portal//", but must be "https://acme.my.site.com/portal""#
        ]],
    );
    check(
        r#"{"issuer":"https://acme.my.site.com/portal","authorization_challenge_endpoint":"https://evil.example/c"}"#,
        expect![
            "metadata request at acme.my.site.com got a response that cannot be read (http 200): an endpoint is on evil.example, not on the site's own origin"
        ],
    );
    check(
        r#"{"issuer":"https://acme.my.site.com/portal","authorization_challenge_endpoint":"http://acme.my.site.com/c"}"#,
        expect![
            "metadata request at acme.my.site.com got a response that cannot be read (http 200): member `authorization_challenge_endpoint` cannot be used"
        ],
    );
}
