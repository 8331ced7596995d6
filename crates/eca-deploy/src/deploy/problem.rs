//! The problems of a deploy, from all members of its result.

use std::fmt::{self, Write as _};

use eca_model::ComponentName;
use serde::Serialize;

use crate::package::source_map::{FilePlace, SourceMap};
use crate::wire::types::result::{DeployMessage, DeployResult};

/// A problem of a deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeployProblem {
    /// The severity.
    pub severity: Severity,
    /// The part of the result it is from.
    pub channel: Channel,
    /// Salesforce's code, where it has one.
    pub code: Option<String>,
    /// Salesforce's message, verbatim, except in [`Channel::Unexplained`].
    pub message: String,
    /// The component; of a test the class (`ApexClass:Class.method`), of coverage the class or
    /// flow. `None` for `package.xml` and for the deploy as a whole.
    pub subject: Option<ComponentName>,
    /// The location in the package, from the org.
    pub package_place: Option<FilePlace>,
    /// The location in the local file.
    pub place: Option<FilePlace>,
}

/// The severity of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Severity {
    /// The deploy cannot succeed with it.
    Error,
    /// It fails the deploy unless warnings are ignored.
    Warning,
    /// Information.
    Info,
}

/// The part of the result that a problem is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Channel {
    /// `errorStatusCode` and `errorMessage` of the deploy as a whole.
    Deploy,
    /// The message of a component.
    Component,
    /// A failed Apex test.
    Test,
    /// Coverage of Apex or flows.
    Coverage,
    /// The org gave no reason. The message has what else is known.
    Unexplained,
}

impl fmt::Display for DeployProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.place, &self.package_place, &self.subject) {
            (Some(place), ..) => write!(f, "{place}: ")?,
            (None, Some(place), _) => write!(f, "{place} (in the package): ")?,
            (None, None, Some(subject)) => write!(f, "{}: ", subject.name)?,
            (None, None, None) => {}
        }
        if let Some(code) = &self.code
            && !self.message.starts_with(code.as_str())
        {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl DeployProblem {
    /// The problem of a failure without a reason.
    pub(crate) fn unexplained(result: &DeployResult) -> Self {
        let mut message = format!(
            "the org ended the deploy as {} without a reason",
            result.status
        );
        if result.number_component_errors > 0 || result.number_test_errors > 0 {
            let _ = write!(
                message,
                "; it counts {} components and {} tests with errors",
                result.number_component_errors, result.number_test_errors
            );
        }
        if let Some(detail) = &result.state_detail {
            let _ = write!(message, "; its last state was: {detail}");
        }
        Self {
            severity: Severity::Error,
            channel: Channel::Unexplained,
            code: None,
            message,
            subject: None,
            package_place: None,
            place: None,
        }
    }

    fn from_component(
        message: &DeployMessage,
        failed: bool,
        source_map: &SourceMap,
    ) -> Option<Self> {
        if message.problem.is_none() && !failed {
            return None;
        }
        let severity = match message.problem_type.as_deref() {
            Some("Error") => Severity::Error,
            Some("Warning") => Severity::Warning,
            Some("Info") => Severity::Info,
            // Missing, or of a later version: the component's success decides.
            _ if failed => Severity::Error,
            _ => Severity::Warning,
        };
        let subject = message.component();
        let place = source_map.locate(
            &message.file_name,
            subject.as_ref(),
            message.line_number,
            message.column_number,
        );
        Some(Self {
            severity,
            channel: Channel::Component,
            code: None,
            message: message
                .problem
                .clone()
                .unwrap_or_else(|| "the org gives no reason for this component".to_owned()),
            subject,
            package_place: (!message.file_name.is_empty()).then(|| FilePlace {
                path: message.file_name.clone(),
                line: message.line_number,
                column: message.column_number,
            }),
            place,
        })
    }
}

/// All problems of a result, by severity, then in the org's order.
pub(crate) fn collect(result: &DeployResult, source_map: &SourceMap) -> Vec<DeployProblem> {
    let mut problems = Vec::new();
    if result.error_message.is_some() || result.error_status_code.is_some() {
        problems.push(DeployProblem {
            severity: Severity::Error,
            channel: Channel::Deploy,
            code: result.error_status_code.clone(),
            message: result
                .error_message
                .clone()
                .unwrap_or_else(|| "the org gives no message with this code".to_owned()),
            subject: None,
            package_place: None,
            place: None,
        });
    }
    let details = &result.details;
    let failures = details
        .component_failures
        .iter()
        .map(|message| (message, true));
    let successes = details
        .component_successes
        .iter()
        .map(|message| (message, !message.success));
    problems.extend(failures.chain(successes).filter_map(|(message, failed)| {
        DeployProblem::from_component(message, failed, source_map)
    }));
    if let Some(tests) = &details.run_test_result {
        let plain =
            |severity, channel, message: &str, kind: &str, name: Option<String>| DeployProblem {
                severity,
                channel,
                code: None,
                message: message.to_owned(),
                subject: name.map(|name| ComponentName::new(kind, name)),
                package_place: None,
                place: None,
            };
        problems.extend(tests.failures.iter().map(|failure| {
            let name = match &failure.method_name {
                Some(method) => format!("{}.{method}", failure.name),
                None => failure.name.clone(),
            };
            plain(
                Severity::Error,
                Channel::Test,
                &failure.message,
                "ApexClass",
                Some(name),
            )
        }));
        // These warnings fail a deploy to production, so they are errors where it failed.
        let severity = if result.done && !result.success {
            Severity::Error
        } else {
            Severity::Warning
        };
        for (kind, warnings) in [
            ("ApexClass", &tests.code_coverage_warnings),
            ("Flow", &tests.flow_coverage_warnings),
        ] {
            problems.extend(warnings.iter().map(|warning| {
                plain(
                    severity,
                    Channel::Coverage,
                    &warning.message,
                    kind,
                    warning.name.clone(),
                )
            }));
        }
    }
    problems.sort_by_key(|problem| problem.severity);
    problems
}
