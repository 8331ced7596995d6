//! A finished deploy in the XML that CI systems read: a test case for each component and each Apex
//! test.

use eca_deploy::DeployMessage;
use eca_deploy::{DeployProblem, DeployResult, Severity};

/// The report. `JUnit`'s format has no specification; this is the part that all its readers agree
/// on.
pub(crate) fn report(result: &DeployResult, problems: &[DeployProblem]) -> String {
    let mut cases = Vec::new();
    let details = &result.details;
    let failed = details.component_failures.iter().map(|own| (own, true));
    let deployed = details.component_successes.iter();
    let deployed = deployed.map(|own| (own, !own.success));
    for (message, failed) in failed.chain(deployed) {
        let kind = message.component_type.as_deref().unwrap_or("Package");
        cases.push(case(
            kind,
            &message.full_name,
            failed.then(|| said(message, problems)),
        ));
    }
    if let Some(tests) = &details.run_test_result {
        for own in &tests.failures {
            let method = own.method_name.as_deref().unwrap_or("-");
            cases.push(case(&own.name, method, Some(own.message.clone())));
        }
        for own in &tests.successes {
            cases.push(case(&own.name, &own.method_name, None));
        }
    }
    // What belongs to no component and no test would be lost otherwise.
    for problem in problems {
        if problem.subject.is_none() && problem.severity == Severity::Error {
            cases.push(case("Deploy", "deploy", Some(problem.to_string())));
        }
    }
    let failures = cases.iter().filter(|(_, failed)| *failed).count();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"eca deploy\" tests=\"{}\" failures=\"{failures}\">\n",
        cases.len()
    );
    xml.extend(cases.into_iter().map(|(text, _)| text));
    xml.push_str("</testsuite>\n</testsuites>\n");
    xml
}

/// With the place in the local file, where there is one.
fn said(message: &DeployMessage, problems: &[DeployProblem]) -> String {
    let own = problems.iter().find(|problem| {
        problem.subject.as_ref().is_some_and(|subject| {
            subject.kind == message.component_type && subject.name == message.full_name
        }) && Some(&problem.message) == message.problem.as_ref()
    });
    own.map(ToString::to_string)
        .or_else(|| message.problem.clone())
        .unwrap_or_default()
}

fn case(class: &str, name: &str, failure: Option<String>) -> (String, bool) {
    let head = format!(
        "<testcase classname=\"{}\" name=\"{}\"",
        escaped(class),
        escaped(name)
    );
    match failure {
        None => (format!("{head}/>\n"), false),
        Some(text) => (
            format!(
                "{head}><failure message=\"{}\"/></testcase>\n",
                escaped(&text)
            ),
            true,
        ),
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            // XML 1.0 has no way to write them.
            control if control.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn attributes_hold_any_text() {
        assert_eq!(super::escaped("a<\"&\n\u{1}"), "a&lt;&quot;&amp; \u{fffd}");
    }
}
