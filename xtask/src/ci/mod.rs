//! `cargo xtask ci`: runs the parts of CI.

mod bench;
mod end;
mod minimal_versions;
mod part;
mod step;
pub(crate) mod tool;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::workspace::Workspace;

use crate::ci::step::Step;
pub(crate) use end::End;
pub(crate) use part::Part;

/// Runs these parts, or those of every run when none is named, and stops at the first that fails.
/// `false` when one failed.
///
/// A missing tool is an error when its part was named, and with `CI=true`. Otherwise the part is
/// skipped, and a message names the tool.
///
/// # Errors
/// When a program cannot be started or the repository cannot be read.
pub(crate) fn run(workspace: &Workspace, parts: &[Part]) -> Result<bool, Failure> {
    let is_named = !parts.is_empty();
    let is_required = is_named || std::env::var_os("CI").is_some_and(|value| value == "true");
    let parts = if is_named { parts } else { &Part::ALL };
    let started = Instant::now();
    let mut results = Vec::new();
    for (index, &part) in parts.iter().enumerate() {
        let part_started = Instant::now();
        let mut skipped = Vec::new();
        for step in part.steps(&workspace.crates) {
            eprintln!("── {part}: {step}");
            let reason = match step.run(workspace)? {
                End::Passed => continue,
                End::Skipped(reason) => reason,
                End::Missing(tool) => {
                    if is_required {
                        tool.require(&workspace.root)?;
                    }
                    tool.is_missing()
                }
                End::Failed(end) => {
                    let rest = &parts[index + 1..];
                    eprint!("{}", failure_summary(part, &step, &end, rest));
                    return Ok(false);
                }
            };
            eprintln!("SKIPPED {step}: {reason}");
            skipped.push(reason);
        }
        skipped.dedup();
        results.push(PartResult {
            part,
            skipped,
            time: part_started.elapsed(),
        });
    }
    eprint!("{}", success_summary(&results, started.elapsed()));
    Ok(true)
}

/// A part that did not fail.
struct PartResult {
    part: Part,
    /// Why steps of it were skipped.
    skipped: Vec<String>,
    time: Duration,
}

/// The failed step, the command that repeats it, and the command that continues with the next part.
fn failure_summary(part: Part, step: &Step, end: &str, rest: &[Part]) -> String {
    let mut text = format!("\nxtask: {part} failed ({end})\n  repeat: {step}\n");
    if part == Part::Fmt {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  format: cargo {}", part::FORMAT);
    }
    if !rest.is_empty() {
        text.push_str("  then:   cargo xtask ci");
        for part in rest {
            // Writing to a String cannot fail.
            let _ = write!(text, " {part}");
        }
        text.push('\n');
    }
    text
}

fn success_summary(results: &[PartResult], total: Duration) -> String {
    let mut text = String::from("\n");
    // Writing to a String cannot fail.
    for result in results {
        let (name, seconds) = (result.part.to_string(), result.time.as_secs_f64());
        let _ = match result.skipped.as_slice() {
            [] => writeln!(text, "  {name:<19} ok      {seconds:>7.1} s"),
            reasons => writeln!(
                text,
                "  {name:<19} SKIPPED {seconds:>7.1} s  {}",
                reasons.join("; ")
            ),
        };
    }
    let partly = results
        .iter()
        .filter(|result| !result.skipped.is_empty())
        .count();
    let verdict = match partly {
        0 => "all parts passed".to_owned(),
        1 => "no part failed, 1 was skipped at least in part".to_owned(),
        more => format!("no part failed, {more} were skipped at least in part"),
    };
    let _ = writeln!(text, "xtask: {verdict} in {:.1} s", total.as_secs_f64());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_ends_in_the_command_that_repeats_it() {
        let steps = Part::Test.steps(&[]);
        let text = failure_summary(
            Part::Test,
            &steps[0],
            "exit status: 101",
            &[Part::Examples, Part::Doc],
        );
        assert_eq!(
            text,
            "\nxtask: test failed (exit status: 101)\n  repeat: cargo test --workspace --all-features\n  \
             then:   cargo xtask ci examples doc\n"
        );
    }

    #[test]
    fn wrong_format_ends_in_the_command_that_formats() {
        let steps = Part::Fmt.steps(&[]);
        let text = failure_summary(Part::Fmt, &steps[0], "exit status: 1", &[]);
        let options = "-- --config wrap_comments=true,comment_width=100";
        assert_eq!(
            text,
            format!(
                "\nxtask: fmt failed (exit status: 1)\n  repeat: cargo fmt --all --check {options}\n  \
                 format: cargo fmt --all {options}\n"
            )
        );
    }

    #[test]
    fn nothing_follows_the_last_part() {
        let text = failure_summary(Part::Tidy, &Step::Tidy, "problems found", &[]);
        assert_eq!(
            text,
            "\nxtask: tidy failed (problems found)\n  repeat: cargo xtask tidy\n"
        );
    }

    #[test]
    fn success_lists_every_part_with_its_time_and_what_was_skipped() {
        let result = |part, seconds, skipped: &[&str]| PartResult {
            part,
            skipped: skipped.iter().map(|&reason| reason.to_owned()).collect(),
            time: Duration::from_millis(seconds),
        };
        let fmt = result(Part::Fmt, 900, &[]);
        assert_eq!(
            success_summary(&[fmt], Duration::from_millis(900)),
            "\n  fmt                 ok          0.9 s\nxtask: all parts passed in 0.9 s\n"
        );
        let all = [
            result(Part::NoDefaultFeatures, 12_000, &[]),
            result(
                Part::Deny,
                100,
                &["cargo-deny is missing: cargo install it"],
            ),
        ];
        assert_eq!(
            success_summary(&all, Duration::from_millis(12_100)),
            "\n  no-default-features ok         12.0 s\n  deny                SKIPPED     0.1 s  cargo-deny \
             is missing: cargo install it\nxtask: no part failed, 1 was skipped at least in part in 12.1 s\n"
        );
    }
}
