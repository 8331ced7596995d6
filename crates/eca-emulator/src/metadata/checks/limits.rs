//! Limits that the documentation states and a schema does not: of numbers, lists and values
//! (Metadata API Developer Guide, the description of each field). The wording of the refusals is
//! inferred.

use std::collections::BTreeSet;
use std::net::IpAddr;

use eca_model::{Element, FieldKind, FieldSchema, MetadataType, RecordSchema};

use crate::metadata::checks::CheckContext;
use crate::metadata::job::problem::Problem;

/// The addresses that all ranges for refresh tokens may have together.
const MAX_TOKEN_ADDRESSES: u128 = 256;

pub(super) fn check(context: &CheckContext<'_>) -> Option<Problem> {
    let root = context.document.root();
    record(root, context.id.kind.schema().record).or_else(|| match context.id.kind {
        MetadataType::ExtlClntAppOauthSettings => {
            custom_attribute_keys(root).or_else(|| ranges(root, "trustedIpRanges"))
        }
        MetadataType::ExtlClntAppOauthSecuritySettings => ranges(root, "tokenIpRanges"),
        MetadataType::ExtlClntAppOauthConfigurablePolicies => {
            custom_attribute_keys(root).or_else(|| refresh_policy(context))
        }
        _ => None,
    })
}

/// The ranges, values and numbers of items in the table of members.
fn record(element: Element<'_>, schema: &RecordSchema) -> Option<Problem> {
    for field in schema.fields {
        let name = field.element;
        if let Some(allowed) = field.max_items {
            let extra = element.children_named(name).nth(allowed as usize);
            if let Some(extra) = extra {
                let text = format!("Too many {name}: the maximum is {allowed}");
                return Some(Problem::at(extra.position(), text));
            }
        }
        let mut children = element.children_named(name);
        let problem = children.find_map(|child| match field.kind {
            FieldKind::Record(inner) => record(child, inner),
            _ => value(child, field),
        });
        if problem.is_some() {
            return problem;
        }
    }
    None
}

fn value(element: Element<'_>, field: &FieldSchema) -> Option<Problem> {
    let text = element.text();
    let text = text.trim();
    let refuse = |reason: String| {
        let text = format!("{}: {text} is not valid. {reason}", field.element);
        Some(Problem::at(element.position(), text))
    };
    if element.is_nil() || text.is_empty() {
        return None;
    }
    if let (Some((least, most)), Ok(number)) = (field.range, text.parse::<i32>())
        && !(least..=most).contains(&number)
        && !is_zero_minutes(field, number)
    {
        return refuse(format!("Enter a number from {least} to {most}."));
    }
    // Orgs write this value in two spellings.
    let is_listed = |value: &&str| {
        *value == text || (*value == "Enforce_RelaxRefresh" && value.eq_ignore_ascii_case(text))
    };
    if !field.values.is_empty() && !field.values.iter().any(is_listed) {
        return refuse(format!("Valid values are: {}.", field.values.join(", ")));
    }
    None
}

/// Samples of the guide deploy an ID token of 0 minutes, which its text does not allow.
fn is_zero_minutes(field: &FieldSchema, number: i32) -> bool {
    field.element == "idTokenValidityInMinutes" && number == 0
}

/// Each key names one claim.
fn custom_attribute_keys(root: Element<'_>) -> Option<Problem> {
    let mut seen = BTreeSet::new();
    let keys = root.children_named("customAttributes");
    let mut keys = keys.filter_map(|attribute| attribute.child("key"));
    let again = keys.find(|key| !seen.insert(key.text().trim().to_owned()))?;
    let text = format!("Duplicate custom attribute key: {}", again.text().trim());
    Some(Problem::at(again.position(), text))
}

/// Ranges go from a lower address to a higher one of the same family.
fn ranges(root: Element<'_>, list: &str) -> Option<Problem> {
    let mut total: u128 = 0;
    root.children_named(list).find_map(|range| {
        let address = |name: &str| {
            let element = range.child(name)?;
            let text = element.text();
            Some((
                element,
                text.trim()
                    .parse::<IpAddr>()
                    .map_err(|_| text.trim().to_owned()),
            ))
        };
        let ((start, lower), (end, upper)) = (address("startIpAddress")?, address("endIpAddress")?);
        let (lower, upper) = match (lower, upper) {
            (Err(text), _) => return Some(invalid(start, &text)),
            (_, Err(text)) => return Some(invalid(end, &text)),
            (Ok(lower), Ok(upper)) => (lower, upper),
        };
        if lower.is_ipv4() != upper.is_ipv4() || upper < lower {
            let text = format!("The IP range {lower} - {upper} is not valid");
            return Some(Problem::at(end.position(), text));
        }
        let size = number(upper) - number(lower);
        total = total.saturating_add(size.saturating_add(1));
        (list == "tokenIpRanges" && total > MAX_TOKEN_ADDRESSES).then(|| {
            let text =
                format!("Too many addresses in {list}: the maximum is {MAX_TOKEN_ADDRESSES}");
            Problem::at(end.position(), text)
        })
    })
}

fn invalid(element: Element<'_>, text: &str) -> Problem {
    let text = format!("{text} is not a valid IP address");
    Problem::at(element.position(), text)
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// A policy with a period has period and unit; another one has neither.
fn refresh_policy(context: &CheckContext<'_>) -> Option<Problem> {
    const ELEMENT: &str = "refreshTokenPolicyType";
    let policy = context.record.filled(ELEMENT);
    let needs_period = matches!(policy, Some("SpecificLifetime" | "SpecificInactivity"));
    let members = ["refreshTokenValidityPeriod", "refreshTokenValidityUnit"];
    let wrong = members
        .into_iter()
        .find(|name| context.record.filled(name).is_some() != needs_period)?;
    let policy = policy.unwrap_or("no policy");
    Some(if needs_period {
        context.refuse(
            ELEMENT,
            format!("Required field is missing: {wrong} (for {policy})"),
        )
    } else {
        context.refuse(wrong, format!("{wrong} can't be set for {policy}"))
    })
}
