//! `cargo xtask release`: from a green tree to tagged, published crates.
//!
//! What it decides is pure and in the files beside this one: what is odd about the [`state`] of the
//! repository, the next [`version`], the [`changelog`], the [`order`] of publishing, and how a
//! broken-off [`publish`]ing goes on. Every release is rehearsed in a clone, where each published
//! crate is built from its own packaged tarball and the API is compared with the last release. A
//! dry run ends there; a real one then takes over what the rehearsal wrote.

use std::path::{Path, PathBuf};

use crate::api;
use crate::ci::End;
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::program::output;
use crate::workspace::Workspace;

pub(crate) mod changelog;
mod order;
mod publish;
mod state;
mod version;

use crate::release::state::State;
use crate::release::version::Level;

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
    /// Only rehearse: do everything in a clone, and stop before anything here changes or leaves
    /// this machine
    #[arg(long)]
    dry_run: bool,
}

/// What a release changes.
const MANIFEST: &str = "Cargo.toml";
const CHANGELOG: &str = "CHANGELOG.md";
const LOCK: &str = "Cargo.lock";

/// The clone of the rehearsal and what is built in it, below `target`.
const CLONE: &str = "target/release-rehearsal/clone";
const BUILT: &str = "target/release-rehearsal/target";

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
    let done = match prepare(workspace, level, dry_run)? {
        Err(reason) => Err(reason),
        Ok(plan) => match rehearse(workspace, &plan, dry_run)? {
            Err(reason) => Err(reason),
            Ok(()) if dry_run => {
                eprintln!(
                    "release: {} would be tagged, and published in this order:",
                    plan.tag
                );
                eprintln!("  {}", plan.crates.join("\n  "));
                Ok(())
            }
            Ok(()) => release(workspace, &plan)?,
        },
    };
    if let Err(reason) = &done {
        eprintln!("release: {reason}");
    }
    Ok(done.is_ok())
}

/// What will be done.
struct Plan {
    version: semver::Version,
    tag: String,
    crates: Vec<String>,
    manifest: String,
    changelog: String,
    /// Where the repository stood when this was planned.
    state: State,
}

/// What was refused, in words for a person.
type Refusable<T> = Result<T, String>;

/// Looks at everything and changes nothing.
fn prepare(workspace: &Workspace, level: Level, dry_run: bool) -> Result<Refusable<Plan>, Failure> {
    let root = &workspace.root;
    let state = State::read(root)?;
    let manifest = read(root, MANIFEST)?;
    let changelog = read(root, CHANGELOG)?;
    let date = output(root, "date", &["-u", "+%Y-%m-%d"])?.text;
    let plan = || -> Refusable<Plan> {
        let of_manifest = |reason| format!("{MANIFEST}: {reason}");
        let present = version::present(&manifest).map_err(of_manifest)?;
        // Nobody has a version yet that the first release could go beyond.
        let level = state.last_tag().map(|_| level);
        let (version, manifest) = version::bump(&manifest, level).map_err(of_manifest)?;
        if level.is_none() {
            eprintln!(
                "release: no release is tagged yet, so {version} of the manifest is the first"
            );
        }
        if let Some(reason) = state.refusal(&present, &version) {
            return Err(reason);
        }
        match state.misplaced() {
            Some(reason) if dry_run => eprintln!("release: a real one would be refused: {reason}"),
            Some(reason) => return Err(reason),
            None => {}
        }
        Ok(Plan {
            tag: format!("v{version}"),
            crates: order::of(&workspace.crates)?,
            changelog: changelog::close(&changelog, &version.to_string(), date.trim())
                .map_err(|reason| format!("{CHANGELOG}: {reason}"))?,
            version,
            manifest,
            state: state.clone(),
        })
    };
    Ok(plan())
}

/// Does in a clone what the release does: every published crate builds from its own packaged
/// tarball, and the public API is held against the last release. Nothing here changes.
fn rehearse(workspace: &Workspace, plan: &Plan, dry_run: bool) -> Result<Refusable<()>, Failure> {
    let clone = workspace.root.join(CLONE);
    if clone.exists() {
        std::fs::remove_dir_all(&clone).map_err(|source| Failure::Write {
            path: clone.clone(),
            source,
        })?;
    }
    let (from, to) = (
        workspace.root.display().to_string(),
        clone.display().to_string(),
    );
    let cloned = output(&workspace.root, "git", &["clone", "--quiet", &from, &to])?;
    if !cloned.success {
        let reason = cloned.text.trim();
        return Ok(Err(format!("git cannot clone the repository: {reason}")));
    }
    for (name, text) in [(MANIFEST, &plan.manifest), (CHANGELOG, &plan.changelog)] {
        let path = clone.join(name);
        std::fs::write(&path, text).map_err(|source| Failure::Write { path, source })?;
    }
    let selected: Vec<_> = plan
        .crates
        .iter()
        .map(|name| format!("-p {name}"))
        .collect();
    // The clone is ours: what is not committed is what we wrote, the lock file by the first call.
    let package = format!("package --allow-dirty {}", selected.join(" "));
    for call in [
        Invocation::cargo("update --workspace --quiet"),
        Invocation::cargo(&package).with(
            "CARGO_TARGET_DIR",
            workspace.root.join(BUILT).display().to_string(),
        ),
    ] {
        let status = call.run(&clone)?;
        if !status.success() {
            return Ok(Err(format!(
                "the rehearsal failed ({status}); repeat: cd {CLONE} && {call}"
            )));
        }
    }
    // What compares checks out other commits.
    let commit = "-c user.name=rehearsal -c user.email=rehearsal@localhost -c commit.gpgsign=false \
                  commit --quiet --all --message Rehearsal";
    let committed = output(
        &clone,
        "git",
        &commit.split_whitespace().collect::<Vec<_>>(),
    )?;
    if !committed.success {
        let reason = committed.text.trim();
        return Ok(Err(format!("git cannot commit in {CLONE}: {reason}")));
    }
    compare_with_last(workspace, &clone, plan, dry_run)
}

