//! `/_org/…`: the controls of the embedded org, which real orgs do not have. They need the
//! administrator's session.
//!
//! | path | body | what |
//! |---|---|---|
//! | `GET /_org/clock` | | `{"now": "2027-01-01T00:00:00.000Z"}` |
//! | `POST /_org/clock` | `{"now": "2027-01-01T00:00:00Z"}` or `{"advance_seconds": 60}` | sets the clock, or moves it forward |
//! | `POST /_org/pace` | `{"milliseconds": 500}` or `{"polls": 3}` | how long jobs take from now on |
//! | `GET /_org/outbox` | | one-time passwords that a real org would have mailed |
//! | `POST /_org/propagation` | `{"seconds": 600}` | how long login servers take to learn of a new consumer key |
//! | `POST /_org/refresh` | `{"production": "without-apps"}` or `"same-apps"` | refreshes a sandbox |
//! | `GET`, `POST`, `DELETE /_org/lockout` | `{"per_user", "per_address", "seconds"}` | how many wrong passwords lock whom; unlocks all |
//! | `GET`, `POST /_org/network` | `{"source", "trust_forwarded_for", "login_ip_ranges"}` | the source address of requests, and the login IP ranges of profiles |
//! | `GET`, `POST /_org/site` | members of [`SiteSettings`](crate::site::SiteSettings) | the switches of the site for headless clients |
//! | `GET`, `POST /_org/users` | `{"username", "password", "permission_sets"}` | lists users, creates one |
//! | `POST /_org/exchange` | `{"subject_token", "username"}` | the user of a foreign token, as the handler of a token exchange returns it |
//! | `/_org/faults` | | see `faults.rs` |

mod lockout;
mod network;
mod refresh;
mod site;
mod users;

use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::core::Core;
use crate::oauth::session;
use crate::server::call::{Call, Reply, json_reply, not_found, rest_error};
use crate::testing::clock::{Clock as _, timestamp};
use crate::testing::faults;
use crate::testing::pace::Pace;

/// Answers a request below `/_org`.
pub(crate) fn answer(core: &Core, call: &Call, path: &[&str]) -> Reply {
    if let Some(reply) = session::refuse(core, call.bearer()) {
        return reply;
    }
    if !session::is_administrator(core, call) {
        return session::insufficient();
    }
    let body: Value = serde_json::from_slice(call.body()).unwrap_or_default();
    match (path, &call.method) {
        (["clock"], &Method::GET) => clock(core),
        (["clock"], &Method::POST) => set_clock(core, &body),
        (["pace"], &Method::POST) => set_pace(core, &body),
        (["outbox"], &Method::GET) => outbox(core),
        (["refresh"], method) => refresh::answer(core, method, &body),
        (["propagation"], &Method::POST) => set_propagation(core, &body),
        (["lockout"], method) => lockout::answer(core, method, &body),
        (["network"], method) => network::answer(core, method, &body),
        (["site"], method) => site::answer(core, method, &body),
        (["users"], method) => users::answer(core, method, &body),
        (["exchange"], &Method::POST) => answer_exchange(core, &body),
        (["faults"], method) => faults::answer(&mut core.faults(), method, &body),
        _ => not_found(),
    }
}

fn clock(core: &Core) -> Reply {
    json_reply(
        StatusCode::OK,
        &json!({ "now": timestamp(core.clock().now()) }),
    )
}

/// One-time passwords, oldest first.
fn outbox(core: &Core) -> Reply {
    let state = core.read();
    let mails: Vec<_> = state
        .outbox
        .iter()
        .map(|mail| {
            json!({
                "to": mail.to,
                "otp": mail.otp.expose_secret(),
                "sent": timestamp(mail.time),
            })
        })
        .collect();
    json_reply(StatusCode::OK, &json!({ "outbox": mails }))
}

fn set_clock(core: &Core, body: &Value) -> Reply {
    let set = body["now"]
        .as_str()
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    match (set, body["advance_seconds"].as_u64()) {
        (Some(now), None) => core.change_clock(|clock| clock.set(SystemTime::from(now))),
        (None, Some(seconds)) => {
            core.change_clock(|clock| clock.advance(Duration::from_secs(seconds)));
        }
        _ => return bad(r#"expected {"now": "2027-01-01T00:00:00Z"} or {"advance_seconds": 60}"#),
    }
    clock(core)
}

fn set_pace(core: &Core, body: &Value) -> Reply {
    let polls = body["polls"]
        .as_u64()
        .and_then(|polls| polls.try_into().ok());
    let pace = match (body["milliseconds"].as_u64(), polls) {
        (Some(time), None) => Pace::Time(Duration::from_millis(time)),
        (None, Some(polls)) => Pace::Polls(polls),
        _ => return bad(r#"expected {"milliseconds": 500} or {"polls": 3}"#),
    };
    core.transact(|state, _| state.pace = pace);
    json_reply(StatusCode::OK, body)
}

fn set_propagation(core: &Core, body: &Value) -> Reply {
    let Some(seconds) = body["seconds"].as_u64() else {
        return bad(r#"expected {"seconds": 600}"#);
    };
    core.transact(|state, _| state.propagation = Duration::from_secs(seconds));
    json_reply(StatusCode::OK, body)
}

fn answer_exchange(core: &Core, body: &Value) -> Reply {
    let (Some(token), Some(username)) = (body["subject_token"].as_str(), body["username"].as_str())
    else {
        return bad(r#"expected {"subject_token": "…", "username": "ada@example.com"}"#);
    };
    let answered = core.transact(|state, _| state.answer_exchange(token, username));
    match answered {
        Ok(()) => json_reply(StatusCode::OK, &json!({ "username": username })),
        Err(error) => bad(&error.to_string()),
    }
}

fn bad(message: &str) -> Reply {
    rest_error(StatusCode::BAD_REQUEST, "JSON_PARSER_ERROR", message)
}
