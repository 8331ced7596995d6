//! What has to be allowed by name before a plan is applied.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use eca_plan::RiskKind;

use crate::plan_file::PlanFile;

/// Something that is not done unless it is allowed by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Gate {
    /// A risk of the plan.
    Risk(RiskKind),
    /// The org has a component with other values, and nothing is known of an earlier apply: the
    /// project takes it over.
    Adopt,
}

/// A name that is not one of a gate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of lockout, wipe, reset, consumer, irreversible, lint and adopt")]
pub struct UnknownGate(String);

impl Gate {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Risk(kind) => kind.as_str(),
            Self::Adopt => "adopt",
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Gate {
    type Err = UnknownGate;

    fn from_str(text: &str) -> Result<Self, UnknownGate> {
        if text == "adopt" {
            return Ok(Self::Adopt);
        }
        let risk = text.parse().map(Self::Risk);
        risk.map_err(|_| UnknownGate(text.to_owned()))
    }
}

/// What a plan needs to be allowed, and is not: each gate with what it is about.
pub fn missing_gates(file: &PlanFile, allowed: &BTreeSet<Gate>) -> BTreeMap<Gate, Vec<String>> {
    let mut missing: BTreeMap<Gate, Vec<String>> = BTreeMap::new();
    let mut need = |gate: Gate, what: String| {
        if !allowed.contains(&gate) {
            missing.entry(gate).or_default().push(what);
        }
    };
    for risk in &file.plan.risks {
        let what = match &risk.component {
            Some(component) => format!("{component}: {}", risk.message),
            None => risk.message.clone(),
        };
        need(Gate::Risk(risk.kind), what);
    }
    for component in &file.adopted {
        need(
            Gate::Adopt,
            format!("{component}: the org has other values, and it was never applied from here"),
        );
    }
    missing
}
