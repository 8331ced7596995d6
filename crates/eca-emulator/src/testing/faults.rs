//! Faults on demand: failures of networks and orgs.
//!
//! `POST /_org/faults` arms one, `GET` lists those that are armed, `DELETE` disarms all. A fault
//! applies to the next requests whose path contains `path` and, if given, whose body contains
//! `body`:
//!
//! | `fault` | seen by the client |
//! |---|---|
//! | `reset` | the connection closes without an answer |
//! | `truncated` | it closes in the middle of the answer |
//! | `slow` | the answer comes `milliseconds` late |
//! | `status` | an HTML page with `status` (and `Retry-After: retry_after`), as a proxy sends it |
//! | `lock` | the org is locked by another change (`ALREADY_IN_PROCESS`) |
//! | `session` | the session has expired (`INVALID_SESSION_ID`) |
//! | `inactive_org` | the org is locked, closed or suspended; OAuth endpoints only |
//! | `rate_limit_exceeded` | too many logins; OAuth endpoints only |
//!
//! `times` is the number of uses, 1 by default. With `"carried_out": true` the request takes effect
//! before `reset`, `status` or `slow` withholds the answer; a `slow` one without it takes effect at
//! the end of the delay, and not at all when the client has disconnected by then.

use std::time::Duration;

use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use crate::metadata::wire::xml::soap_fault;
use crate::oauth::error::OauthError;
use crate::server::call::{Call, Reply, json_reply, not_found, reply, rest_error};

/// The largest number of armed faults.
const MAX_FAULTS: usize = 100;
/// The longest delay; a test that needs more tests something else.
const MAX_DELAY: Duration = Duration::from_mins(10);

/// An armed fault.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    path: String,
    body: Option<String>,
    times: u64,
    /// Whether the request still takes effect.
    pub(crate) is_carried_out: bool,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Reset,
    Truncated,
    Slow(Duration),
    Status(StatusCode, Option<u64>),
    Lock,
    Session,
    InactiveOrg,
    RateLimit,
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Truncated => "truncated",
            Self::Slow(_) => "slow",
            Self::Status(..) => "status",
            Self::Lock => "lock",
            Self::Session => "session",
            Self::InactiveOrg => "inactive_org",
            Self::RateLimit => "rate_limit_exceeded",
        }
    }

    /// Whether an endpoint can have this fault.
    fn reaches(&self, path: &str) -> bool {
        !matches!(self, Self::InactiveOrg | Self::RateLimit) || path.contains("/services/oauth2/")
    }

    /// The answer in place of the true one, where the fault has one.
    pub(crate) fn reply(&self, is_soap: bool) -> Option<Reply> {
        Some(match self {
            Self::Reset | Self::Truncated | Self::Slow(_) => return None,
            Self::Status(status, retry_after) => {
                let mut reply = reply(
                    *status,
                    "text/html;charset=UTF-8",
                    format!("<html><body>{status}</body></html>"),
                );
                if let Some(seconds) = retry_after {
                    reply
                        .headers_mut()
                        .insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
                }
                reply
            }
            // Salesforce Help, "OAuth 2.0 Error Codes", has both codes; the wording is inferred.
            Self::InactiveOrg => {
                OauthError::new("inactive_org", "organization is inactive").into_reply()
            }
            Self::RateLimit => {
                OauthError::new("rate_limit_exceeded", "number of logins exceeded").into_reply()
            }
            Self::Lock => {
                let text = "The changes you requested require Salesforce to temporarily lock your \
                    organization's administration setup. However, the administration setup has \
                    already been locked by another change.";
                if is_soap {
                    soap_fault("ALREADY_IN_PROCESS", text)
                } else {
                    rest_error(StatusCode::BAD_REQUEST, "ALREADY_IN_PROCESS", text)
                }
            }
            Self::Session => {
                if is_soap {
                    soap_fault(
                        "INVALID_SESSION_ID",
                        "Invalid Session ID found in SessionHeader: Illegal Session",
                    )
                } else {
                    rest_error(
                        StatusCode::UNAUTHORIZED,
                        "INVALID_SESSION_ID",
                        "Session expired or invalid",
                    )
                }
            }
        })
    }
}

