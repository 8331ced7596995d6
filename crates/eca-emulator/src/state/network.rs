//! The source addresses of requests, and the addresses from which users may log in.

use std::collections::BTreeMap;
use std::net::IpAddr;

use eca_model::MetadataType;

use crate::server::call::Call;
use crate::state::components::Metadata;
use crate::state::ip_range::{IpRange, ranges};
use crate::state::users::User;

/// The network of an org whose clients are mostly on this machine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Network {
    /// The source address of requests, if it is set.
    pub(crate) source: Option<IpAddr>,
    /// Whether the first address in `X-Forwarded-For` has precedence.
    pub(crate) trusts_forwarded: bool,
    /// Login IP ranges by profile. A profile without any may log in from everywhere.
    pub(crate) login_ranges: BTreeMap<String, Vec<IpRange>>,
}

impl Network {
    /// The source address of a request.
    pub(crate) fn source(&self, call: &Call) -> IpAddr {
        let forwarded = || {
            let value = call.headers.get("x-forwarded-for")?.to_str().ok()?;
            value.split(',').next()?.trim().parse().ok()
        };
        self.trusts_forwarded
            .then(forwarded)
            .flatten()
            .or(self.source)
            .unwrap_or(call.peer)
    }

    /// Whether the user's profile has login IP ranges, set here or deployed, and none of them
    /// contains the address.
    pub(crate) fn is_restricted(&self, metadata: &Metadata, user: &User, source: IpAddr) -> bool {
        let set = self
            .login_ranges
            .iter()
            .filter(|(name, _)| user.profile_names().contains(&name.as_str()))
            .flat_map(|(_, ranges)| ranges.iter().cloned());
        let deployed = user
            .profile_names()
            .iter()
            .filter_map(|name| metadata.get(MetadataType::Profile, name))
            .flat_map(|profile| {
                ranges(
                    &profile.record,
                    "loginIpRanges",
                    ["startAddress", "endAddress"],
                )
            });
        let all: Vec<_> = set.chain(deployed).collect();
        !all.is_empty() && !all.iter().any(|range| range.contains(&source))
    }
}
