//! `/_org/site`: the switches of the Experience Cloud site, [`SiteSettings`].

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::control::bad;
use crate::core::Core;
use crate::server::call::{Reply, json_reply, not_found};
use crate::site::{HeadlessApi, SiteSettings};

/// `GET` returns the settings, `POST` changes those that it names.
pub(crate) fn answer(core: &Core, method: &Method, body: &Value) -> Reply {
    let mut transaction = core.begin();
    match *method {
        Method::GET => {}
        Method::POST => {
            let mut site = transaction.site.clone();
            if let Err(name) = change(&mut site, body) {
                return bad(&format!(
                    "cannot set {name}: GET /_org/site lists the settings"
                ));
            }
            transaction.site = site;
        }
        _ => return not_found(),
    }
    let shown = show(&transaction.site);
    transaction.commit();
    json_reply(StatusCode::OK, &shown)
}

fn show(site: &SiteSettings) -> Value {
    json!({
        "first_party_apps": site.first_party_apps,
        "code_and_credentials": site.code_and_credentials,
        "registration": site.registration.name(),
        "passwordless_login": site.passwordless_login.name(),
        "forgot_password": site.forgot_password.name(),
        "password_login_needs_recaptcha": site.password_login_needs_recaptcha,
        "recaptcha_response": site.recaptcha_response,
    })
}

/// The name of a member that cannot be set to this value.
fn change(site: &mut SiteSettings, body: &Value) -> Result<(), String> {
    let members = body.as_object().filter(|members| !members.is_empty());
    for (name, value) in members.ok_or("nothing")? {
        let is_set = match name.as_str() {
            "first_party_apps" => put(&mut site.first_party_apps, value.as_bool()),
            "code_and_credentials" => put(&mut site.code_and_credentials, value.as_bool()),
            "registration" => put(&mut site.registration, api(value)),
            "passwordless_login" => put(&mut site.passwordless_login, api(value)),
            "forgot_password" => put(&mut site.forgot_password, api(value)),
            "password_login_needs_recaptcha" => {
                put(&mut site.password_login_needs_recaptcha, value.as_bool())
            }
            "recaptcha_response" if value.is_null() => {
                site.recaptcha_response = None;
                true
            }
            "recaptcha_response" => {
                let text = value.as_str().map(str::to_owned);
                put(&mut site.recaptcha_response, text.map(Some))
            }
            _ => false,
        };
        if !is_set {
            return Err(name.clone());
        }
    }
    Ok(())
}

fn api(value: &Value) -> Option<HeadlessApi> {
    HeadlessApi::from_name(value.as_str()?)
}

fn put<T>(place: &mut T, value: Option<T>) -> bool {
    value.map(|value| *place = value).is_some()
}
