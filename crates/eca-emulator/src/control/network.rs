//! `/_org/network`: the source address of requests, and the login IP ranges of profiles.

use std::collections::BTreeMap;
use std::net::IpAddr;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::control::bad;
use crate::core::Core;
use crate::server::call::{Reply, json_reply, not_found};
use crate::state::ip_range::IpRange;
use crate::state::network::Network;

const EXPECTED: &str = "expected some of {\"source\": \"203.0.113.7\", \"trust_forwarded_for\": true, \
    \"login_ip_ranges\": {\"System Administrator\": [[\"10.0.0.0\", \"10.255.255.255\"]]}}";

/// `GET` returns the settings, `POST` changes those that it names.
pub(crate) fn answer(core: &Core, method: &Method, body: &Value) -> Reply {
    let mut transaction = core.begin();
    match *method {
        Method::GET => {}
        Method::POST => match change(&transaction.network, body) {
            Some(network) => transaction.network = network,
            None => return bad(EXPECTED),
        },
        _ => return not_found(),
    }
    let shown = show(&transaction.network);
    transaction.commit();
    json_reply(StatusCode::OK, &shown)
}

fn show(network: &Network) -> Value {
    let ranges: BTreeMap<_, Vec<_>> = network
        .login_ranges
        .iter()
        .map(|(profile, ranges)| {
            let ranges = ranges.iter().map(|range| [range.start(), range.end()]);
            (
                profile,
                ranges.map(|pair| pair.map(IpAddr::to_string)).collect(),
            )
        })
        .collect();
    json!({
        "source": network.source.map(|address| address.to_string()),
        "trust_forwarded_for": network.trusts_forwarded,
        "login_ip_ranges": ranges,
    })
}

/// `None` when a value is invalid.
fn change(old: &Network, body: &Value) -> Option<Network> {
    let mut network = old.clone();
    let members = body.as_object().filter(|members| !members.is_empty())?;
    for (name, value) in members {
        match name.as_str() {
            "source" if value.is_null() => network.source = None,
            "source" => network.source = Some(value.as_str()?.parse().ok()?),
            "trust_forwarded_for" => network.trusts_forwarded = value.as_bool()?,
            "login_ip_ranges" => {
                network.login_ranges = value
                    .as_object()?
                    .iter()
                    .map(|(profile, ranges)| {
                        let ranges = ranges
                            .as_array()?
                            .iter()
                            .map(range)
                            .collect::<Option<_>>()?;
                        Some((profile.clone(), ranges))
                    })
                    .collect::<Option<_>>()?;
            }
            _ => return None,
        }
    }
    Some(network)
}

fn range(pair: &Value) -> Option<IpRange> {
    let address = |at: usize| pair.get(at)?.as_str()?.parse::<IpAddr>().ok();
    let (start, end) = (address(0)?, address(1)?);
    (start <= end && start.is_ipv4() == end.is_ipv4() && pair.as_array()?.len() == 2)
        .then_some(start..=end)
}
