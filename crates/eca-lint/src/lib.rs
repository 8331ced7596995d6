#![doc = include_str!("../README.md")]
//!
//! # The map
//!
//! [`lint`] looks at a [`Project`] that is already in memory.
//!
//! The facts about elements, such as which are required, which values they take and in which API
//! versions they exist, come from the schema that `eca-model` derives from its types; the rules of
//! the 10xx area read them from there. [`RULES`] lists every rule, [`explain`] finds one by id or
//! name.

mod baseline;
mod context;
mod earlier;
mod example;
mod exclude;
mod finding;
mod findings;
mod fingerprint;
pub mod fix;
pub mod format;
mod held;
mod ignore;
mod known_errors;
mod level;
mod options;
mod place;
mod profile;
mod quote;
mod report;
mod rule;
mod rule_id;
mod rules;
mod severity;
mod sources;
mod suggest;
mod tokens;
mod walk;
mod words;

use eca_model::Project;

pub use crate::baseline::{Baseline, BaselineError};
pub use crate::earlier::Earlier;
pub use crate::example::{Example, ExampleFile};
pub use crate::exclude::Exclude;
pub use crate::finding::Finding;
pub use crate::fix::Fix;
pub use crate::format::Format;
pub use crate::held::{HeldCertificate, Purpose, Unread, certificates};
pub use crate::known_errors::{KNOWN_ERRORS, KnownError, Occasion, explain_error, nearest_error};
pub use crate::level::Level;
pub use crate::options::Options;
pub use crate::profile::{Profile, UnknownProfile};
pub use crate::report::Report;
pub use crate::rule::Rule;
pub use crate::rule_id::RuleId;
pub use crate::rules::{CERTIFICATE_LOST, FIRST_PARTY_CERTIFICATE, RULES, explain, nearest_rule};
pub use crate::severity::{Severity, UnknownLevel};
pub use crate::sources::Sources;

/// Runs the rules of the chosen profiles over a project.
pub fn lint(project: &Project, options: &Options) -> Report {
    let context = context::Context::new(project, options);
    let mut list = Vec::new();
    for rule in RULES {
        if rule.runs(options) {
            (rule.check)(&context, &mut findings::Findings::new(rule, &mut list));
        }
    }
    let mut ignores = ignore::Ignores::of(project);
    list.retain(|finding| !ignores.cover(finding));
    rules::unused_ignores(&ignores, options, &mut list);
    list.retain(|finding| {
        let mut excludes = options.excludes.iter();
        !excludes.any(|exclude| exclude.covers(finding.rule.id(), &finding.path))
    });
    for finding in &mut list {
        if let Some(Level::At(severity)) = options.levels.get(&finding.rule.id()) {
            finding.severity = *severity;
        }
    }
    Report::new(list)
}
