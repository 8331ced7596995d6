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

/// The key prefix of orgs.
const ORG_PREFIX: &str = "00D";

/// Whose requests an org answers, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// The id of the org.
    pub(crate) org_id: Option<String>,
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
            let mut ids = node
                .text_of(&["identity"])
                .into_iter()
                .flat_map(|url| url.rsplit('/'));
            let mut id = |prefix| {
                ids.next()
                    .filter(|id| id.starts_with(prefix))
                    .map(str::to_owned)
            };
            Ok(Session {
                user_id: id(USER_PREFIX),
                org_id: id(ORG_PREFIX),
                org_time: eca_http::date(response.headers()),
            })
        },
    )
}
