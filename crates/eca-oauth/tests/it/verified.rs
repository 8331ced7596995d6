//! Flows with a one-time password against a scripted org: every version of the draft, both
//! carriers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use eca_oauth::{
    AttestationCarrier, ChallengeProfile, ClientAttestationJwt, EndpointSource, Error,
    HeadlessClient, InvalidSecret, MethodParameter, OneTimePassword, Password,
    PasswordlessParameters, PendingVerification, RegistrationField, RegistrationParameters,
    Started, StepReport, TokenResponse, UserData, UserDataParameters, Verification,
    VerificationMethod,
};
use expect_test::{Expect, expect};
use url::form_urlencoded;

use crate::support::{LEAK, chain, headless, in_form, in_header, world};

pub(crate) const MORE: &str = r#"{"error":"insufficient_authorization","auth_session":"LEAK-s1"}"#;
const WRONG: &str = r#"{"error":"invalid_grant","auth_session":"LEAK-s2"}"#;
pub(crate) const CODE: &str = r#"{"authorization_code":"LEAK-code","auth_session":"LEAK-s3"}"#;
pub(crate) const TOKEN: &str = r#"{"access_token":"00D000000000001!LEAK","token_type":"Bearer"}"#;
pub(crate) const LOST: &str = r#"{"error":"invalid_session"}"#;

pub(crate) fn profile(carrier: AttestationCarrier) -> ChallengeProfile {
    let endpoint = "https://acme.my.site.com/portal/made-up/challenge";
    let method = MethodParameter::new("how".parse().unwrap(), "mail", "text");
    let mut profile =
        ChallengeProfile::without_flows(EndpointSource::At(endpoint.parse().unwrap()), carrier);
    let text = r#"
        identifier = "who"
        method = { name = "how", email = "mail", sms = "text" }
        one_time_password = "otp"
        fixed = { kind = "passwordless" }
        steps = [["identifier", "method"], ["one_time_password"]]
    "#;
    profile.passwordless = Some(toml::from_str(text).unwrap());
    let mut registration = RegistrationParameters::new(
        UserDataParameters::Json("userdata".parse().unwrap()),
        "otp".parse().unwrap(),
        vec![
            vec![RegistrationField::Method],
            vec![RegistrationField::UserData, RegistrationField::Password],
            vec![RegistrationField::OneTimePassword],
        ],
    )
    .unwrap();
    registration.password = Some("pw".parse().unwrap());
    registration.method = Some(method);
    profile.registration = Some(registration);
    profile
}

pub(crate) enum Flow {
    Passwordless,
    Registration,
}

