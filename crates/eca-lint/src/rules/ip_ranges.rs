//! The addresses from which users log in, and from which tokens may be used.

use std::net::IpAddr;

use eca_model::types::{
    ExtlClntAppGlobalOauthSettings, ExtlClntAppOauthSecuritySettings, ExtlClntAppOauthSettings,
};
use eca_model::{ApiVersion, Component, MetadataType, Position};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::position::item_position;
use crate::engine::quote::Quoted;
use crate::engine::value::is_placeholder;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::rules::limits::too_many;
use crate::rules::vendor::refreshes;
use crate::severity::Severity;

const TRUSTED: &str = "trustedIpRanges";
const TOKENS: &str = "tokenIpRanges";

/// The limit for all addresses of all token ranges together.
const MAX_TOKEN_ADDRESSES: u128 = 256;

pub(crate) static IPRANGE_LIMIT: Rule = Rule {
    id: RuleId(1212),
    name: "iprange-limit",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "at most 128 IP ranges, each from a lower address to a higher one of the same family",
    explanation: "Logins from trusted ranges skip the verification of the user, so the org is strict: it refuses a file \
        with more than 128 ranges, or with a range whose start and end are swapped or of different families. The \
        ranges from which refresh tokens may be used have at most 256 addresses in total. It is inferred that \
        these are the tokenIpRanges of the security settings.",
    source: "Metadata API Developer Guide, ExtlClntAppOauthSettings; Salesforce Help, \"Set IP Allowlist Ranges for Refresh Tokens\"",
    pair: include_str!("../../pairs/ECA1212-iprange-limit.txt"),
    check: iprange_limit,
};

/// Start and end of a range, as written in the file.
type Written<'a> = (Option<&'a str>, Option<&'a str>);

/// The list of ranges that a component has, with the name of its element.
fn ranges(component: &Component) -> Option<(&'static str, Vec<Written<'_>>)> {
    if let Some(settings) = component.typed::<ExtlClntAppOauthSettings>() {
        let ranges = settings.trusted_ip_ranges.iter();
        let ranges = ranges.map(|range| {
            (
                range.start_ip_address.as_deref(),
                range.end_ip_address.as_deref(),
            )
        });
        return Some((TRUSTED, ranges.collect()));
    }
    let settings = component.typed::<ExtlClntAppOauthSecuritySettings>()?;
    let ranges = settings.token_ip_ranges.iter().map(|range| {
        (
            range.start_ip_address.as_deref(),
            range.end_ip_address.as_deref(),
        )
    });
    Some((TOKENS, ranges.collect()))
}

fn iprange_limit(context: &Context<'_>, findings: &mut Findings<'_>) {
    for component in context.project.components() {
        let Some((list, ranges)) = ranges(component) else {
            continue;
        };
        too_many(component, list, "IP ranges", ranges.len(), findings);
        let mut total: u128 = 0;
        let mut everything = Vec::new();
        for (index, (start, end)) in ranges.into_iter().enumerate() {
            let place = |member: &str| item_position(component, list, index, member);
            let mut add = |position: Position, message: String| {
                findings.at(component.path(), position, message);
            };
            let mut address = |member: &str, text: Option<&str>| -> Option<IpAddr> {
                let text = text?.trim();
                if text.is_empty() || is_placeholder(text) {
                    return None;
                }
                let parsed = text.parse().ok();
                if parsed.is_none() {
                    add(
                        place(member),
                        format!("{} is not an IP address", Quoted(text)),
                    );
                }
                parsed
            };
            let start = address("startIpAddress", start);
            let end = address("endIpAddress", end);
            let (Some(start), Some(end)) = (start, end) else {
                continue;
            };
            if start.is_ipv4() != end.is_ipv4() {
                add(
                    place("endIpAddress"),
                    format!("{start} and {end} are of different families"),
                );
            } else if end < start {
                add(
                    place("endIpAddress"),
                    format!("the range ends at {end}, before its start {start}"),
                );
            } else {
                let size = number(end) - number(start);
                let all = if start.is_ipv4() {
                    u32::MAX.into()
                } else {
                    u128::MAX
                };
                if size == all {
                    everything.push(place("startIpAddress"));
                }
                let before = total;
                total = total.saturating_add((number(end) - number(start)).saturating_add(1));
                let over = |total: u128| list == TOKENS && total > MAX_TOKEN_ADDRESSES;
                if over(total) && !over(before) {
                    add(
                        place("endIpAddress"),
                        format!(
                            "with this range {list} contain {total} addresses; {MAX_TOKEN_ADDRESSES} are allowed"
                        ),
                    );
                }
            }
        }
        for position in everything {
            let message = "the range has every address, so that the list restricts nothing";
            findings
                .at(component.path(), position, message)
                .at_most(Severity::Warning);
        }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

pub(crate) static IP_ALLOWLIST: Rule = Rule {
    id: RuleId(1717),
    name: "ip-allowlist",
    severity: Severity::Error,
    profiles: &[Profile::Isv2026],
    summary: "the tokens of a vendor's app are valid from the vendor's addresses only",
    explanation: "A refresh token that is stolen from a vendor opens the orgs of all its customers, from anywhere. \
        Salesforce therefore requires that vendors' refresh tokens work from listed addresses only. Apps that \
        run on the user's own device have no such addresses; an app whose secret is optional gets a warning \
        only. The list is tokenIpRanges of the OAuth security settings, which exist from API version 67.0 on. No \
        page documents the type, so it is inferred that this element is the list of Setup's \"Enforce Refresh \
        Token IP Allowlist\".",
    source: "Packaging guide, \"Secure Your Connected Apps and External Client Apps\"; Salesforce Help, \"Set IP Allowlist Ranges for Refresh Tokens\"",
    pair: include_str!("../../pairs/ECA1717-ip-allowlist.txt"),
    check: ip_allowlist,
};

fn ip_allowlist(context: &Context<'_>, findings: &mut Findings<'_>) {
    let kind = MetadataType::ExtlClntAppOauthSecuritySettings;
    if context.has_unreadable(kind) {
        return;
    }
    let too_old = context
        .version
        .is_some_and(|version| version < ApiVersion::new(67));
    for files in context.apps.iter().filter(|files| refreshes(files)) {
        let limited = files
            .all::<ExtlClntAppOauthSecuritySettings>()
            .any(|(_, security)| !security.token_ip_ranges.is_empty());
        if limited {
            continue;
        }
        let public = files
            .all::<ExtlClntAppGlobalOauthSettings>()
            .any(|(_, global)| global.is_consumer_secret_optional == Some(true));
        for (component, _) in files.all::<ExtlClntAppOauthSettings>() {
            let help = if too_old {
                "raise sourceApiVersion to 67.0 and add an .ecaOauthSecurity file, or set the list in Setup"
            } else {
                "list the addresses of your servers as tokenIpRanges in an .ecaOauthSecurity file"
            };
            findings
                .at_element(
                    component,
                    "externalClientApplication",
                    format!(
                        "the refresh tokens of {} work from any address",
                        files.app.name
                    ),
                )
                .at_most(if public || too_old {
                    Severity::Warning
                } else {
                    Severity::Error
                })
                .help(help);
        }
    }
}
