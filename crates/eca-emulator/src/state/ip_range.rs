//! Ranges of addresses.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use crate::state::record::Record;

/// Addresses from one to another, both inclusive.
pub(crate) type IpRange = RangeInclusive<IpAddr>;

/// The ranges in a repeated member of a component.
pub(crate) fn ranges(record: &Record, member: &str, [start, end]: [&str; 2]) -> Vec<IpRange> {
    let address = |record: &Record, name| record.filled(name)?.parse().ok();
    record
        .records(member)
        .filter_map(|record| Some(address(record, start)?..=address(record, end)?))
        .collect()
}
