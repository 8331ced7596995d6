#![doc = include_str!("../README.md")]
//!
//! # Overview
//!
//! * **Three sides.** [`plan`] compares the project, the org and what was applied last, member by
//!   member ([`Verdict`]), so that a change of ours, a click of somebody else and a conflict are
//!   told apart.
//! * **Nothing is reset by accident.** A deploy replaces whole components. What only the org has is
//!   sent along ([`Plan::package`]), and where that cannot be done, the plan says so.
//! * **What no file says is handed in.** [`Facts`] has holders of permission sets, live tokens and
//!   users. What is not known is never taken for harmless.
//! * **Risks have names** ([`RiskKind`]), and each says whom it touches.
//! * **A plan is a value.** It is JSON with a version, without any secret, and [`text`] and
//!   [`markdown`] show it.

mod change;
mod facts;
mod package;
mod plan;
mod policy;
mod render;
mod risk;
mod step;
mod three_way;

pub use change::{Action, CONTENT, ComponentChange, Conflict, MemberChange, Unreadable, Verdict};
pub use facts::{Facts, LintError, Switch, Tokens, UserState};
pub use package::PackageError;
pub use plan::{Counts, Outcome, Plan, PlanOptions, plan};
pub use policy::{EffectivePolicy, Period, PeriodUnit, RefreshLifetime};
pub use render::{Heading, MARKDOWN_LIMIT, markdown, text};
pub use risk::{Affected, Risk, RiskKind, UnknownRisk};
pub use step::{Stage, Step, Task};
