//! Logins of a site's users without a browser.

use std::sync::{Arc, Mutex};

use eca_http::HttpClient;
use eca_oauth::{
    HeadlessClient, Observer, PendingVerification, Started, StepReport, TokenResponse, Verification,
};

use crate::auth::{Headless, Identity, check_instance};
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
    let seen = Arc::new(Mutex::new(Vec::new()));
    let exchanges = Arc::clone(&seen);
    let observer = move |report: &StepReport| {
        if let Ok(mut seen) = exchanges.lock() {
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
            let (site, name) = (app.site.clone(), app.name.clone());
            let instances = app.instances.clone();
            let token = log_in(http, app, arguments, flow, observer).await;
            token.and_then(|token| {
                check_instance(&instances, &name, &token)?;
                Ok(Ended::Token(site, Box::new(token)))
            })
        }
    };
    let seen = seen.lock().map(|mut seen| std::mem::take(&mut *seen));
    let seen = seen.unwrap_or_default();
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
    http: HttpClient,
    app: Headless,
    arguments: &Arguments,
    flow: Flow,
    observer: impl Observer + 'static,
) -> Result<TokenResponse, Failure> {
    let Headless {
        site,
        client_id,
        client_secret,
        ..
    } = app;
    let client = HeadlessClient::new(http, site, app.profile, client_id, client_secret)
        .attestation(app.attestations)
        .observer(observer);
    let client = match app.scope {
        Some(scope) if !scope.is_empty() => client.scope(scope),
        _ => client,
    };
    let started = match flow {
        Flow::Passwordless => {
            let who = username(arguments)?;
            client.passwordless(&who, arguments.verify_by).await
        }
        Flow::Register => {
            let user = user_data(arguments)?;
            let password = password(arguments)?;
            let method = arguments.verify_by;
            client.register(&user, password.as_ref(), method).await
        }
        _ => {
            let who = username(arguments)?;
            let password = needed_password(arguments)?;
            let token = client.password(&who, &password).await;
            return token.map_err(|error| Failure::from_library(&error));
        }
    };
    match started.map_err(|error| Failure::from_library(&error))? {
        Started::Token(token) => Ok(*token),
        Started::Pending(mut pending) => hand_in(&client, &mut pending, arguments).await,
        _ => Err(unknown_end()),
    }
}

/// Asks for one-time passwords until the site accepts one.
async fn hand_in(
    client: &HeadlessClient,
    pending: &mut PendingVerification,
    arguments: &Arguments,
) -> Result<TokenResponse, Failure> {
    for tries in 1.. {
        let typed = one_time_password(arguments)?;
        let result = client.verify(pending, &typed).await;
        match result.map_err(|error| Failure::from_library(&error))? {
            Verification::Token(token) => return Ok(*token),
            // A source would return the same password again.
            Verification::Retry { error } if tries < TRIES && arguments.otp.is_none() => {
                output::prompt(format_args!("not accepted: {error}"));
            }
            Verification::Retry { error } => {
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
