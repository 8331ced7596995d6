//! The same logins over the Headless Identity APIs.

use eca_http::HttpClient;
use eca_oauth::{
    Error, ForgotPassword, Observer, PasswordlessInit, PkceVerifier, RegistrationInit, ResetStatus,
};

use crate::auth::{Identity, check_instance};
use crate::commands::login::answers::{needed_password, one_time_password, user_data, username};
use crate::commands::login::{Arguments, Ended, Flow};
use crate::exit::Exit;
use crate::failure::Failure;

pub(super) async fn go(
    http: &HttpClient,
    app: Identity,
    arguments: &Arguments,
    flow: Flow,
    observer: &dyn Observer,
) -> Result<Ended, Failure> {
    let verifier =
        PkceVerifier::generate().map_err(|error| Failure::from_error(Exit::Failed, &error))?;
    let failed = |error: Error| Failure::from_library(&error);
    let (client, method) = (&app.client, arguments.verify_by);
    let token = match flow {
        Flow::Passwordless => {
            let who = username(arguments)?;
            let user = PasswordlessInit {
                username: &who,
                method,
            };
            let started = client
                .start_passwordless(http, user, app.gate(), observer)
                .await;
            let pending = started.map_err(failed)?;
            let typed = one_time_password(arguments)?;
            client
                .finish(http, &pending, &typed, verifier, observer)
                .await
        }
        Flow::Register => {
            let user = user_data(arguments)?;
            let password = needed_password(arguments)?;
            let user = RegistrationInit {
                user: &user,
                password: &password,
                method,
            };
            let started = client
                .start_registration(http, user, app.gate(), observer)
                .await;
            let pending = started.map_err(failed)?;
            let typed = one_time_password(arguments)?;
            client
                .finish(http, &pending, &typed, verifier, observer)
                .await
        }
        Flow::ForgotPassword => {
            reset(http, &app, arguments, observer).await?;
            return Ok(Ended::PasswordSet(app.site, username(arguments)?));
        }
        _ => {
            let who = username(arguments)?;
            let password = needed_password(arguments)?;
            client
                .login(http, &who, &password, app.gate(), verifier, observer)
                .await
        }
    };
    let token = token.map_err(failed)?;
    check_instance(&app.instances, &app.name, &token)?;
    Ok(Ended::Token(app.site, Box::new(token)))
}

/// Sets the new password with a one-time password.
async fn reset(
    http: &HttpClient,
    app: &Identity,
    arguments: &Arguments,
    observer: &dyn Observer,
) -> Result<(), Failure> {
    let username = username(arguments)?;
    let new_password = needed_password(arguments)?;
    let send = async |what| {
        let answer = app.client.forgot_password(http, what, app.gate(), observer);
        answer.await.map_err(|error| Failure::from_library(&error))
    };
    let unexpected = |status: &ResetStatus| {
        let message = format!("the site returned the unknown status {status:?}");
        Failure::new(Exit::Failed, message)
    };
    match send(ForgotPassword::Start {
        username: &username,
    })
    .await?
    {
        ResetStatus::Sent => {}
        status => return Err(unexpected(&status)),
    }
    let typed = one_time_password(arguments)?;
    let what = ForgotPassword::Reset {
        username: &username,
        new_password: &new_password,
        one_time_password: &typed,
    };
    match send(what).await? {
        ResetStatus::Done => Ok(()),
        status => Err(unexpected(&status)),
    }
}
