//! How long refresh tokens really live.

use std::fmt;

use eca_model::{FieldPath, FieldValue};
use serde::{Deserialize, Serialize};

/// How long the refresh tokens of an app live. Two files decide it: the policies, and since API
/// 67.0 the idle rule of the global settings, with which `Infinite` means 30 days without use
/// (release notes of Summer '26, "refresh tokens that are valid until revoked").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefreshLifetime {
    /// No refresh token is issued.
    None,
    /// Until it is revoked.
    UntilRevoked,
    /// A time after its issue.
    Fixed(Period),
    /// A time after its last use.
    Idle(Period),
    /// A time after its issue, and no longer than a time without use.
    FixedOrIdle(Period, Period),
    /// The files do not tell.
    Unknown,
}

/// A number of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// The number.
    pub count: i32,
    /// The unit.
    pub unit: PeriodUnit,
}

/// The unit of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeriodUnit {
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Months.
    Months,
}

/// The members of both files that decide it.
pub(crate) const DECIDING: [&str; 4] = [
    "isEnforceRefreshTokenTTL",
    "refreshTokenPolicyType",
    "refreshTokenValidityPeriod",
    "refreshTokenValidityUnit",
];

/// The idle rule.
const THIRTY_DAYS: Period = Period {
    count: 30,
    unit: PeriodUnit::Days,
};

/// An app whose refresh tokens live another time in the org than its files say, although no member
/// that the project writes differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EffectivePolicy {
    /// The app.
    pub app: String,
    /// What the project's files mean.
    pub desired: RefreshLifetime,
    /// What holds in the org, and after the plan.
    pub actual: RefreshLifetime,
}

impl EffectivePolicy {
    pub(crate) fn new(app: &str, desired: RefreshLifetime, actual: RefreshLifetime) -> Self {
        Self {
            app: app.to_owned(),
            desired,
            actual,
        }
    }
}

impl RefreshLifetime {
    /// From the members of the policies and of the global settings, each `None` where it is not
    /// written.
    pub fn new<'a>(
        policy: impl Fn(&FieldPath) -> Option<&'a FieldValue>,
        global: impl Fn(&FieldPath) -> Option<&'a FieldValue>,
    ) -> Self {
        let text = |name: &str| match policy(&FieldPath::new(name)) {
            Some(FieldValue::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let count = match policy(&FieldPath::new("refreshTokenValidityPeriod")) {
            Some(FieldValue::Integer(count)) => Some(*count),
            _ => None,
        };
        let unit = match text("refreshTokenValidityUnit") {
            Some("Hours") => Some(PeriodUnit::Hours),
            Some("Days") => Some(PeriodUnit::Days),
            Some("Months") => Some(PeriodUnit::Months),
            _ => None,
        };
        let period = count.zip(unit).map(|(count, unit)| Period { count, unit });
        let is_idle_rule = FieldPath::new("isEnforceRefreshTokenTTL");
        let has_idle_rule = global(&is_idle_rule) == Some(&FieldValue::Boolean(true));
        match (text("refreshTokenPolicyType"), period, has_idle_rule) {
            (Some("Zero"), ..) => Self::None,
            (Some("Infinite"), _, false) => Self::UntilRevoked,
            (Some("Infinite"), _, true) => Self::Idle(THIRTY_DAYS),
            (Some("SpecificLifetime"), Some(period), false) => Self::Fixed(period),
            (Some("SpecificLifetime"), Some(period), true) => {
                Self::FixedOrIdle(period, THIRTY_DAYS)
            }
            (Some("SpecificInactivity"), Some(period), false) => Self::Idle(period),
            (Some("SpecificInactivity"), Some(period), true) => {
                Self::Idle(if period.hours() < THIRTY_DAYS.hours() {
                    period
                } else {
                    THIRTY_DAYS
                })
            }
            _ => Self::Unknown,
        }
    }
}

impl Period {
    /// A month counts 30 days.
    fn hours(self) -> i64 {
        let hours = match self.unit {
            PeriodUnit::Hours => 1,
            PeriodUnit::Days => 24,
            PeriodUnit::Months => 24 * 30,
        };
        i64::from(self.count) * hours
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            PeriodUnit::Hours => "hour",
            PeriodUnit::Days => "day",
            PeriodUnit::Months => "month",
        };
        let plural = if self.count == 1 { "" } else { "s" };
        write!(f, "{} {unit}{plural}", self.count)
    }
}

impl fmt::Display for RefreshLifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no refresh tokens"),
            Self::UntilRevoked => f.write_str("until revoked"),
            Self::Fixed(period) => write!(f, "{period} after their issue"),
            Self::Idle(period) => write!(f, "{period} without use"),
            Self::FixedOrIdle(fixed, idle) => {
                write!(f, "{fixed} after their issue, or {idle} without use")
            }
            Self::Unknown => f.write_str("unknown"),
        }
    }
}
