//! The permanent id of a rule.

use std::fmt;

use serde::{Serialize, Serializer};

/// The permanent id of a rule: `ECA` and four digits. An id is never used again for another rule.
///
/// The first two digits are the area: 10 files and schema, 11 files that belong together, 12 OAuth
/// settings and policies, 13 certificates, 14 secrets, 15 portability between orgs, 16 outbound
/// credentials, 17 requirements of security reviews, 18 packages, 19 the plugins other than OAuth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub(crate) u16);

impl RuleId {
    /// The four digits as a number, such as 1203.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ECA{:04}", self.0)
    }
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
