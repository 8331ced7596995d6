//! A finished deploy as JUnit XML: a test case for each component and each Apex test.

use eca_deploy::{Channel, DeployMessage, DeployProblem, DeployResult, Severity};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The report.
pub(crate) fn report(result: &DeployResult, problems: &[DeployProblem]) -> Report {
    let mut suite = TestSuite::new("eca deploy");
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
        suite.add_test_case(case(kind, &message.full_name, failure));
    }
    if let Some(tests) = &details.run_test_result {
        for test in &tests.failures {
            let method = test.method_name.as_deref().unwrap_or("-");
            suite.add_test_case(case(&test.name, method, Some(test.message.clone())));
        }
        for test in &tests.successes {
            suite.add_test_case(case(&test.name, &test.method_name, None));
        }
    }
    // Problems without a component or test need a test case, too.
    for problem in problems {
        let is_apart = problem.subject.is_none() && problem.channel != Channel::Component;
        if is_apart && problem.severity == Severity::Error {
            suite.add_test_case(case("Deploy", "deploy", Some(problem.to_string())));
        }
    }
    let mut report = Report::new("eca deploy");
    report.add_test_suite(suite);
    report
}

/// The org's message, with the position in the local file if it is known.
fn failure(message: &DeployMessage, problems: &[DeployProblem]) -> String {
    let problem = problems.iter().find(|problem| {
        problem.channel == Channel::Component
            && problem.subject == message.component()
            && Some(&problem.message) == message.problem.as_ref()
    });
    problem
        .map(ToString::to_string)
        .or_else(|| message.problem.clone())
        .unwrap_or_default()
}

fn case(class: &str, name: &str, failure: Option<String>) -> TestCase {
    let status = match failure {
        None => TestCaseStatus::success(),
        Some(message) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message);
            status
        }
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    case
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_makes_well_formed_xml() {
        let mut suite = TestSuite::new("eca deploy");
        let failure = "a<\"&\nb\u{1}".to_owned();
        suite.add_test_case(case("ExternalClientApplication", "Crm", Some(failure)));
        suite.add_test_case(case("ExternalClientApplication", "Shop", None));
        let mut report = Report::new("eca deploy");
        report.add_test_suite(suite);
        expect_test::expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="eca deploy" tests="2" skipped="0" failures="1" errors="0">
                <testsuite name="eca deploy" tests="2" skipped="0" errors="0" failures="1">
                    <testcase name="Crm" classname="ExternalClientApplication">
                        <failure message="a&lt;&quot;&amp;
            b"/>
                    </testcase>
                    <testcase name="Shop" classname="ExternalClientApplication"/>
                </testsuite>
            </testsuites>
        "#]]
        .assert_eq(&report.to_string().unwrap());
    }
}