/// The fault that applies to a request, if one is armed for it; this consumes one of its uses.
pub(crate) fn take(faults: &mut Vec<Fault>, call: &Call) -> Option<Fault> {
    if call.path.starts_with("/_org/") {
        return None;
    }
    let place = faults.iter().position(|fault| {
        call.path.contains(&fault.path)
            && fault.kind.reaches(&call.path)
            && fault.body.as_deref().is_none_or(|text| {
                call.body()
                    .windows(text.len().max(1))
                    .any(|window| window == text.as_bytes())
            })
    })?;
    let fault = faults[place].clone();
    if fault.times <= 1 {
        faults.remove(place);
    } else {
        faults[place].times -= 1;
    }
    Some(fault)
}

/// Answers `/_org/faults`; the caller has checked the session.
pub(crate) fn answer(faults: &mut Vec<Fault>, method: &Method, body: &Value) -> Reply {
    match *method {
        Method::GET => {}
        Method::DELETE => faults.clear(),
        Method::POST => match read(body) {
            Some(_) if faults.len() >= MAX_FAULTS => {
                return rest_error(
                    StatusCode::BAD_REQUEST,
                    "LIMIT_EXCEEDED",
                    &format!("{MAX_FAULTS} faults are armed; DELETE /_org/faults disarms them"),
                );
            }
            Some(fault) => faults.push(fault),
            None => {
                return rest_error(
                    StatusCode::BAD_REQUEST,
                    "JSON_PARSER_ERROR",
                    "expected {\"fault\": \"reset|truncated|slow|status|lock|session|inactive_org|\
                     rate_limit_exceeded\", \"path\": \"…\"}, with \"milliseconds\" for slow and \
                     \"status\" for status",
                );
            }
        },
        _ => return not_found(),
    }
    let armed: Vec<_> = faults.iter().map(show).collect();
    json_reply(StatusCode::OK, &json!({ "faults": armed }))
}

/// A fault in the form in which it was armed.
fn show(fault: &Fault) -> Value {
    let mut shown = json!({ "fault": fault.kind.name(), "path": fault.path, "times": fault.times });
    match fault.kind {
        Kind::Slow(delay) => {
            shown["milliseconds"] = json!(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
        }
        Kind::Status(status, retry_after) => {
            shown["status"] = json!(status.as_u16());
            if let Some(seconds) = retry_after {
                shown["retry_after"] = json!(seconds);
            }
        }
        _ => {}
    }
    if let Some(body) = &fault.body {
        shown["body"] = json!(body);
    }
    if fault.is_carried_out {
        shown["carried_out"] = json!(true);
    }
    shown
}

fn read(body: &Value) -> Option<Fault> {
    let number = |name: &str| body[name].as_u64();
    let kind = match body["fault"].as_str()? {
        "reset" => Kind::Reset,
        "truncated" => Kind::Truncated,
        "slow" => Kind::Slow(Duration::from_millis(number("milliseconds")?).min(MAX_DELAY)),
        "status" => Kind::Status(
            StatusCode::from_u16(number("status")?.try_into().ok()?).ok()?,
            number("retry_after"),
        ),
        "lock" => Kind::Lock,
        "session" => Kind::Session,
        "inactive_org" => Kind::InactiveOrg,
        "rate_limit_exceeded" => Kind::RateLimit,
        _ => return None,
    };
    Some(Fault {
        kind,
        path: body["path"].as_str().unwrap_or_default().to_owned(),
        body: body["body"].as_str().map(str::to_owned),
        times: number("times").unwrap_or(1),
        is_carried_out: body["carried_out"].as_bool().unwrap_or(false),
    })
}
