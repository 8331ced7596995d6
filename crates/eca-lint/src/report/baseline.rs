//! Known findings, so that a run reports only new ones.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::engine::finding::Finding;

const SCHEMA: &str = "eca/lint-baseline/1";

/// Findings that a project already had. Rule, file and message identify a finding, so lines may
/// move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline(BTreeMap<Entry, usize>);

/// A finding without its position.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Entry {
    path: String,
    rule: String,
    message: String,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    schema: String,
    findings: Vec<Entry>,
}

/// A text that is not a baseline.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// The text is not JSON of the expected form.
    #[error("the baseline is not a JSON document with schema {SCHEMA}")]
    Json(#[source] serde_json::Error),
    /// The document has another schema or version.
    #[error("the baseline has schema `{0}`, expected {SCHEMA}")]
    Schema(String),
}

impl Baseline {
    /// The baseline that covers these findings.
    pub fn new<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut known = BTreeMap::new();
        for finding in findings {
            *known.entry(Entry::new(finding)).or_default() += 1;
        }
        Self(known)
    }

    /// Reads the document of [`to_json`](Self::to_json).
    ///
    /// # Errors
    /// When the text is not such a document.
    pub fn parse(json: &str) -> Result<Self, BaselineError> {
        let wire: Wire = serde_json::from_str(json).map_err(BaselineError::Json)?;
        if wire.schema != SCHEMA {
            return Err(BaselineError::Schema(wire.schema));
        }
        let mut known = BTreeMap::new();
        for finding in wire.findings {
            *known.entry(finding).or_default() += 1;
        }
        Ok(Self(known))
    }

    /// The document to store.
    pub fn to_json(&self) -> String {
        let findings = self
            .0
            .iter()
            .flat_map(|(known, count)| std::iter::repeat_n(known.clone(), *count));
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            findings: findings.collect(),
        };
        crate::report::format::pretty(&wire)
    }

    /// The new findings, and the number of known ones.
    pub fn split<'a>(
        &self,
        findings: impl IntoIterator<Item = &'a Finding>,
    ) -> (Vec<&'a Finding>, usize) {
        let mut left = self.0.clone();
        let mut known = 0;
        let new = findings.into_iter().filter(|finding| {
            let Some(count) = left
                .get_mut(&Entry::new(finding))
                .filter(|count| **count > 0)
            else {
                return true;
            };
            *count -= 1;
            known += 1;
            false
        });
        (new.collect(), known)
    }
}

impl Entry {
    fn new(finding: &Finding) -> Self {
        Self {
            path: finding.path.clone(),
            rule: finding.rule.id().to_string(),
            message: finding.message.clone(),
        }
    }
}