/// The public API against the last release: what the new version does not allow refuses it, what
/// changed is shown.
fn compare_with_last(
    workspace: &Workspace,
    clone: &Path,
    plan: &Plan,
    dry_run: bool,
) -> Result<Refusable<()>, Failure> {
    let Some(tag) = plan.state.last_tag() else {
        eprintln!("release: no release is tagged yet, so there is no API to compare with");
        return Ok(Ok(()));
    };
    for end in [
        api::compare(clone, tag)?,
        api::show_changes(clone, tag, &workspace.crates)?,
    ] {
        let reason = match end {
            End::Passed => continue,
            End::Failed(reason) => return Ok(Err(reason)),
            End::Skipped(reason) => reason,
            End::Missing(tool) => tool.is_missing(),
        };
        if !dry_run {
            return Ok(Err(reason));
        }
        eprintln!("release: SKIPPED a comparison of the API: {reason}");
    }
    Ok(Ok(()))
}

/// The real thing, with the very files of the rehearsal.
fn release(workspace: &Workspace, plan: &Plan) -> Result<Refusable<()>, Failure> {
    let root = &workspace.root;
    if State::read(root)? != plan.state {
        let reason = "the repository changed during the rehearsal; nothing is done here";
        return Ok(Err(reason.to_owned()));
    }
    for name in [MANIFEST, CHANGELOG, LOCK] {
        let path = root.join(name);
        std::fs::copy(root.join(CLONE).join(name), &path)
            .map_err(|source| Failure::Write { path, source })?;
    }
    let message = format!("Release {}", plan.version);
    for arguments in [
        &["commit", "--all", "--message", &message][..],
        &["tag", "--annotate", &plan.tag, "--message", &message],
    ] {
        let done = output(root, "git", arguments)?;
        if !done.success {
            return Ok(Err(format!(
                "git {} failed, and nothing is published: {}",
                arguments[0],
                done.text.trim()
            )));
        }
    }
    publish_all(root, plan)
}

/// crates.io, by cargo.
struct CratesIo<'a> {
    root: &'a Path,
    version: &'a semver::Version,
}

impl publish::Registry for CratesIo<'_> {
    type Error = Failure;

    fn has(&self, name: &str) -> Result<bool, Failure> {
        let known = format!("{name}@{}", self.version);
        let arguments = ["info", "--quiet", "--registry", "crates-io", &known];
        Ok(output(self.root, "cargo", &arguments)?.success)
    }

    fn publish(&mut self, name: &str) -> Result<bool, Failure> {
        let call = Invocation::cargo(&format!("publish -p {name}"));
        Ok(call.run(self.root)?.success())
    }
}

fn publish_all(root: &Path, plan: &Plan) -> Result<Refusable<()>, Failure> {
    let mut registry = CratesIo {
        root,
        version: &plan.version,
    };
    if let Err(name) = publish::missing(&plan.crates, &mut registry)? {
        return Ok(Err(format!(
            "{name} was not published; go on with: cargo xtask release resume"
        )));
    }
    eprintln!(
        "release: {} is out; push it: git push --follow-tags",
        plan.tag
    );
    Ok(Ok(()))
}

/// Publishes what a broken-off release of the present version left out.
fn resume(workspace: &Workspace) -> Result<bool, Failure> {
    let root = &workspace.root;
    let manifest = read(root, MANIFEST)?;
    let here = output(root, "git", &["tag", "--points-at", "HEAD"])?.text;
    let plan = || -> Refusable<Plan> {
        let version = version::present(&manifest)?;
        let tag = format!("v{version}");
        if !here.lines().any(|line| line == tag) {
            return Err(format!(
                "HEAD is not tagged {tag}; there is no release to go on with"
            ));
        }
        Ok(Plan {
            version,
            tag,
            crates: order::of(&workspace.crates)?,
            manifest: String::new(),
            changelog: String::new(),
            state: State::default(),
        })
    };
    let done = match plan() {
        Ok(plan) => publish_all(root, &plan)?,
        Err(reason) => Err(reason),
    };
    if let Err(reason) = &done {
        eprintln!("release: {reason}");
    }
    Ok(done.is_ok())
}

fn read(root: &Path, name: &str) -> Result<String, Failure> {
    let path: PathBuf = root.join(name);
    std::fs::read_to_string(&path).map_err(|source| Failure::Read { path, source })
}
