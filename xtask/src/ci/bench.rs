//! All benchmarks, and their figures in one table.

use std::fmt::Write as _;

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{interop, program};

use crate::ci::end::End;

/// How a benchmark prints the bound of a figure, in brackets behind it.
const BOUNDS: [&str; 3] = ["(at most ", "(at least ", "(wanted "];
/// The longest name of a figure in the table. Longer names are shortened.
const WIDTH: usize = 80;

/// Runs each benchmark, one after the other, and prints the figures
/// that have a bound. It fails when a benchmark fails. A benchmark may fail when a ratio is worse
/// than its bound. Packaging is measured beside the Salesforce CLI where Node.js is installed.
///
/// # Errors
/// When cargo cannot be started.
pub(super) fn run(workspace: &Workspace) -> Result<End, Failure> {
    let peer = match interop::salesforce_cli(workspace)? {
        Ok([node, run]) => vec![("SF_NODE", node), ("SF_RUN", run)],
        Err(reason) => {
            eprintln!("SKIPPED comparison with sf: {reason}");
            Vec::new()
        }
    };
    let mut table = Vec::new();
    let mut failed = Vec::new();
    for krate in &workspace.crates {
        for bench in &krate.benches {
            let name = format!("{}/{bench}", krate.name);
            eprintln!("bench: {name}");
            // With `--package`, cargo would build the dependencies once more for each crate.
            let arguments = ["bench", "--quiet", "--workspace", "--bench", bench];
            let output = program::output_with(&workspace.root, "cargo", &arguments, &peer)?;
            eprint!("{}", output.text);
            table.extend(figures(&name, &output.text));
            if !output.success {
                failed.push(name);
            }
        }
    }
    print!("{}", render(&table));
    let problem = format!("failed: {}", failed.join(", "));
    Ok(End::new(failed.is_empty(), &problem))
}

/// A figure of a benchmark with its bound.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Figure {
    bench: String,
    value: String,
    bound: String,
}

fn figures(bench: &str, text: &str) -> Vec<Figure> {
    let of_line = |line: &str| {
        let start = BOUNDS.iter().filter_map(|bound| line.find(bound)).min()?;
        let (figure, bound) = line.split_at(start);
        let bound = bound.trim_start_matches('(');
        let bound = bound.split([')', ':', ';']).next().unwrap_or(bound);
        Some(Figure {
            bench: bench.to_owned(),
            value: shortened(&figure.split_whitespace().collect::<Vec<_>>().join(" ")),
            bound: bound.to_owned(),
        })
    };
    text.lines().filter_map(of_line).collect()
}

/// The subject of a long line, and its last clause, which has the figure.
fn shortened(text: &str) -> String {
    let parts = (text.split_once(": "), text.rsplit_once([';', ',']));
    match parts {
        (Some((subject, _)), Some((_, figure))) if text.chars().count() > WIDTH => {
            format!("{subject}: …{figure}")
        }
        _ => text.to_owned(),
    }
}

fn render(table: &[Figure]) -> String {
    let width = |of: fn(&Figure) -> &str| table.iter().map(|row| of(row).chars().count()).max();
    let first = width(|row| &row.bench).unwrap_or_default();
    let second = width(|row| &row.bound).unwrap_or_default();
    let mut text = String::new();
    for row in table {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:first$}  {:second$}  {}",
            row.bench, row.bound, row.value
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_in_the_output_of_every_benchmark() {
        let text = "\
1000 apps, 5000 files, all profiles
lint / load = 0.45 (at most 2)
reading / plain scan                                      1.20  (at most 1.5) missed
aws-lc-rs: minting / bare signature: 0.998 (at least 0.95: ok; 900/s and 902/s)
status of 10000 components (3.1 MB): 9.1ms (wanted 20 ms)
package of 100 apps (500 files): 73.2ms; reading and deflating its files alone, without a word, 51.0ms; ratio 1.43 (wanted 1.20); later 9
";
        let table = figures("eca-x/speed", text);
        assert_eq!(
            render(&table),
            "\
eca-x/speed  at most 2      lint / load = 0.45
eca-x/speed  at most 1.5    reading / plain scan 1.20
eca-x/speed  at least 0.95  aws-lc-rs: minting / bare signature: 0.998
eca-x/speed  wanted 20 ms   status of 10000 components (3.1 MB): 9.1ms
eca-x/speed  wanted 1.20    package of 100 apps (500 files): … ratio 1.43
"
        );
        assert_eq!(render(&[]), "");
    }
}
