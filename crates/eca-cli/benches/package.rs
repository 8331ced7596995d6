//! `eca package` of 1,000 apps (4,000 files), beside `sf project convert source` on the same
//! folder.
//!
//! `cargo bench -p eca-cli --bench package` prints both times and their ratio, and the peak memory
//! of `eca`. It fails when `eca` takes more than 1/60 of the time of `sf` or more than 60 MB. The
//! Salesforce CLI is started as `$SF_NODE $SF_RUN`, a Node.js and the CLI's `run.js`; without these
//! variables only `eca` runs. `cargo xtask ci bench` installs the CLI and sets them.

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::child::Run;

#[path = "../../eca-model/benches/apps/mod.rs"]
mod apps;
mod child;

const APPS: usize = 1_000;
/// Runs of each; the fastest counts, since everything else on the machine only adds time.
const RUNS: usize = 10;
const RATIO: f64 = 60.0;
const MEGABYTES: f64 = 60.0;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    write_project(folder.path())?;

    let mut fine = true;
    let package = |number: usize| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eca"));
        command.args(["package", "--quiet", "--output"]);
        command.arg(folder.path().join(format!("package{number}.zip")));
        command.current_dir(folder.path()).stdout(Stdio::null());
        command
    };
    let mut eca = Duration::MAX;
    for number in 0..RUNS {
        eca = eca.min(time(&mut package(number))?);
    }
    // Apart from the time: looking at a process slows it down.
    let memory = Run::new(&mut package(RUNS))?.peak;
    println!("eca package of {APPS} apps ({} files): {eca:.1?}", 4 * APPS);
    if memory > 0 {
        let megabytes = f64::from(memory) / 1e3;
        println!("peak memory of eca: {megabytes:.1} MB (at most {MEGABYTES} MB)");
        fine &= megabytes <= MEGABYTES;
    }
    if let (Some(node), Some(program)) = (std::env::var_os("SF_NODE"), std::env::var_os("SF_RUN")) {
        let sf = salesforce_cli(folder.path(), &node, &program)?;
        let ratio = sf.as_secs_f64() / eca.as_secs_f64();
        println!("sf project convert source: {sf:.1?}");
        println!("sf / eca = {ratio:.0} (at least {RATIO})");
        fine &= ratio >= RATIO;
    } else {
        println!("sf project convert source: not measured, SF_NODE and SF_RUN are not set");
    }
    Ok(if fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn salesforce_cli(
    folder: &Path,
    node: &OsString,
    program: &OsString,
) -> Result<Duration, Box<dyn Error>> {
    let mut fastest = Duration::MAX;
    for number in 0..3 {
        let mut command = Command::new(node);
        command
            .arg(program)
            .args(["project", "convert", "source", "--output-dir"])
            .arg(folder.join(format!("converted{number}")))
            .current_dir(folder)
            .env("HOME", folder)
            .env("SF_DISABLE_TELEMETRY", "true")
            .env("SF_AUTOUPDATE_DISABLE", "true")
            .env("SF_SKIP_NEW_VERSION_CHECK", "true")
            .env("SF_DISABLE_LOG_FILE", "true")
            .stdout(Stdio::null());
        let run = Run::new(&mut command)?;
        succeeded(&command, run.status)?;
        fastest = fastest.min(run.time);
    }
    Ok(fastest)
}

/// The wall-clock time of a command that must succeed.
fn time(command: &mut Command) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    let status = command.stdin(Stdio::null()).status()?;
    let time = start.elapsed();
    succeeded(command, status)?;
    Ok(time)
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<(), Box<dyn Error>> {
    if status.success() {
        return Ok(());
    }
    Err(format!("{command:?} ended with {status}").into())
}

fn write_project(folder: &Path) -> std::io::Result<()> {
    std::fs::write(
        folder.join("sfdx-project.json"),
        r#"{"packageDirectories": [{"path": "force-app", "default": true}], "sourceApiVersion": "66.0"}"#,
    )?;
    for app in 0..APPS {
        let files = apps::files_of(1, app);
        for (path, content) in files.filter(|(path, _)| !path.contains(".ecaPlcy")) {
            let file = folder.join("force-app/main/default").join(path);
            std::fs::create_dir_all(file.parent().unwrap_or(folder))?;
            std::fs::write(file, content)?;
        }
    }
    Ok(())
}
