//! A finished deploy as JUnit XML: a test case for each component and each Apex test.

use std::time::Duration;

use eca_deploy::{Channel, DeployMessage, DeployProblem, DeployResult, Severity};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::ui::problems::hint;

/// A failed component or test: the message, and the next step if it is known.
struct CaseFailure {
    message: String,
    hint: Option<String>,
}

impl From<&DeployProblem> for CaseFailure {
    fn from(problem: &DeployProblem) -> Self {
        Self {
            message: problem.to_string(),
            hint: hint(problem),
        }
    }
}

impl From<String> for CaseFailure {
    fn from(message: String) -> Self {
        Self {
            message,
            hint: None,
        }
    }
}

/// The report. It has a failure when the command has failed, and none when it has succeeded: then
/// what failed in a cancelled deploy is skipped.
pub(crate) fn report(
    result: &DeployResult,
    problems: &[DeployProblem],
    has_succeeded: bool,
) -> Report {
    let mut suite = TestSuite::new("eca deploy");
    if let Some(time) = result.duration() {
        suite.set_time(time);
    }
    let mut add = |class: &str, name: &str, failure: Option<CaseFailure>, time: Option<f64>| {
        suite.add_test_case(case(class, name, failure, has_succeeded, time));
    };
    let details = &result.details;
    let failed = details
        .component_failures
        .iter()
        .map(|message| (message, true));
    let deployed = details.component_successes.iter();
    let deployed = deployed.map(|message| (message, !message.success));
    for (message, failed) in failed.chain(deployed) {
        let kind = message.component_type.as_deref().unwrap_or("Package");
        let failure = failed.then(|| failure(message, problems));
        add(kind, &message.full_name, failure, None);
    }
    if let Some(tests) = &details.run_test_result {
        for test in &tests.failures {
            let method = test.method_name.as_deref().unwrap_or("-");
            let failure = test.message.clone().into();
            add(&test.name, method, Some(failure), test.time);
        }
        for test in &tests.successes {
            add(&test.name, &test.method_name, None, test.time);
        }
    }
    // Problems without a component or test need a test case, too.
    for problem in problems {
        let is_apart = problem.subject.is_none() && problem.channel != Channel::Component;
        if is_apart && problem.severity == Severity::Error {
            add("Deploy", "deploy", Some(problem.into()), None);
        }
    }
    if !has_succeeded && suite.failures == 0 {
        // Coverage or a warning failed it, or it was cancelled.
        let failure = problems.first().map(CaseFailure::from);
        let failure = failure.unwrap_or_else(|| result.to_string().into());
        suite.add_test_case(case("Deploy", "deploy", Some(failure), false, None));
    }
    let mut report = Report::new("eca deploy");
    if let Some(time) = result.duration() {
        report.set_time(time);
    }
    report.add_test_suite(suite);
    report
}

/// The org's message, with the position in the local file if it is known.
fn failure(message: &DeployMessage, problems: &[DeployProblem]) -> CaseFailure {
    let problem = problems.iter().find(|problem| {
        problem.channel == Channel::Component
            && problem.subject == message.component()
            && Some(&problem.message) == message.problem.as_ref()
    });
    problem.map_or_else(
        || message.problem.clone().unwrap_or_default().into(),
        CaseFailure::from,
    )
}

/// A test case that took this many milliseconds.
fn case(
    class: &str,
    name: &str,
    failure: Option<CaseFailure>,
    is_skipped: bool,
    time: Option<f64>,
) -> TestCase {
    let status = match failure {
        None => TestCaseStatus::success(),
        Some(failure) => {
            let mut status = if is_skipped {
                TestCaseStatus::skipped()
            } else {
                TestCaseStatus::non_success(NonSuccessKind::Failure)
            };
            if let Some(hint) = failure.hint {
                status.set_description(format!("{}\nhint: {hint}", failure.message));
            }
            status.set_message(failure.message);
            status
        }
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    // The org chooses the number.
    let time = time.and_then(|time| Duration::try_from_secs_f64(time / 1000.0).ok());
    if let Some(time) = time {
        case.set_time(time);
    }
    case
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_makes_well_formed_xml() {
        let mut suite = TestSuite::new("eca deploy");
        let failure = CaseFailure {
            message: "a<\"&\nb\u{1}".to_owned(),
            hint: Some("read ]]>".to_owned()),
        };
        let time = Some(1500.0);
        let kind = "ExternalClientApplication";
        suite.add_test_case(case(kind, "Crm", Some(failure), false, None));
        suite.add_test_case(case(kind, "Shop", None, false, time));
        for odd in [f64::NAN, f64::INFINITY, -1.0, f64::MAX] {
            assert_eq!(
                case(kind, "Odd", None, false, Some(odd)).time,
                None,
                "{odd}"
            );
        }
        let mut report = Report::new("eca deploy");
        report.add_test_suite(suite);
        expect_test::expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="eca deploy" tests="2" skipped="0" failures="1" errors="0">
                <testsuite name="eca deploy" tests="2" skipped="0" errors="0" failures="1">
                    <testcase name="Crm" classname="ExternalClientApplication">
                        <failure message="a&lt;&quot;&amp;
            b">a&lt;&quot;&amp;
            b
            hint: read ]]&gt;</failure>
                    </testcase>
                    <testcase name="Shop" classname="ExternalClientApplication" time="1.500"/>
                </testsuite>
            </testsuites>
        "#]]
        .assert_eq(&report.to_string().unwrap());
    }
}
