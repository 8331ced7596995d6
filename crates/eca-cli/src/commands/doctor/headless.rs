//! Headless login at a site.

use std::sync::Arc;

use bytes::Bytes;
use eca_http::Idempotency;
use eca_oauth::explain::Check;
use eca_oauth::{
    Challenge, ChallengeEndpoint, ChallengeOutcome, EndpointSource, Error, Fields, LoginUrl,
    PkceVerifier, ServerMetadata, Step, UnreadableResponse,
};

use crate::auth;
use crate::auth::Headless;
use crate::commands::doctor::project::App;
use crate::commands::doctor::{Finding, State, checks, diagnosis, identity};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

pub(super) async fn examine(context: &Context) -> Result<Vec<Finding>, Failure> {
    let org = auth::entry(context)?.config;
    if org.identity.is_some() && org.headless.is_none() {
        return identity::examine(context).await;
    }
    let mut findings = challenge(context).await?;
    if org.identity.is_some() && findings.iter().all(|f| f.state != State::Failed) {
        findings.extend(identity::examine(context).await?);
    }
    Ok(findings)
}

async fn challenge(context: &Context) -> Result<Vec<Finding>, Failure> {
    let app = Headless::find(context)?;
    let host: LoginUrl = app
        .site
        .as_str()
        .parse()
        .map_err(|error: eca_oauth::InvalidUrl| Failure::from_error(Exit::Usage, &error))?;
    let certificate = checks::certificate(app.certificate.as_deref(), &app.key)?;
    let named = app.certificate.as_ref();
    let named = named.map_or_else(String::new, |path| path.display().to_string());
    let signed = app.attestations.mint();
    let text = signed.as_ref().map(|signed| signed.expose_jwt());
    let text = text.map_err(ToString::to_string);
    let mut findings = vec![
        checks::host(&host),
        checks::assertion("attestation", text),
        checks::key(&app.key, certificate.as_ref(), &named),
    ];
    if app.audience.as_str() == app.site.as_str() {
        findings.push(Finding::ok("audience", "the site").answering(Check::Audience));
    } else {
        let detail = format!(
            "{} is not the site; Salesforce does not document which audience it expects",
            app.audience
        );
        findings.push(Finding::unknown("audience", detail));
    }
    let (_, project) = context.load_project(&[])?;
    let (metadata, finding) = App::find(&project, app.client_id.as_str());
    findings.push(finding);
    findings.extend(
        metadata
            .into_iter()
            .flat_map(|metadata| metadata.for_headless(certificate.as_ref(), app.scope.as_ref())),
    );
    let http = context.http()?;
    findings.extend(checks::clock(&http, &host).await);
    if findings
        .iter()
        .any(|finding| finding.state == State::Failed)
    {
        return Ok(findings);
    }
    match endpoint(&http, &app, &mut findings).await {
        Ok(endpoint) => {
            let finding = opened(&http, app, endpoint, &findings).await?;
            findings.push(finding);
        }
        Err(error) => findings.push(diagnosis::refused("challenge endpoint", &error, &findings)),
    }
    Ok(findings)
}

/// Where challenges go, and whether profile and site agree on it.
async fn endpoint(
    http: &eca_http::HttpClient,
    app: &Headless,
    findings: &mut Vec<Finding>,
) -> Result<ChallengeEndpoint, Error> {
    const CHECK: &str = "challenge endpoint";
    let said = advertised(http, app).await;
    if let EndpointSource::At(endpoint) = &app.profile.endpoint {
        findings.push(match said {
            Ok(said) if said == *endpoint => Finding::ok(CHECK, endpoint.as_str()),
            Ok(said) => Finding::caused(
                CHECK,
                "profile",
                format!("{endpoint} in the profile, but {said} in the site's metadata"),
            ),
            Err(_) => {
                Finding::unknown(CHECK, format!("{endpoint}; the site's metadata names none"))
            }
        });
        return Ok(endpoint.clone());
    }
    let said = said?;
    findings.push(Finding::ok(CHECK, said.as_str()));
    Ok(said)
}

/// What the site's metadata names (RFC 8414).
async fn advertised(
    http: &eca_http::HttpClient,
    app: &Headless,
) -> Result<ChallengeEndpoint, Error> {
    let step = ServerMetadata::step(&app.site);
    let request = ServerMetadata::request(&app.site);
    let parse = |step: &Step, response: &http::Response<Bytes>| {
        let metadata = ServerMetadata::parse(step, &app.site, response)?;
        let endpoint = metadata.authorization_challenge_endpoint;
        endpoint.ok_or_else(|| Error::Unreadable {
            step: step.clone(),
            status: response.status().as_u16(),
            source: UnreadableResponse::Missing("authorization_challenge_endpoint"),
        })
    };
    auth::exchange(http, Idempotency::Idempotent, step, request, parse).await
}

/// Opens a challenge without naming a user. A site that asks for more has accepted app and
/// attestation.
async fn opened(
    http: &eca_http::HttpClient,
    app: Headless,
    endpoint: ChallengeEndpoint,
    made: &[Finding],
) -> Result<Finding, Failure> {
    const CHECK: &str = "challenge";
    let verifier =
        PkceVerifier::generate().map_err(|error| Failure::from_error(Exit::Failed, &error))?;
    let challenge = Challenge::new(endpoint, app.profile, app.client_id, verifier.challenge())
        .with_secret(Arc::new(app.client_secret));
    let challenge = match app.scope {
        Some(scope) => challenge.with_scope(scope),
        None => challenge,
    };
    let step = challenge.step();
    let jwt = app.attestations.mint().map_err(|error| {
        Failure::new(Exit::Usage, format!("cannot mint an attestation: {error}"))
    })?;
    let request = challenge.request(&Fields::new(), (&*jwt).into());
    let policy = http.policy().clone().without_response_retry();
    let http = http.clone().with_policy(policy);
    let response = match http.send(Idempotency::NotIdempotent, request).await {
        Ok(response) => response,
        Err(source) => {
            return Ok(diagnosis::refused(
                CHECK,
                &Error::Transport { step, source },
                made,
            ));
        }
    };
    Ok(match challenge.handle_response(&response) {
        ChallengeOutcome::InsufficientAuthorization { .. } => Finding::ok(
            CHECK,
            "the site accepts app and attestation, and asks for the user",
        ),
        ChallengeOutcome::RedirectToWeb { error, .. } => Finding::unknown(
            CHECK,
            format!("the site accepts the app and asks for a browser: {error}"),
        ),
        ChallengeOutcome::Refused { error, .. }
        | ChallengeOutcome::InvalidSession { error, .. } => {
            let source = Box::new(error);
            diagnosis::refused(CHECK, &Error::Refused { step, source }, made)
        }
        ChallengeOutcome::Unreadable { error, .. } => diagnosis::refused(CHECK, &error, made),
        _ => Finding::unknown(CHECK, "the site issued a code without a user"),
    })
}
