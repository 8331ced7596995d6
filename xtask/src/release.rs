//! `cargo xtask release`: from a green tree to tagged, published crates.
//!
//! What it decides is pure and in the files beside this one: the next [`version`], the [`changelog`], the [`order`]
//! of publishing. This file looks, runs programs, and refuses on anything odd. A dry run does the same work in a copy
//! of the repository and stops where the outside world begins.

use std::path::{Path, PathBuf};

use crate::api;
use crate::ci::End;
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::program::output;
use crate::workspace::Workspace;

mod changelog;
mod order;
mod version;

use version::Level;

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Release: nothing that anybody has to know of
    Patch(Arguments),
    /// Release: something new; before 1.0 also something broken
    Minor(Arguments),
    /// Release: something broken
    Major(Arguments),
    /// Publish what a release that broke off left out
    Resume,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Do everything in a copy, and stop before anything leaves this machine
    #[arg(long)]
    dry_run: bool,
}

/// The files that a release changes.
const MANIFEST: &str = "Cargo.toml";
const CHANGELOG: &str = "CHANGELOG.md";

/// Releases the workspace. `false` when something was refused; the reason is on standard error.
///
/// # Errors
/// When a program cannot be started or a file cannot be read or written.
pub(crate) fn run(workspace: &Workspace, command: &Command) -> Result<bool, Failure> {
    let (level, dry_run) = match command {
        Command::Patch(arguments) => (Level::Patch, arguments.dry_run),
        Command::Minor(arguments) => (Level::Minor, arguments.dry_run),
        Command::Major(arguments) => (Level::Major, arguments.dry_run),
        Command::Resume => return resume(workspace),
    };
    match prepare(workspace, level, dry_run)? {
        Err(reason) => {
            eprintln!("release: {reason}");
            Ok(false)
        }
        Ok(plan) if dry_run => rehearse(workspace, &plan),
        Ok(plan) => release(workspace, &plan),
    }
}

/// What will be done.
struct Plan {
    version: semver::Version,
    tag: String,
    crates: Vec<String>,
    manifest: String,
    changelog: String,
}

/// Looks at everything and changes nothing. The inner error is a refusal.
fn prepare(
    workspace: &Workspace,
    level: Level,
    dry_run: bool,
) -> Result<Result<Plan, String>, Failure> {
    let root = &workspace.root;
    let manifest = read(root, MANIFEST)?;
    let changelog = read(root, CHANGELOG)?;
    let crates = match order::of(&workspace.crates) {
        Ok(crates) => crates,
        Err(reason) => return Ok(Err(reason)),
    };
    let bumped = version::bump(&manifest, level);
    let (version, manifest) = match bumped {
        Ok(bumped) => bumped,
        Err(reason) => return Ok(Err(format!("{MANIFEST}: {reason}"))),
    };
    let tag = format!("v{version}");
    let date = output(root, "date", &["-u", "+%Y-%m-%d"])?.text;
    let changelog = match changelog::close(&changelog, &version.to_string(), date.trim()) {
        Ok(changelog) => changelog,
        Err(reason) => return Ok(Err(format!("{CHANGELOG}: {reason}"))),
    };
    let dirty = output(root, "git", &["status", "--porcelain"])?.text;
    if !dirty.is_empty() {
        let first = dirty.lines().next().unwrap_or_default();
        return Ok(Err(format!("the tree is not clean: {}", first.trim())));
    }
    if !output(root, "git", &["tag", "--list", &tag])?
        .text
        .is_empty()
    {
        return Ok(Err(format!("the tag {tag} is there already")));
    }
    if let Err(reason) = compare_with_last(workspace, dry_run)? {
        return Ok(Err(reason));
    }
    Ok(Ok(Plan {
        version,
        tag,
        crates,
        manifest,
        changelog,
    }))
}

/// The public API against the last release: what broke refuses a release, what changed is shown.
fn compare_with_last(workspace: &Workspace, dry_run: bool) -> Result<Result<(), String>, Failure> {
    for end in [
        api::compare(&workspace.root)?,
        api::show_changes(&workspace.root, &workspace.crates)?,
    ] {
        let (reason, may_pass) = match end {
            End::Passed => continue,
            End::Skipped(reason) => (reason, dry_run),
            End::Missing(tool) => (tool.is_missing(), dry_run),
            End::Failed(reason) => (reason, false),
        };
        if !may_pass {
            return Ok(Err(reason));
        }
        eprintln!("release: SKIPPED an API comparison: {reason}");
    }
    Ok(Ok(()))
}