/// Runs a flow with these one-time passwords and records its exchanges.
struct Run {
    flow: Flow,
    profile: ChallengeProfile,
    responses: Vec<(u16, &'static str)>,
    one_time_passwords: Vec<&'static str>,
    /// Whether the pending flow is stored as JSON between its requests.
    stored: bool,
}

impl Run {
    fn new(flow: Flow, profile: ChallengeProfile, responses: &[(u16, &'static str)]) -> Self {
        Self {
            flow,
            profile,
            responses: responses.to_vec(),
            one_time_passwords: vec!["LEAK-1", "LEAK-2"],
            stored: false,
        }
    }

    async fn execute(self) -> (Result<Option<TokenResponse>, Error>, String) {
        let (org, http) = world();
        for (status, body) in &self.responses {
            org.json(*status, *body);
        }
        let steps = Arc::new(Mutex::new(String::new()));
        let seen = Arc::clone(&steps);
        let client = headless(http, self.profile).observer(move |report: &StepReport| {
            let status = report.status.unwrap_or_default();
            writeln!(seen.lock().unwrap(), "{status}: {}", report.outcome).unwrap();
        });
        let result = run(&client, self.flow, &self.one_time_passwords, self.stored).await;
        let mut transcript = steps.lock().unwrap().clone();
        assert!(!transcript.contains(LEAK), "{transcript}");
        assert!(!format!("{result:?}").contains(LEAK));
        let mut attestations = BTreeSet::new();
        for request in org.requests() {
            let fields: Vec<_> = form_urlencoded::parse(request.body()).collect();
            let header = request.headers().get("oauth-client-attestation");
            let field = fields.iter().find(|(name, _)| name == "client_assertion");
            let attestation = header
                .map(|value| value.to_str().unwrap().to_owned())
                .or_else(|| field.map(|(_, value)| value.clone().into_owned()));
            match attestation {
                Some(jwt) => assert!(attestations.insert(jwt), "an attestation was sent twice"),
                None => assert!(request.uri().path().ends_with("/token")),
            }
            let shown: Vec<_> = fields
                .iter()
                .filter(|(name, _)| !name.starts_with("client_assertion"))
                .map(|(name, value)| match &**name {
                    "auth_session" | "who" | "how" | "kind" | "otp" | "userdata" | "pw" => {
                        format!("{name}={value}")
                    }
                    _ => name.clone().into_owned(),
                })
                .collect();
            writeln!(transcript, "{}", shown.join(" ")).unwrap();
        }
        assert_eq!(org.remaining(), 0, "{transcript}");
        (result, transcript)
    }
}

pub(crate) async fn start(client: &HeadlessClient, flow: Flow) -> Result<Started, Error> {
    match flow {
        Flow::Passwordless => {
            let client = client.clone().scope("openid".parse().unwrap());
            let method = VerificationMethod::Sms;
            client.passwordless("mia@acme.com", method).await
        }
        Flow::Registration => {
            let user = UserData::new()
                .with("lastName", "O\"Hara")
                .with("email", "mia@acme.com");
            let password = Password::new("LEAK-pw").unwrap();
            let method = VerificationMethod::Email;
            client.register(&user, Some(&password), method).await
        }
    }
}

async fn run(
    client: &HeadlessClient,
    flow: Flow,
    one_time_passwords: &[&str],
    stored: bool,
) -> Result<Option<TokenResponse>, Error> {
    let mut pending = match start(client, flow).await? {
        Started::Token(token) => return Ok(Some(*token)),
        Started::Pending(pending) => *pending,
        other => panic!("{other:?}"),
    };
    for one_time_password in one_time_passwords {
        assert!(!format!("{pending:?}").contains(LEAK));
        if stored {
            pending = from_store(&pending);
        }
        match verify(client, &mut pending, one_time_password).await? {
            Verification::Token(token) => return Ok(Some(*token)),
            Verification::Retry { .. } => assert!(!pending.is_over()),
            other => panic!("{other:?}"),
        }
    }
    Ok(None)
}

pub(crate) async fn verify(
    client: &HeadlessClient,
    pending: &mut PendingVerification,
    one_time_password: &str,
) -> Result<Verification, Error> {
    let one_time_password = OneTimePassword::new(one_time_password).unwrap();
    client.verify(pending, &one_time_password).await
}

/// The flow after it was stored and read again.
pub(crate) fn from_store(pending: &PendingVerification) -> PendingVerification {
    let json = pending.expose_json();
    let read = PendingVerification::from_json(&json).unwrap();
    assert_eq!(read.expose_json(), json);
    assert_eq!(read.is_over(), pending.is_over());
    read
}

/// The same exchanges whatever the version of the draft and the carrier.
async fn check(flow: fn() -> Flow, responses: &[(u16, &'static str)], expected: Expect) {
    let mut transcripts = BTreeSet::new();
    for status in [400, 401, 403] {
        for carrier in [in_header(), in_form()] {
            for (response_type, stored) in [(true, false), (false, false), (true, true)] {
                let mut profile = profile(carrier.clone());
                profile.response_type = response_type;
                let responses: Vec<_> = responses
                    .iter()
                    .map(|(code, body)| (if *code == 200 { 200 } else { status }, *body))
                    .collect();
                let mut run = Run::new(flow(), profile, &responses);
                run.stored = stored;
                let (result, transcript) = run.execute().await;
                result.unwrap().unwrap();
                transcripts.insert(
                    transcript
                        .replace(&format!("{status}:"), "4xx:")
                        .replace("response_type ", ""),
                );
            }
        }
    }
    assert_eq!(transcripts.len(), 1, "{transcripts:#?}");
    expected.assert_eq(&transcripts.pop_first().unwrap());
}

#[tokio::test]
async fn passwordless_in_every_draft_with_both_carriers() {
    let responses = [(400, MORE), (400, WRONG), (200, CODE), (200, TOKEN)];
    check(
        || Flow::Passwordless,
        &responses,
        expect![[r#"
        4xx: more needed
        4xx: refused: invalid_grant
        200: code received
        200: token received
        client_id scope code_challenge code_challenge_method who=mia@acme.com how=text kind=passwordless
        client_id auth_session=LEAK-s1 otp=LEAK-1
        client_id auth_session=LEAK-s2 otp=LEAK-2
        grant_type code code_verifier
    "#]],
    )
    .await;
}

#[tokio::test]
async fn registration_in_every_draft_with_both_carriers() {
    let responses = [(400, MORE), (400, MORE), (200, CODE), (200, TOKEN)];
    check(|| Flow::Registration, &responses, expect![[r#"
        4xx: more needed
        4xx: more needed
        200: code received
        200: token received
        client_id code_challenge code_challenge_method how=mail
        client_id auth_session=LEAK-s1 userdata={"lastName":"O\"Hara","email":"mia@acme.com"} pw=LEAK-pw
        client_id auth_session=LEAK-s1 otp=LEAK-1
        grant_type code code_verifier
    "#]]).await;
}

#[tokio::test]
async fn an_early_code_ends_the_flow() {
    let run = Run::new(
        Flow::Passwordless,
        profile(in_header()),
        &[(200, CODE), (200, TOKEN)],
    );
    let token = run.execute().await.0.unwrap().unwrap();
    assert_eq!(token.auth_session.unwrap().expose_secret(), "LEAK-s3");
}

async fn check_error(flow: Flow, responses: &[(u16, &'static str)], expected: &str) {
    let (result, transcript) = Run::new(flow, profile(in_header()), responses)
        .execute()
        .await;
    let error = result.unwrap_err();
    assert_eq!(chain(&error), expected, "{transcript}");
}

#[tokio::test]
async fn flows_that_end_without_a_token() {
    let at = "authorization challenge at acme.my.site.com";
    check_error(
        Flow::Passwordless,
        &[(400, LOST), (400, LOST)],
        &format!("{at} lost its session twice: invalid_session (http 400)"),
    )
    .await;
    check_error(
        Flow::Passwordless,
        &[(403, MORE), (403, LOST)],
        &format!(
            "{at} lost the session of the one-time password; start again to get a new one: \
             invalid_session (http 403)"
        ),
    )
    .await;
    check_error(
        Flow::Registration,
        &[(400, r#"{"error":"redirect_to_web"}"#)],
        &format!("{at} must continue in a browser: redirect_to_web (http 400)"),
    )
    .await;
    check_error(
        Flow::Passwordless,
        &[(400, MORE), (401, r#"{"error":"invalid_client"}"#)],
        &format!("{at} was refused: invalid_client (http 401)"),
    )
    .await;
    check_error(
        Flow::Passwordless,
        &[(400, MORE), (502, "{}")],
        &format!(
            "{at} got a response that cannot be read (http 502): an error status without an \
             `error` member"
        ),
    )
    .await;
}

#[tokio::test]
async fn a_lost_session_is_started_over_once_from_the_first_step() {
    let responses = [
        (400, MORE),
        (400, LOST),
        (400, MORE),
        (400, MORE),
        (200, CODE),
        (200, TOKEN),
    ];
    let (result, transcript) = Run::new(Flow::Registration, profile(in_header()), &responses)
        .execute()
        .await;
    result.unwrap().unwrap();
    let starts = transcript
        .lines()
        .filter(|line| line.contains("code_challenge "))
        .count();
    assert_eq!(starts, 2, "{transcript}");
}

#[tokio::test]
async fn a_flow_missing_in_the_profile_fails_before_a_request() {
    let mut none = profile(in_header());
    none.passwordless = None;
    none.registration.as_mut().unwrap().user_data = UserDataParameters::Parameters(BTreeMap::from(
        [("email".to_owned(), "email".parse().unwrap())],
    ));
    for (flow, expected) in [
        (Flow::Passwordless, "has no `passwordless` section"),
        (Flow::Registration, "has no parameter for `lastName`"),
    ] {
        let (result, transcript) = Run::new(flow, none.clone(), &[]).execute().await;
        let error = result.unwrap_err();
        assert!(chain(&error).ends_with(expected), "{error}");
        assert_eq!(error.delivery(), eca_http::Delivery::NotSent);
        assert!(transcript.is_empty(), "{transcript}");
    }
    let (org, http) = world();
    let none = || ClientAttestationJwt::new("") as Result<_, InvalidSecret>;
    let client = headless(http, profile(in_form())).attestation(none);
    let result = start(&client, Flow::Passwordless).await;
    assert!(matches!(result, Err(Error::Attestation { .. })));
    assert!(org.requests().is_empty());
}

#[test]
fn steps_without_a_final_one_time_password_are_refused() {
    for steps in [
        r#"[["identifier"]]"#,
        r#"[["one_time_password"]]"#,
        r#"[["one_time_password"], ["identifier"]]"#,
        r#"[["one_time_password"], ["one_time_password"]]"#,
        "[]",
    ] {
        let text = format!("identifier = \"a\"\none_time_password = \"b\"\nsteps = {steps}");
        let error = toml::from_str::<PasswordlessParameters>(&text)
            .unwrap_err()
            .to_string();
        assert!(error.contains("must be in the last"), "{error}");
    }
}
