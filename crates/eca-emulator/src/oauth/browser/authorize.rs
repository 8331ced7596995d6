//! `/services/oauth2/authorize`: the web server flow with a plain login page (Salesforce Help,
//! "OAuth 2.0 Web Server Flow for Web App Integration").

use http::{HeaderValue, Method, StatusCode, header};
use url::Url;

use crate::core::Core;
use crate::oauth::browser::login_page::{Login, Stop};
use crate::oauth::browser::page;
use crate::oauth::error::OauthError;
use crate::oauth::issue::{id_token, scopes};
use crate::oauth::{client, headless, pkce};
use crate::server::call::{Call, Reply, reply, uncached};
use crate::state::components::App;
use crate::state::grants::{CODE_LIFETIME, Code};
use crate::state::lockouts::Credential;

/// The parameters that the page carries from its GET to its POST.
const PARAMETERS: [&str; 8] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
];

/// Shows the login page, or handles its submission.
pub(crate) fn answer(core: &Core, call: &Call, on_site: bool) -> Reply {
    let form = page::submitted(call);
    if let Some(form) = &form
        && on_site
        && form.get("response_type") == Some(headless::authorize::RESPONSE_TYPE)
    {
        return headless::authorize::answer(core, call, form);
    }
    let get = |name: &str| match &form {
        Some(form) => form.get(name).map(str::to_owned),
        None => call.query_value(name).filter(|value| !value.is_empty()),
    };
    let given = |name: &str| form.as_ref().and_then(|form| form.get(name));
    let given = |name: &str| given(name).unwrap_or_default();
    let proof = core.prove(given("username"), given("password"));
    core.transact(|state, now| {
        // Errors about client and redirect URI are shown to the user, never sent anywhere (RFC 6749
        // section 4.1.2.1).
        let app = match client::find(state, &get("client_id").unwrap_or_default(), now) {
            Ok(app) => app,
            Err(error) => return error_page(&error),
        };
        let given = get("redirect_uri").unwrap_or_default();
        if !app.callback_urls().any(|url| url == given) {
            return error_page(&OauthError::new(
                "redirect_uri_mismatch",
                "redirect_uri must match configuration",
            ));
        }
        let Ok(target) = Url::parse(&given) else {
            return error_page(&OauthError::new("redirect_uri_mismatch", "not a URL"));
        };
        let back = |pairs: &[(&str, &str)]| {
            let mut url = target.clone();
            url.query_pairs_mut().extend_pairs(pairs);
            if let Some(client_state) = get("state") {
                url.query_pairs_mut().append_pair("state", &client_state);
            }
            redirect(url.as_str())
        };
        let fail = |error: &str, description: &str| {
            back(&[("error", error), ("error_description", description)])
        };
        if get("response_type").as_deref() != Some("code") {
            return fail("unsupported_response_type", "response type not supported");
        }
        let scopes = match check(&app, &get) {
            Ok(scopes) => scopes,
            Err(error) => return fail(error.error, &error.description),
        };
        let Some(form) = &form else {
            return login_form(call, app.name, &get);
        };
        if form.get("decision") == Some("deny") {
            return fail("access_denied", "end-user denied authorization");
        }
        let app_name = app.name.to_owned();
        let login = Login {
            call,
            form,
            proof: &proof,
            app: &app_name,
            on_site,
            now,
        };
        let (username, is_verified) = match login.identify(state, &parameters(&get)) {
            Ok(found) => found,
            Err(Stop::Page(page)) => return *page,
            Err(Stop::Back(error, description)) => return fail(error, description),
        };
        state.forget_attempts(Credential::Password, &username);
        if is_verified {
            state.forget_attempts(Credential::OneTimePassword, &username);
        }
        state.grants.approve(&username, &app_name, &scopes);
        let granted = state.random.token();
        state.grants.add_code(
            granted.expose_secret(),
            Code {
                app: app_name,
                username,
                challenge: get("code_challenge"),
                nonce: get("nonce"),
                scopes,
                is_of_site: on_site,
                redirect_uri: Some(given.clone()),
                is_verified,
                expires: now + CODE_LIFETIME,
                spent_on: None,
            },
            now,
        );
        back(&[("code", granted.expose_secret())])
    })
}

/// The scopes of a request, if its parameters are valid.
fn check(app: &App<'_>, get: &dyn Fn(&str) -> Option<String>) -> Result<Vec<String>, OauthError> {
    let (challenge, method) = (get("code_challenge"), get("code_challenge_method"));
    let is_required = app.is_pkce_required();
    pkce::check_challenge(challenge.as_deref(), method.as_deref(), is_required)?;
    id_token::check_nonce(get("nonce").as_deref())?;
    scopes::choose(app, get("scope").as_deref())
}

fn parameters(get: &dyn Fn(&str) -> Option<String>) -> Vec<(&'static str, String)> {
    PARAMETERS
        .iter()
        .filter_map(|name| Some((*name, get(name)?)))
        .collect()
}

/// The page, with the parameters of the request in hidden fields.
fn login_form(call: &Call, app: &str, get: &dyn Fn(&str) -> Option<String>) -> Reply {
    if call.method == Method::POST {
        return error_page(&OauthError::new(
            "invalid_request",
            "the form is unreadable",
        ));
    }
    let values = parameters(get);
    let hidden: Vec<_> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let title = format!("{app} asks for access");
    page::form(&title, &call.path, &hidden, &["username", "password"])
}

pub(crate) fn redirect(location: &str) -> Reply {
    let mut reply = uncached(reply(StatusCode::FOUND, "text/plain", ""));
    if let Ok(value) = HeaderValue::from_str(location) {
        reply.headers_mut().insert(header::LOCATION, value);
    }
    reply
}

fn error_page(error: &OauthError) -> Reply {
    page::message(
        StatusCode::BAD_REQUEST,
        &format!(
            "error={}&error_description={}",
            error.error, error.description
        ),
    )
}
