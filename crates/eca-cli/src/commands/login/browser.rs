//! Logins in a browser, on this machine or another.

use std::time::Duration;

use eca_http::{Idempotency, Timer as _, TokioTimer};
use eca_oauth::{
    AuthorizationCodeGrant, AuthorizationRequest, DeviceCode, DeviceGrant, Error, NoRandomness,
    PkceVerifier, State, TokenResponse, UserinfoEndpoint,
};

use crate::auth::{Login, Loopback, check_instance, exchange};
use crate::commands::login::{Document, Flow, document, user};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::output;

/// The time that a user has to log in.
const LOGIN_TIMEOUT: Duration = Duration::from_mins(10);

pub(super) async fn web(context: &Context, save: bool) -> Result<Document, Failure> {
    let login = Login::find(context)?;
    let random = |error: NoRandomness| Failure::from_error(Exit::Failed, &error);
    let verifier = PkceVerifier::generate().map_err(random)?;
    let state = State::generate().map_err(random)?;
    let loopback = Loopback::listen(login.redirect_port).await?;
    let url = AuthorizationRequest {
        endpoint: &login.host.authorize_endpoint(),
        client_id: &login.client_id,
        redirect_uri: loopback.redirect_uri(),
        code_challenge: &verifier.challenge(),
        state: &state,
        scope: login.scope.as_ref(),
        login_hint: None,
        prompt: None,
    }
    .url();
    output::prompt("open this page in a browser:");
    output::prompt(&url);
    let timer = TokioTimer::new();
    let code = tokio::select! {
        code = loopback.code(&state, |issuer| login.is_issuer(issuer)) => code?,
        () = timer.sleep(LOGIN_TIMEOUT) => {
            let message = "no login within ten minutes";
            return Err(Failure::new(Exit::Authentication, message).hint("run eca login again"));
        }
    };
    let endpoint = login.host.token_endpoint();
    let grant = AuthorizationCodeGrant::new(&endpoint, &login.client_id, code, verifier)
        .with_redirect_uri(loopback.redirect_uri());
    let step = grant.step();
    let proof = login.credential.proof(&step).await;
    let grant = grant.with_proof(proof.map_err(|error| Failure::from_library(&error))?);
    let (http, request) = (context.http()?, grant.into_request());
    let once = Idempotency::NotIdempotent;
    let token = exchange(&http, once, step, request, TokenResponse::parse).await;
    finish(context, &login, Flow::Web, token, save).await
}

pub(super) async fn device(context: &Context, save: bool) -> Result<Document, Failure> {
    let login = Login::find(context)?;
    let endpoint = login.host.token_endpoint();
    let http = context.http()?;
    let step = DeviceCode::step(&endpoint);
    let request = DeviceCode::request(&endpoint, &login.client_id, login.scope.as_ref());
    let code = exchange(
        &http,
        Idempotency::Idempotent,
        step,
        request,
        DeviceCode::parse,
    );
    let code = code.await.map_err(|error| Failure::from_library(&error))?;
    // The text of the server is printed on a terminal.
    let (page, shown) = (&code.verification_uri, &code.user_code);
    output::prompt(format_args!(
        "open {} in a browser and enter {}",
        page.escape_debug(),
        shown.escape_debug()
    ));
    let token = DeviceGrant::new(&endpoint, &login.client_id)
        .wait(&http, &code)
        .await;
    finish(context, &login, Flow::Device, token, save).await
}

async fn finish(
    context: &Context,
    login: &Login,
    flow: Flow,
    token: Result<TokenResponse, Error>,
    save: bool,
) -> Result<Document, Failure> {
    let token = token.map_err(|error| Failure::from_library(&error))?;
    check_instance(&login.instances, &login.name, &token)?;
    // Stored first: after a failure below, the user need not log in again.
    let saved = match (&token.refresh_token, save) {
        (Some(refresh), true) => Some(login.save(refresh)?),
        (None, true) => {
            let message = "the org returned no refresh token to save";
            return Err(Failure::new(Exit::Authentication, message)
                .hint("request the scope refresh_token, and select it on the app"));
        }
        (_, false) => {
            context
                .output
                .info("the refresh token is not stored; --save stores it");
            None
        }
    };
    let endpoint: UserinfoEndpoint = match &token.instance_url {
        Some(instance) => instance.userinfo_endpoint(),
        None => format!("{}/services/oauth2/userinfo", login.host)
            .parse()
            .map_err(|error: eca_oauth::InvalidUrl| Failure::from_error(Exit::Usage, &error))?,
    };
    let user = user(context, &endpoint, &token.access_token).await?;
    let url = token
        .instance_url
        .as_ref()
        .map_or(login.host.as_str(), |instance| instance.as_str());
    let mut document = document(flow, user, url);
    document.scope = token.scope.map(|scope| scope.to_string());
    document.saved = saved;
    Ok(document)
}
