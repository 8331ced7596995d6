//! Logins of a site's users without a browser.

use std::sync::Mutex;

use eca_http::HttpClient;
use eca_oauth::{
    AttestationSource, Credentials, Observer, PasswordlessLogin, PendingVerification, PkceVerifier,
    Registration, Started, StepReport, TokenResponse, UsernamePasswordLogin, Verification,
};

use crate::auth::{Headless, Identity};
use crate::commands::login::answers::{
    needed_password, one_time_password, password, user_data, username,
};
use crate::commands::login::{Api, Arguments, Document, Ended, Flow, document, identity, user};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::output;

/// The number of attempts to enter a one-time password.
const TRIES: u32 = 3;

pub(super) async fn run(context: &Context, arguments: &Arguments) -> Result<Document, Failure> {
    let seen = Mutex::new(Vec::new());
    let observer = |report: &StepReport| {
        if let Ok(mut seen) = seen.lock() {
            seen.push(format!("{} -> {}", report.step, report.outcome));
        }
    };
    let http = context.http()?;
    let flow = arguments.flow.unwrap_or(Flow::Headless);
    let result = match (arguments.api, flow) {
        (Api::Identity, _) => {
            let app = Identity::find(context)?;
            identity::go(&http, app, arguments, flow, &observer).await
        }
        (Api::Challenge, Flow::ForgotPassword) => {
            let message = "the authorization challenge has no flow for a forgotten password";
            return Err(Failure::new(Exit::Usage, message).hint("give --api identity"));
        }
        (Api::Challenge, _) => {
            let app = Headless::find(context)?;
            let site = app.site.clone();
            let token = log_in(&http, app, arguments, flow, &observer).await;
            token.map(|token| Ended::Token(site, Box::new(token)))
        }
    };
    let seen = seen.into_inner().unwrap_or_default();
    let mut document = match result {
        Ok(Ended::Token(site, token)) => {
            let user = user(context, &site.userinfo_endpoint(), &token.access_token).await?;
            let mut document = document(flow, user, site.as_str());
            document.scope = token.scope.map(|scope| scope.to_string());
            document
        }
        Ok(Ended::PasswordSet(site, username)) => Document {
            flow: flow.to_string(),
            username: Some(username),
            user_id: None,
            organization_id: None,
            url: site.as_str().to_owned(),
            scope: None,
            exchanges: Vec::new(),
            saved: None,
            password_set: true,
        },
        Err(failure) => {
            // The completed steps help to find the cause.
            for line in &seen {
                context.output.info(line);
            }
            return Err(failure);
        }
    };
    document.exchanges = seen;
    Ok(document)
}

async fn log_in(
    http: &HttpClient,
    app: Headless,
    arguments: &Arguments,
    flow: Flow,
    observer: &dyn Observer,
) -> Result<TokenResponse, Failure> {
    let verifier =
        PkceVerifier::generate().map_err(|error| Failure::from_error(Exit::Failed, &error))?;
    let Headless {
        name,
        site,
        client_id,
        client_secret,
        scope,
        profile,
        attestations,
        ..
    } = app;
    let scope = scope.unwrap_or_default();
    let mint = move || attestations.attestation();
    let attestation: &dyn AttestationSource = &mint;
    let failed = Failure::from_library;
    let started = match flow {
        Flow::Passwordless => {
            let who = username(arguments)?;
            let by = arguments.verify_by;
            let login = PasswordlessLogin::new(site, profile, client_id, client_secret, who, by);
            let login = if scope.is_empty() {
                login
            } else {
                login.with_scope(scope)
            };
            login.start(http, attestation, verifier, observer).await
        }
        Flow::Register => {
            let user = user_data(arguments)?;
            let password = password(arguments, &name)?;
            let by = arguments.verify_by;
            let registration = Registration::new(site, profile, client_id, client_secret, user, by);
            let registration = match password {
                Some(password) => registration.with_password(password),
                None => registration,
            };
            let registration = if scope.is_empty() {
                registration
            } else {
                registration.with_scope(scope)
            };
            registration
                .start(http, attestation, verifier, observer)
                .await
        }
        _ => {
            let user = username(arguments)?;
            let who = Credentials::new(user, needed_password(arguments, &name)?);
            let login = UsernamePasswordLogin::new(site, profile, client_id, client_secret, who);
            let login = if scope.is_empty() {
                login
            } else {
                login.with_scope(scope)
            };
            let token = login.login(http, attestation, verifier, observer).await;
            return token.map_err(|error| failed(&error));
        }
    };
    match started.map_err(|error| failed(&error))? {
        Started::Token(token) => Ok(*token),
        Started::Pending(pending) => {
            hand_in(http, *pending, arguments, &name, attestation, observer).await
        }
        _ => Err(unknown_end()),
    }
}

/// Asks for one-time passwords until the site accepts one.
async fn hand_in(
    http: &HttpClient,
    mut pending: PendingVerification,
    arguments: &Arguments,
    org: &str,
    attestation: &dyn AttestationSource,
    observer: &dyn Observer,
) -> Result<TokenResponse, Failure> {
    for tries in 1.. {
        let typed = one_time_password(arguments, org)?;
        let result = pending.verify(http, attestation, &typed, observer).await;
        match result.map_err(|error| Failure::from_library(&error))? {
            Verification::Token(token) => return Ok(*token),
            // A source would return the same password again.
            Verification::Retry {
                pending: next,
                error,
            } if tries < TRIES && arguments.otp.is_none() => {
                output::prompt(format_args!("not accepted: {error}"));
                pending = *next;
            }
            Verification::Retry { error, .. } => {
                let message = "the one-time password was not accepted";
                return Err(Failure::caused_by(Exit::Authentication, message, &error));
            }
            _ => break,
        }
    }
    Err(unknown_end())
}

fn unknown_end() -> Failure {
    Failure::new(Exit::Failed, "the outcome of the login is unknown")
}
