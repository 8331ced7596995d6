//! What a deploy changes, and the line that says so.

use std::fmt;
use std::time::Duration;

use crate::wire::tooling::parse_time;
use crate::wire::types::result::{DeployMessage, DeployResult};
use crate::wire::types::status::DeployStatus;

/// What a deploy does to one component. A check-only deploy only would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ComponentChange {
    /// The component is new in the org.
    Created,
    /// The org had it, and it is another one now.
    Changed,
    /// The org had the same.
    Unchanged,
    /// It is deleted.
    Deleted,
    /// It has an error.
    Failed,
}

impl ComponentChange {
    const ALL: [Self; 5] = [
        Self::Created,
        Self::Changed,
        Self::Unchanged,
        Self::Deleted,
        Self::Failed,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Deleted => "deleted",
            Self::Failed => "failed",
        }
    }

    fn of(message: &DeployMessage) -> Self {
        if message.deleted {
            Self::Deleted
        } else if message.created {
            Self::Created
        } else if message.changed {
            Self::Changed
        } else {
            Self::Unchanged
        }
    }
}

impl DeployResult {
    /// What happened to each component, as far as the [details](Self::details) have it:
    /// `package.xml` and the other manifests are left out.
    pub fn changes(&self) -> impl Iterator<Item = (&DeployMessage, ComponentChange)> {
        let is_component = |message: &&DeployMessage| message.component_type.is_some();
        let failures = self.details.component_failures.iter();
        let failures = failures.map(|message| (message, ComponentChange::Failed));
        let successes = self.details.component_successes.iter();
        let successes = successes.map(|message| (message, ComponentChange::of(message)));
        successes
            .chain(failures)
            .filter(move |(message, _)| is_component(message))
    }

    /// How many components have each change.
    pub fn count(&self, change: ComponentChange) -> usize {
        self.changes().filter(|(_, other)| *other == change).count()
    }

    /// How long the deploy ran, by the org's clock.
    pub fn duration(&self) -> Option<Duration> {
        let time = |date: &Option<String>| parse_time(date.as_deref()?);
        let end = time(&self.completed_date)?;
        end.duration_since(time(&self.start_date)?).ok()
    }

    /// Whether the deploy ended without a change in the org: it was check-only, or it was rolled
    /// back.
    pub fn changed_nothing(&self) -> bool {
        let undone = matches!(
            self.status,
            DeployStatus::Failed | DeployStatus::FinalizingFailed | DeployStatus::Canceled
        );
        self.done && (self.check_only || undone && self.rollback_on_error)
    }
}

/// One line: the status, and what happened to the components and tests.
impl fmt::Display for DeployResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.check_only {
            f.write_str("check-only ")?;
        }
        write!(f, "deploy {}: ", self.status)?;
        let (total, errors) = (self.number_components_total, self.number_component_errors);
        let has_failed = self.done && !self.success;
        let counts = ComponentChange::ALL.map(|change| (change, self.count(change)));
        let counts: Vec<_> = counts.iter().filter(|(_, count)| *count > 0).collect();
        if has_failed {
            write!(f, "{errors} of {total} components with errors")?;
        } else if !self.done || counts.is_empty() {
            let done = self.number_components_deployed;
            write!(f, "{done} of {total} components, {errors} with errors")?;
        } else {
            write!(f, "{total} component{}", if total == 1 { "" } else { "s" })?;
            for (number, (change, count)) in counts.into_iter().enumerate() {
                let separator = if number == 0 { ": " } else { ", " };
                write!(f, "{separator}{count} {}", change.as_str())?;
            }
        }
        if self.number_tests_total > 0 {
            let (total, errors) = (self.number_tests_total, self.number_test_errors);
            let run = self.number_tests_completed + errors;
            write!(f, "; {run} of {total} tests run, {errors} failed")?;
        }
        if self.changed_nothing() {
            let reason = if self.check_only {
                "check-only"
            } else {
                "rolled back"
            };
            write!(f, "; nothing was changed ({reason})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::tree::Node;
    use crate::wire::types::result::DeployResult;

    #[test]
    fn the_line_says_what_happened() {
        let details = r#""details":{"componentSuccesses":[
            {"componentType":"","fullName":"package.xml","success":true,"changed":true},
            {"componentType":"A","fullName":"1","success":true,"created":true,"changed":true},
            {"componentType":"A","fullName":"2","success":true,"changed":true},
            {"componentType":"A","fullName":"3","success":true},
            {"componentType":"A","fullName":"4","success":true,"deleted":true,"changed":true}]}"#;
        let total = r#""done":true,"numberComponentsTotal":4"#;
        for (members, expected) in [
            (
                format!(r#""status":"Succeeded",{total},{details}"#),
                "deploy Succeeded: 4 components: 1 created, 1 changed, 1 unchanged, 1 deleted",
            ),
            (
                format!(r#""status":"Succeeded","checkOnly":true,{total},{details}"#),
                "check-only deploy Succeeded: 4 components: 1 created, 1 changed, 1 unchanged, 1 deleted; nothing was \
                 changed (check-only)",
            ),
            (
                format!(r#""status":"Failed","rollbackOnError":true,"numberComponentErrors":1,{total}"#),
                "deploy Failed: 1 of 4 components with errors; nothing was changed (rolled back)",
            ),
            (
                format!(r#""status":"SucceededPartial","numberComponentErrors":1,{total}"#),
                "deploy SucceededPartial: 1 of 4 components with errors",
            ),
            (
                format!(r#""status":"Canceled","rollbackOnError":true,{total}"#),
                "deploy Canceled: 0 of 4 components with errors; nothing was changed (rolled back)",
            ),
            (
                r#""status":"InProgress","numberComponentsTotal":4,"numberComponentsDeployed":3,"rollbackOnError":true,
                   "numberTestsTotal":9,"numberTestsCompleted":5,"numberTestErrors":1"#
                    .to_owned(),
                "deploy InProgress: 3 of 4 components, 0 with errors; 6 of 9 tests run, 1 failed",
            ),
        ] {
            let json = format!("{{{members}}}");
            let result = DeployResult::read(&Node::from_json(json.as_bytes()).unwrap()).unwrap();
            assert_eq!(result.to_string(), expected);
        }
    }
}
