//! `/_org/lockout`: how many wrong passwords lock whom, [`LockoutSettings`].

use std::num::NonZeroU32;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::control::bad;
use crate::core::Core;
use crate::server::call::{Reply, json_reply, not_found};
use crate::state::lockouts::{LockoutSettings, Lockouts};

const EXPECTED: &str = r#"expected some of {"per_user": 10, "per_address": 50, "seconds": 900}; 0 attempts never lock"#;

/// `GET` returns the settings, `POST` changes those that it names, `DELETE` unlocks all.
pub(crate) fn answer(core: &Core, method: &Method, body: &Value) -> Reply {
    let mut transaction = core.begin();
    match *method {
        Method::GET => {}
        Method::DELETE => transaction.lockouts = Lockouts::default(),
        Method::POST => match change(&transaction.lockout, body) {
            Some(settings) => transaction.lockout = settings,
            None => return bad(EXPECTED),
        },
        _ => return not_found(),
    }
    let settings = &transaction.lockout;
    let count = |attempts: Option<NonZeroU32>| attempts.map_or(0, NonZeroU32::get);
    let shown = json!({
        "per_user": count(settings.per_user),
        "per_address": count(settings.per_address),
        "seconds": settings.time.as_secs(),
    });
    transaction.commit();
    json_reply(StatusCode::OK, &shown)
}

/// `None` when a value is invalid.
fn change(old: &LockoutSettings, body: &Value) -> Option<LockoutSettings> {
    let mut settings = old.clone();
    for (name, value) in body.as_object().filter(|members| !members.is_empty())? {
        let number = u32::try_from(value.as_u64()?).ok()?;
        match name.as_str() {
            "per_user" => settings.per_user = NonZeroU32::new(number),
            "per_address" => settings.per_address = NonZeroU32::new(number),
            "seconds" => settings.time = Duration::from_secs(number.into()),
            _ => return None,
        }
    }
    Some(settings)
}
