//! The cost of `eca lint` for a small project from a cold start, as in a git hook or an editor.
//!
//! `cargo bench -p eca-cli` prints the processor time (user and system) and the wall-clock time,
//! each the mean of many runs. It fails when a run takes more than 15 ms of
//! processor time. The time comes from `/proc` (Linux); elsewhere only the clock is shown.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

const RUNS: u32 = 100;
const MOST: Duration = Duration::from_millis(15);

fn main() -> ExitCode {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/storefront");
    let copy = std::env::temp_dir().join(format!("eca-cold-start-{}", std::process::id()));
    let measured = copy_folder(&example, &copy).and_then(|()| {
        // In a repository, `eca` also runs git.
        Ok([
            ("outside of a repository", measure(&copy)?),
            ("inside of one", measure(&example)?),
        ])
    });
    // A leftover in the temporary folder is harmless.
    let _ = std::fs::remove_dir_all(&copy);
    let measured = match measured {
        Ok(measured) => measured,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("eca lint of {}, mean of {RUNS} runs", example.display());
    let mut fine = true;
    for (what, (clock, processor)) in measured {
        match processor {
            Some(processor) => println!(
                "{what:24} processor {processor:>8.1?} (at most {MOST:?}), clock {clock:>8.1?}"
            ),
            None => println!("{what:24} clock {clock:>8.1?}"),
        }
        fine &= processor.is_none_or(|processor| processor <= MOST);
    }
    if fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The wall-clock time and processor time of one run.
fn measure(folder: &Path) -> std::io::Result<(Duration, Option<Duration>)> {
    let before = children();
    let start = Instant::now();
    for _ in 0..RUNS {
        let status = Command::new(env!("CARGO_BIN_EXE_eca"))
            .args(["lint", "--quiet"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()?;
        // The example has a finding: its certificate is to be registered.
        assert_eq!(status.code(), Some(1), "the example has a finding");
    }
    let clock = start.elapsed() / RUNS;
    let processor = children()
        .zip(before)
        .map(|(now, then)| now.saturating_sub(then) / RUNS);
    Ok((clock, processor))
}

/// The processor time of all ended child processes and their children: `cutime` and `cstime` of
/// proc(5), in hundredths of a second.
fn children() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name, in parentheses, may contain spaces.
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Duration::from_millis(10 * (ticks(13)? + ticks(14)?)))
}

fn copy_folder(from: &Path, to: &PathBuf) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
