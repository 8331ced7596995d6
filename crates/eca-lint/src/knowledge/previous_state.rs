//! The certificates that a project had at an earlier revision, or that an org has.

use std::collections::BTreeSet;

use eca_model::{CertificateUse, MetadataType, Project};

use crate::knowledge::certificates;
use crate::knowledge::certificates::certificates;

/// The project at an earlier revision, or what was retrieved from the org: a deploy must not remove
/// its certificates by accident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousState {
    name: String,
    certificates: BTreeSet<(MetadataType, String, &'static str)>,
}

impl PreviousState {
    /// The state of a project; `name` is its name in findings, such as `origin/main`.
    pub fn new(project: &Project, name: impl Into<String>) -> Self {
        let entry = certificates(project);
        let entry = entry.iter().filter(|entry| matters(entry.purpose));
        let certificates = entry
            .filter_map(|entry| {
                let app = entry.component.app()?.trim().to_owned();
                Some((entry.component.kind(), app, entry.element?))
            })
            .collect();
        Self {
            name: name.into(),
            certificates,
        }
    }

    /// The types whose components it needs, some more than once: what to retrieve for a comparison
    /// with an org.
    pub fn types() -> impl Iterator<Item = MetadataType> {
        certificates::types(matters)
    }

    /// Its name in findings.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether an app had a certificate in that element.
    pub(crate) fn contains(&self, kind: MetadataType, app: &str, element: &'static str) -> bool {
        let key = (kind, app.to_owned(), element);
        self.certificates.contains(&key)
    }
}

/// A push certificate is a secret with a password beside it, and has rules of its own.
fn matters(purpose: CertificateUse) -> bool {
    purpose != CertificateUse::Push
}
