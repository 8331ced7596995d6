//! `cargo xtask torture`: hostile input, or bad weather, for as long as it is told.
//!
//! Half of the time goes to the random cases of `tests/tests/torture`, which `cargo test` runs for
//! a fixed number of rounds. The other half goes to the fuzz targets, which need `cargo-fuzz`.

use std::path::Path;

use clap::Args;
use fs_err as fs;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;

use crate::ci::tool;

/// Where each crate keeps its fuzz targets.
const FUZZ: &str = "fuzz";
const TARGETS: &str = "fuzz/fuzz_targets";

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Subject {
    /// Hostile input, for the program and every crate that reads foreign bytes
    Input,
    /// Commands of the program over a bad network, and killed
    Weather,
}

/// What, for how long, and from where.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// What is tried
    #[arg(value_enum, default_value_t = Subject::Input)]
    subject: Subject,
    /// How long it runs in all
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: u64,
    /// The seed of the random cases; the same seed makes the same cases
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the cases and the fuzz targets; `false` when something broke.
///
/// # Errors
/// When cargo cannot be started or a folder cannot be read.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool, Failure> {
    let root = &workspace.root;
    if arguments.subject == Subject::Weather {
        return weather(root, arguments);
    }
    let targets = targets(workspace)?;
    let can_fuzz = tool::FUZZ.is_installed(root);
    let minutes = if can_fuzz {
        arguments.minutes.div_ceil(2)
    } else {
        arguments.minutes
    };
    let cases = Invocation::cargo("test --workspace --all-features --test torture")
        .with("ECA_TORTURE_MINUTES", minutes.to_string())
        .with("ECA_TORTURE_SEED", arguments.seed.to_string());
    if !cases.run(root)?.success() {
        eprintln!("torture: repeat: {cases}");
        return Ok(false);
    }
    if !can_fuzz {
        eprintln!(
            "torture: SKIPPED the fuzz targets: {}",
            tool::FUZZ.is_missing()
        );
        return Ok(true);
    }
    let seconds = (60 * (arguments.minutes - minutes) / targets.len().max(1) as u64).max(1);
    for (folder, target) in &targets {
        let fuzz = format!(
            "fuzz run {target} -- -max_total_time={seconds} -seed={} -print_final_stats=1",
            arguments.seed
        );
        // The sanitizer's flags are those of a nightly compiler.
        let fuzz = Invocation::cargo(&fuzz).with("RUSTC_BOOTSTRAP", "1");
        if !fuzz.run(&root.join(folder))?.success() {
            eprintln!("torture: repeat: cd {folder} && {fuzz}");
            return Ok(false);
        }
    }
    eprintln!(
        "torture: {} fuzz targets, {seconds} s each, nothing broke",
        targets.len()
    );
    Ok(true)
}

/// The deploys of `crates/eca-deploy/tests/it/weather` without a network, then the program of
/// `tests/tests/weather` over sockets.
fn weather(root: &Path, arguments: &Arguments) -> Result<bool, Failure> {
    const SEEDS: u32 = 4000;
    let deploys = Invocation::cargo("test -p eca-deploy --all-features --test it -- weather")
        .with("ECA_WEATHER_SEEDS", SEEDS.to_string());
    let program = Invocation::cargo("test --workspace --all-features --test weather")
        .with("ECA_TORTURE_MINUTES", arguments.minutes.to_string())
        .with("ECA_TORTURE_SEED", arguments.seed.to_string());
    for run in [deploys, program] {
        if !run.run(root)?.success() {
            eprintln!("torture: repeat: {run}");
            return Ok(false);
        }
    }
    Ok(true)
}

/// The fuzz targets, each with the folder of its manifest relative to the root.
fn targets(workspace: &Workspace) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Vec::new();
    for krate in &workspace.crates {
        let folder = Path::new(&krate.manifest).parent().unwrap_or(Path::new(""));
        let targets = workspace.root.join(folder).join(TARGETS);
        if !targets.is_dir() {
            continue;
        }
        for entry in fs::read_dir(targets)? {
            let path = entry?.path();
            if let Some(name) = path.file_stem() {
                let name = name.to_string_lossy().into_owned();
                found.push((folder.join(FUZZ).display().to_string(), name));
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fuzz_target_is_found() {
        let workspace = Workspace::read().unwrap();
        let found = targets(&workspace).unwrap();
        let manifests = found.iter().map(|(folder, target)| {
            let manifest = workspace.root.join(folder).join("Cargo.toml");
            (fs::read_to_string(manifest).unwrap(), target)
        });
        for (manifest, target) in manifests {
            assert!(
                manifest.contains(&format!("name = \"{target}\"")),
                "{target}"
            );
        }
        assert!(found.len() >= 6, "{found:?}");
    }
}
