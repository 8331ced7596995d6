//! The deploys of an org, by a Tooling API query on `DeployRequest` (Tooling API Developer Guide,
//! "query"). No public page lists the fields of this object; those queried here are in use by
//! published clients (`sfdx` plugins that list deployments).

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use eca_http::Idempotency;
use http::Method;
use serde::Serialize;

use crate::id::DeployId;
use crate::wire::call::Call;
use crate::wire::call::request::rest;
use crate::wire::tree::Node;
use crate::wire::types::status::DeployStatus;

const FIELDS: &str = "Id, Status, CheckOnly, CreatedDate, CreatedBy.Name, StartDate, CompletedDate, StateDetail, \
                      NumberComponentsTotal, NumberComponentsDeployed, NumberComponentErrors, NumberTestsTotal, \
                      NumberTestsCompleted, NumberTestErrors, ErrorMessage";

/// A deploy as the org lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DeployRequest {
    /// The id, for [`Deployment::attach`](crate::Deployment::attach).
    pub id: DeployId,
    /// The status.
    pub status: DeployStatus,
    /// Whether it only validates.
    pub check_only: bool,
    /// When it was requested, as the org writes it (ISO 8601).
    pub created_date: Option<String>,
    /// Name of the user who requested it.
    pub created_by_name: Option<String>,
    /// When it started.
    pub start_date: Option<String>,
    /// When it ended.
    pub completed_date: Option<String>,
    /// What the org is doing.
    pub state_detail: Option<String>,
    /// Components in all.
    #[serde(rename = "components_total")]
    pub number_components_total: u32,
    /// Components done.
    #[serde(rename = "components_deployed")]
    pub number_components_deployed: u32,
    /// Components with errors.
    #[serde(rename = "component_errors")]
    pub number_component_errors: u32,
    /// Tests in all.
    #[serde(rename = "tests_total")]
    pub number_tests_total: u32,
    /// Tests done.
    #[serde(rename = "tests_completed")]
    pub number_tests_completed: u32,
    /// Tests with errors.
    #[serde(rename = "test_errors")]
    pub number_test_errors: u32,
    /// The message of a failure of the deploy as a whole.
    pub error_message: Option<String>,
}

/// The latest deploys of an org, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecentDeploys {
    /// The deploys.
    pub deploys: Vec<DeployRequest>,
    /// The org's clock, by the `Date` of the response.
    pub org_time: Option<SystemTime>,
}

impl DeployRequest {
    /// Whether its status is a final one; one of a later version is not.
    pub fn has_ended(&self) -> bool {
        self.status.looks_final()
    }

    /// When it was requested.
    pub fn created(&self) -> Option<SystemTime> {
        parse_time(self.created_date.as_deref()?)
    }
}

pub(crate) fn recent_deploys(limit: u16) -> Call<'static, RecentDeploys> {
    Call::new(
        "Tooling query on DeployRequest",
        Idempotency::Idempotent,
        move |endpoint, token| {
            let query = format!(
                "SELECT {FIELDS} FROM DeployRequest ORDER BY CreatedDate DESC NULLS LAST LIMIT {limit}"
            );
            // Only the spaces need encoding.
            let url = format!("{}?q={}", endpoint.tooling_query(), query.replace(' ', "+"));
            rest(Method::GET, &url, token, None, Bytes::new())
        },
        |response| {
            let node = response.json()?;
            if node.child(&["totalSize", "done"]).is_none() {
                return Err(response.unreadable("it is not the result of a query", None));
            }
            Ok(RecentDeploys {
                deploys: node
                    .all("records")
                    .filter_map(DeployRequest::read)
                    .collect(),
                org_time: eca_http::date(response.headers()),
            })
        },
    )
}

impl DeployRequest {
    fn read(node: &Node<'_>) -> Option<Self> {
        let Ok(status) = node.text_of(&["Status"])?.parse::<DeployStatus>();
        let count = |name| node.count_of(&[name]).unwrap_or(0);
        Some(Self {
            id: node.text_of(&["Id"])?.parse().ok()?,
            status,
            check_only: node.bool_of(&["CheckOnly"]).unwrap_or(false),
            created_date: node.string_of(&["CreatedDate"]),
            created_by_name: node
                .child(&["CreatedBy"])
                .and_then(|user| user.string_of(&["Name"])),
            start_date: node.string_of(&["StartDate"]),
            completed_date: node.string_of(&["CompletedDate"]),
            state_detail: node.string_of(&["StateDetail"]),
            number_components_total: count("NumberComponentsTotal"),
            number_components_deployed: count("NumberComponentsDeployed"),
            number_component_errors: count("NumberComponentErrors"),
            number_tests_total: count("NumberTestsTotal"),
            number_tests_completed: count("NumberTestsCompleted"),
            number_test_errors: count("NumberTestErrors"),
            error_message: node.string_of(&["ErrorMessage"]),
        })
    }
}

/// `2026-11-20T17:49:07.000+0000`, or with `Z`: the org writes UTC.
pub(crate) fn parse_time(text: &str) -> Option<SystemTime> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let bytes = text.as_bytes();
    if separators
        .iter()
        .any(|(at, byte)| bytes.get(*at) != Some(byte))
    {
        return None;
    }
    let zone = text
        .get(19..)?
        .trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    if !matches!(zone, "Z" | "+0000" | "+00:00" | "") {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days since 1970-01-01, in years that start in March, so that the leap day is the last one.
    let (shifted, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = shifted / 4 - shifted / 100 + shifted / 400;
    let days = shifted * 365 + leaps + (month * 153 + 2) / 5 + day - 1;
    let days = days.checked_sub(719_468)?;
    let seconds = days * 86_400 + number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_org() {
        for (text, http) in [
            (
                "2026-11-20T17:49:07.000+0000",
                "Fri, 20 Nov 2026 17:49:07 GMT",
            ),
            ("2024-02-29T00:00:00Z", "Thu, 29 Feb 2024 00:00:00 GMT"),
            ("1970-01-01T00:00:01", "Thu, 01 Jan 1970 00:00:01 GMT"),
            ("2000-12-31T23:59:59.9Z", "Sun, 31 Dec 2000 23:59:59 GMT"),
        ] {
            let expected = httpdate::parse_http_date(http).unwrap();
            assert_eq!(parse_time(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2026-13-01T00:00:00Z",
            "2026-01-01T00:00:00+0200",
            "2026-01-01T00:00:00ä",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
