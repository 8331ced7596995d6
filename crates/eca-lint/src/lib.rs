#![doc = include_str!("../README.md")]
//!
//! # Overview
//!
//! [`lint`] checks a [`Project`](eca_model::Project) that is already in memory, and [`fix_all`]
//! applies the fixes of its findings.
//!
//! The facts about elements, such as which are required, which values they accept and in which API
//! versions they exist, come from the schema that `eca-model` derives from its types; the rules of
//! the 10xx area read them from there. [`RULES`] lists every rule, [`explain`] finds one by id or
//! name.

mod engine;
mod example;
mod knowledge;
mod level;
mod profile;
mod report;
mod rule;
mod rule_id;
mod rules;
mod severity;
mod suggest;

pub use engine::exclude::Exclude;
pub use engine::finding::Finding;
pub use engine::fix::Fix;
pub use engine::fixed::{Fixed, fix_all, fix_where};
pub use engine::lint::lint;
pub use engine::options::Options;
pub use example::{Example, ExampleFile};
pub use knowledge::certificates::{ProjectCertificate, UnreadableCertificate, certificates};
pub use knowledge::known_errors::{
    KNOWN_ERRORS, KnownError, Occasion, explain_error, nearest_error,
};
pub use knowledge::previous_state::PreviousState;
pub use level::Level;
pub use profile::{Profile, UnknownProfile};
pub use report::Report;
pub use report::baseline::{Baseline, BaselineError};
pub use report::format;
pub use report::format::Format;
pub use report::sources::Sources;
pub use rule::Rule;
pub use rule_id::RuleId;
pub use rules::{CERTIFICATE_LOST, FIRST_PARTY_CERTIFICATE, RULES, explain, nearest_rule};
pub use severity::{Severity, UnknownLevel};
