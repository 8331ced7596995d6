//! The list of an org's REST resources (REST API Developer Guide, "List Available REST Resources"),
//! read for the token's user and the org's clock.

use std::time::SystemTime;

use bytes::Bytes;
use eca_http::Idempotency;
use http::Method;

use crate::wire::call::Call;
use crate::wire::call::request::rest;

/// The key prefix of users.
const USER_PREFIX: &str = "005";

/// Whose requests an org answers, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// The id of the token's user.
    pub(crate) user_id: Option<String>,
    /// The org's clock, by the `Date` of the response.
    pub(crate) org_time: Option<SystemTime>,
}

/// `GET /services/data/vNN.0`: its `identity` is the URL of the user, which ends in
/// `/ORGANIZATION_ID/USER_ID`.
pub(crate) fn session() -> Call<'static, Session> {
    Call::new(
        "REST resources",
        Idempotency::Idempotent,
        |endpoint, token| {
            rest(
                Method::GET,
                &endpoint.resources(),
                token,
                None,
                Bytes::new(),
            )
        },
        |response| {
            let node = response.json()?;
            let user = node
                .text_of(&["identity"])
                .and_then(|url| url.rsplit('/').next())
                .filter(|id| id.starts_with(USER_PREFIX));
            Ok(Session {
                user_id: user.map(str::to_owned),
                org_time: eca_http::date(response.headers()),
            })
        },
    )
}
