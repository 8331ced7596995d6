//! More ways to break a rule than its pair shows, as a table.
//!
//! A case in `cases.txt` begins with `== name`, has the files of a project in the form of a pair,
//! and the findings below `=>`. Tags after the name change the run: `[app]` adds the files of one
//! app, the name of a profile adds its rules, and `[only 13]` shows only findings of that area.

use std::fmt::Write as _;

use eca_lint::{Options, Profile, lint};
use expect_test::expect_file;

use crate::fixture;

#[test]
fn findings_are_those_of_the_table() {
    let mut actual = String::new();
    for case in format!("\n{}", include_str!("cases.txt"))
        .split("\n== ")
        .skip(1)
    {
        let (title, rest) = case.split_once('\n').unwrap();
        let (files, _) = rest.split_once("=>\n").unwrap();
        let run = Run::new(title);
        let app = if run.has_app { fixture::APP } else { "" };
        let (project, _) = fixture::project(&format!("{app}{files}"));
        let separator = if actual.is_empty() { "" } else { "\n" };
        writeln!(actual, "{separator}== {title}\n{files}=>").unwrap();
        for finding in lint(&project, &run.options).findings() {
            let id = finding.rule.id().to_string();
            if id.starts_with(&run.shown) {
                writeln!(actual, "{finding:#}").unwrap();
            }
        }
    }
    expect_file!["cases.txt"].assert_eq(&actual);
}

/// How a case is run.
struct Run {
    options: Options,
    has_app: bool,
    /// What the ids of the shown findings start with.
    shown: String,
}

impl Run {
    /// Reads the tags of a title.
    fn new(title: &str) -> Self {
        let mut run = Self {
            options: fixture::options(),
            has_app: false,
            shown: "ECA".to_owned(),
        };
        for tag in title.split(" [").skip(1) {
            match tag.trim_end_matches(']') {
                "app" => run.has_app = true,
                tag => match tag.strip_prefix("only ") {
                    Some(area) => run.shown.push_str(area),
                    None => run.options.profiles.push(tag.parse::<Profile>().unwrap()),
                },
            }
        }
        run
    }
}
