//! The plain pages on which people log in.

use std::fmt::Write as _;
use std::time::SystemTime;

use http::{Method, StatusCode};
use quick_xml::escape::escape;

use crate::oauth::form::Form;
use crate::server::call::{Call, Reply, reply, uncached};
use crate::state::State;
use crate::state::lockouts::Credential;
use crate::state::users::Proof;

/// A page with a form that is posted to `action`.
pub(crate) fn form(title: &str, action: &str, hidden: &[(&str, &str)], fields: &[&str]) -> Reply {
    let mut body = format!(
        "<h1>{}</h1><form method=\"post\" action=\"{}\">",
        escape(title),
        escape(action)
    );
    // Writing to a String cannot fail.
    for (name, value) in hidden {
        let _ = write!(
            body,
            "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
            escape(*name),
            escape(*value)
        );
    }
    for name in fields {
        let kind = if *name == "password" {
            "password"
        } else {
            "text"
        };
        let _ = write!(
            body,
            "<p><label>{name} <input type=\"{kind}\" name=\"{name}\" autocomplete=\"off\"></label></p>"
        );
    }
    body.push_str(
        "<p><button name=\"decision\" value=\"allow\">Log in and allow</button> \
         <button name=\"decision\" value=\"deny\">Deny</button></p></form>",
    );
    page(StatusCode::OK, title, &body)
}

/// A page with one sentence.
pub(crate) fn message(status: StatusCode, text: &str) -> Reply {
    page(status, text, &format!("<p>{}</p>", escape(text)))
}

fn page(status: StatusCode, title: &str, body: &str) -> Reply {
    uncached(reply(
        status,
        "text/html;charset=UTF-8",
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
             <body>{body}</body></html>",
            escape(title)
        ),
    ))
}

/// The form of a POST.
pub(crate) fn submitted(call: &Call) -> Option<Form> {
    (call.method == Method::POST)
        .then(|| Form::read(call).ok())
        .flatten()
}

/// The user of a submitted name and password: a customer on a site, a user of the org elsewhere.
/// The error is the page, after a row in the login history of `app`.
pub(crate) fn user(
    state: &mut State,
    call: &Call,
    on_site: bool,
    username: &str,
    proof: &Proof,
    app: &str,
    now: SystemTime,
) -> Result<String, Box<Reply>> {
    let source = state.network.source(call);
    let user = state.users.get(username).map(|user| user.username.clone());
    let credential = Credential::Password;
    let outcome = state.attempt(credential, user.as_deref(), source, now, |state| {
        let user = if on_site {
            state.users.authenticate(username, proof)
        } else {
            state.users.authenticate_internal(username, proof)
        };
        user.map(|user| user.username.clone())
    });
    outcome.map_err(|failed| {
        state.record_login(username, app, failed.status(), source, now);
        Box::new(message(
            StatusCode::UNAUTHORIZED,
            "Please check your username and password.",
        ))
    })
}
