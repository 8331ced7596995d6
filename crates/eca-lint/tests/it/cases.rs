//! Further ways to break a rule, beyond the one that its pair shows, as a table.
//!
//! A case in `cases.txt` begins with `== name`, has the files of a project as a pair has them, and
//! below `=>` the findings. `[first-party]` adds that profile, `[app]` the files of one app.

use std::fmt::Write as _;

use eca_lint::lint;
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
        let options = if title.ends_with("[first-party]") {
            fixture::first_party()
        } else {
            fixture::options()
        };
        let app = if title.ends_with("[app]") {
            fixture::APP
        } else {
            ""
        };
        let (project, _) = fixture::project(&format!("{app}{files}"));
        let separator = if actual.is_empty() { "" } else { "\n" };
        writeln!(actual, "{separator}== {title}\n{files}=>").unwrap();
        for finding in lint(&project, &options).findings() {
            writeln!(actual, "{finding:#}").unwrap();
        }
    }
    expect_file!["cases.txt"].assert_eq(&actual);
}
