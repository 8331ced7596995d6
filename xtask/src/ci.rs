//! Runs the parts of CI.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::interop;
use crate::part::{Part, Step};
use crate::tidy;
use crate::workspace::Workspace;

/// Runs these parts, or all when none is named, and stops at the first that fails.
/// `false` when one failed.
///
/// # Errors
/// When a program cannot be started or the repository cannot be read.
pub(crate) fn run(workspace: &Workspace, parts: &[Part]) -> Result<bool, Failure> {
    let parts = if parts.is_empty() { &Part::ALL } else { parts };
    let started = Instant::now();
    let mut times = Vec::new();
    for (index, &part) in parts.iter().enumerate() {
        let part_started = Instant::now();
        for step in part.steps(&workspace.crates) {
            eprintln!("── {part}: {step}");
            let end = match &step {
                Step::Tidy if tidy::run(workspace)? => None,
                Step::Tidy => Some("problems found".to_owned()),
                Step::Interop if interop::run(workspace, &interop::Command::check_clients())? => {
                    None
                }
                Step::Interop => Some("a client did not do what it should".to_owned()),
                Step::Cargo(invocation) => {
                    let status = invocation.run(&workspace.root)?;
                    (!status.success()).then(|| status.to_string())
                }
            };
            if let Some(end) = end {
                eprint!(
                    "{}",
                    account_of_failure(part, &step, &end, &parts[index + 1..])
                );
                return Ok(false);
            }
        }
        times.push((part, part_started.elapsed()));
    }
    eprint!("{}", account_of_success(&times, started.elapsed()));
    Ok(true)
}

/// What failed, how to repeat just that, and how to go on after it is mended.
fn account_of_failure(part: Part, step: &Step, end: &str, rest: &[Part]) -> String {
    let mut text = format!("\nxtask: {part} failed ({end})\n  repeat: {step}\n");
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

fn account_of_success(times: &[(Part, Duration)], total: Duration) -> String {
    let mut text = String::from("\n");
    for (part, time) in times {
        let _ = writeln!(
            text,
            "  {:<9} ok {:>7.1} s",
            part.to_string(),
            time.as_secs_f64()
        );
    }
    let _ = writeln!(
        text,
        "xtask: all parts passed in {:.1} s",
        total.as_secs_f64()
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_ends_in_the_command_that_repeats_it() {
        let steps = Part::Test.steps(&[]);
        let text = account_of_failure(
            Part::Test,
            &steps[0],
            "exit status: 101",
            &[Part::Features, Part::Doc],
        );
        assert_eq!(
            text,
            "\nxtask: test failed (exit status: 101)\n  repeat: cargo test --workspace\n  \
             then:   cargo xtask ci features doc\n"
        );
    }

    #[test]
    fn nothing_follows_the_last_part() {
        let text = account_of_failure(Part::Tidy, &Step::Tidy, "problems found", &[]);
        assert_eq!(
            text,
            "\nxtask: tidy failed (problems found)\n  repeat: cargo xtask tidy\n"
        );
    }

    #[test]
    fn success_lists_every_part_with_its_time() {
        let text = account_of_success(
            &[
                (Part::Fmt, Duration::from_millis(900)),
                (Part::Doc, Duration::from_secs(12)),
            ],
            Duration::from_millis(12_900),
        );
        assert_eq!(
            text,
            "\n  fmt       ok     0.9 s\n  doc       ok    12.0 s\n\
             xtask: all parts passed in 12.9 s\n"
        );
    }
}
