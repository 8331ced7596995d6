//! The report of a lint run.

pub(crate) mod baseline;
pub(crate) mod fingerprint;
pub mod format;
pub(crate) mod sources;

use serde::Serialize;

use crate::engine::finding::Finding;
use crate::rule_id::RuleId;
use crate::severity::Severity;

/// All findings of a lint run, sorted by path, then position, then rule.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    pub(crate) fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_by(|a, b| {
            (&a.path, a.position, a.rule.id(), &a.message).cmp(&(
                &b.path,
                b.position,
                b.rule.id(),
                &b.message,
            ))
        });
        Self { findings }
    }

    /// The findings in order.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The number of findings with exactly this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.at_least(severity)
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// The findings of this severity or a higher one.
    pub fn at_least(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.severity >= severity)
    }

    /// Whether there are no findings.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Splits off the findings of some rules: `(the others, those of the rules)`.
    ///
    /// For a caller that is about to fix these, such as one that registers the certificate that
    /// [`FIRST_PARTY_CERTIFICATE`](crate::rules::FIRST_PARTY_CERTIFICATE) requires.
    pub fn split(self, rules: &[RuleId]) -> (Self, Self) {
        let (apart, rest) = self
            .findings
            .into_iter()
            .partition(|finding| rules.contains(&finding.rule.id()));
        (Self { findings: rest }, Self { findings: apart })
    }
}
