//! The parts of the program agree: what `lint` finds, an org refuses, and the other way round; what
//! an org answers, `explain` knows; and no fix makes a project worse.
//!
//! Each small project is linted, packaged and deployed to an embedded org of its own. `table.txt`
//! has what each part says, `exceptions.txt` the pairs that may differ, each with its reason.

mod corpus;
mod exceptions;
mod explain;
mod logins;
mod verdict;

use std::fmt::Write as _;

use eca_lint::{Profile, explain_error, fix_all};
use eca_oauth::explain::causes_in;
use expect_test::expect_file;
use tokio::runtime;

use crate::agreement::exceptions::Exceptions;
use crate::agreement::verdict::{Verdict, options};

/// The fewest projects that the corpus may have.
const FEWEST: usize = 250;

#[test]
fn lint_package_org_and_explain_agree() {
    let projects = corpus::projects();
    assert!(projects.len() >= FEWEST, "{} projects", projects.len());
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let mut exceptions = Exceptions::read();
    let (mut table, mut failures) = (String::new(), String::new());
    for small in &projects {
        let verdict = runtime.block_on(Verdict::of(small));
        writeln!(table, "{}: {verdict}", small.name).unwrap();
        if let Some(disagreement) = exceptions.disagreement(&small.name, &verdict) {
            writeln!(failures, "{}: {disagreement}: {verdict}", small.name).unwrap();
        }
        for text in &verdict.org {
            if explain_error(text).is_empty() && causes_in(text).is_empty() {
                writeln!(failures, "explain does not know: {text}").unwrap();
            }
        }
    }
    for unused in exceptions.unused() {
        writeln!(failures, "the exception {unused} applies to no project").unwrap();
    }
    assert!(failures.is_empty(), "{failures}");
    expect_file!["table.txt"].assert_eq(&table);
}

/// What decides who can log in, and how: `--fix` leaves it alone.
const ACCESS: [&str; 9] = [
    "isEnabled",
    "isOauthPluginEnabled",
    "isConsumerSecretOptional",
    "isFirstPartyAppEnabled",
    "isPkceRequired",
    "isCodeCredPostOnly",
    "isRefreshTokenRotationEnabled",
    "distributionState",
    "permittedUsersPolicyType",
];

#[test]
fn fixes_make_nothing_worse() {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let mut options = options();
    options.profiles = Profile::ALL.to_vec();
    let mut failures = String::new();
    let mut fixed_projects = 0;
    for mut small in corpus::projects() {
        let fixed = fix_all(&small.project, &options);
        if fixed.applied == 0 {
            continue;
        }
        fixed_projects += 1;
        for after in fixed.changed() {
            let before = small
                .project
                .component(after.name())
                .expect("the component");
            for element in ACCESS {
                let text = |component: &eca_model::Component| {
                    let element = component.file().document().root().child(element);
                    element.map(|element| element.text().into_owned())
                };
                // A misspelt member says what its author wants.
                let is_misspelt = before.file().text().contains("isFirstPartyAppsEnabled");
                if text(before) != text(after) && !is_misspelt {
                    writeln!(failures, "{}: a fix sets {element}", small.name).unwrap();
                }
            }
        }
        let before = runtime.block_on(Verdict::of(&small));
        small.project = fixed.project.clone();
        let after = runtime.block_on(Verdict::of(&small));
        let is_worse = after.errors.iter().any(|id| !before.errors.contains(id))
            || after.is_refused() && !before.is_refused();
        if is_worse {
            writeln!(failures, "{}: {before} becomes {after}", small.name).unwrap();
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(fixed_projects >= 6, "{fixed_projects}");
}