/// Does it in a clone: every published crate builds from its own packaged tarball. Nothing here changes.
fn rehearse(workspace: &Workspace, plan: &Plan) -> Result<bool, Failure> {
    let clone = workspace.root.join("target/release-rehearsal");
    if clone.exists() {
        std::fs::remove_dir_all(&clone).map_err(|source| Failure::Write {
            path: clone.clone(),
            source,
        })?;
    }
    let from = workspace.root.display().to_string();
    let to = clone.display().to_string();
    let cloned = output(&workspace.root, "git", &["clone", "--quiet", &from, &to])?;
    if !cloned.success {
        eprintln!(
            "release: git cannot clone the repository: {}",
            cloned.text.trim()
        );
        return Ok(false);
    }
    write(&clone, plan)?;
    let packaged = package(plan).run(&clone)?.success();
    if packaged {
        eprintln!(
            "release: {} would be tagged and these would be published, in this order:\n  {}",
            plan.tag,
            plan.crates.join("\n  ")
        );
    }
    Ok(packaged)
}

fn package(plan: &Plan) -> Invocation {
    let selected: Vec<_> = plan
        .crates
        .iter()
        .map(|name| format!("-p {name}"))
        .collect();
    // The version is new and the clone is ours: what is not committed is what we wrote.
    Invocation::cargo(&format!("package --allow-dirty {}", selected.join(" ")))
}

/// The real thing. A crate that is on the registry already is left out, so that a broken-off release goes on.
fn release(workspace: &Workspace, plan: &Plan) -> Result<bool, Failure> {
    let root = &workspace.root;
    write(root, plan)?;
    if !Invocation::cargo("update --workspace --offline")
        .run(root)?
        .success()
        || !package(plan).run(root)?.success()
    {
        eprintln!("release: nothing is published; `git checkout .` undoes what was written");
        return Ok(false);
    }
    let message = format!("Release {}", plan.version);
    for arguments in [
        &["commit", "--all", "--message", &message][..],
        &["tag", "--annotate", &plan.tag, "--message", &message],
    ] {
        let done = output(root, "git", arguments)?;
        if !done.success {
            eprintln!("release: git {} failed: {}", arguments[0], done.text.trim());
            return Ok(false);
        }
    }
    publish(root, plan)
}

fn publish(root: &Path, plan: &Plan) -> Result<bool, Failure> {
    for name in &plan.crates {
        let known = format!("{name}@{}", plan.version);
        if output(
            root,
            "cargo",
            &["info", "--quiet", "--registry", "crates-io", &known],
        )?
        .success
        {
            eprintln!("release: {known} is published already");
            continue;
        }
        let call = Invocation::cargo(&format!("publish -p {name}"));
        if !call.run(root)?.success() {
            eprintln!("release: {name} was not published; go on with: cargo xtask release resume");
            return Ok(false);
        }
    }
    eprintln!(
        "release: {} is out; push the tag: git push --follow-tags",
        plan.tag
    );
    Ok(true)
}

/// Publishes what a broken-off release of the present version left out.
fn resume(workspace: &Workspace) -> Result<bool, Failure> {
    let manifest = read(&workspace.root, MANIFEST)?;
    let (version, crates) = match (version::present(&manifest), order::of(&workspace.crates)) {
        (Ok(version), Ok(crates)) => (version, crates),
        (Err(reason), _) | (_, Err(reason)) => {
            eprintln!("release: {reason}");
            return Ok(false);
        }
    };
    let tag = format!("v{version}");
    let here = output(&workspace.root, "git", &["tag", "--points-at", "HEAD"])?.text;
    if !here.lines().any(|line| line == tag) {
        eprintln!("release: HEAD is not tagged {tag}; there is no release to go on with");
        return Ok(false);
    }
    let plan = Plan {
        version,
        tag,
        crates,
        manifest,
        changelog: String::new(),
    };
    publish(&workspace.root, &plan)
}

fn write(root: &Path, plan: &Plan) -> Result<(), Failure> {
    for (name, text) in [(MANIFEST, &plan.manifest), (CHANGELOG, &plan.changelog)] {
        let path = root.join(name);
        std::fs::write(&path, text).map_err(|source| Failure::Write { path, source })?;
    }
    Ok(())
}

fn read(root: &Path, name: &str) -> Result<String, Failure> {
    let path: PathBuf = root.join(name);
    std::fs::read_to_string(&path).map_err(|source| Failure::Read { path, source })
}
