//! `cargo xtask release`: from a green tree to tagged, published crates.
//!
//! The decisions are pure and in the files beside this one: whether the [`state`] of the repository
//! allows a release, the next [`version`], the [`changelog`]. Every release is rehearsed in a
//! clone, where each published crate is built from its own packaged tarball and the API is compared
//! with the last release. A dry run ends there. A real run then runs CI in the clone, copies the
//! files that the rehearsal wrote, pushes the tag, and publishes.

use std::path::Path;

use crate::api;
use crate::ci::End;
use crate::dist;
use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::program::output;
use crate::workspace::{Crate, Workspace};
use fs_err as fs;

pub(crate) mod changelog;
mod mentions;
mod registry;
mod state;
mod version;

use crate::release::registry::Published;
use crate::release::state::State;
use crate::release::version::Level;

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Release: no user-visible change
    Patch(Arguments),
    /// Release: additions; before 1.0 also breaking changes
    Minor(Arguments),
    /// Release: breaking changes
    Major(Arguments),
    /// Publish the crates that an interrupted release did not publish
    Resume,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only rehearse in a clone; change, tag and publish nothing
    #[arg(long)]
    dry_run: bool,
}

/// What a release changes.
const MANIFEST: &str = "Cargo.toml";
const CHANGELOG: &str = "CHANGELOG.md";
const LOCK: &str = "Cargo.lock";

/// The folders of the rehearsal's clone and of its build, below `target`.
const CLONE: &str = "target/release-rehearsal/clone";
const BUILT: &str = "target/release-rehearsal/target";
/// The folder of a package that makes cargo ask crates.io.
const ASKED: &str = "target/release-rehearsal/asked";

/// Releases the workspace. `false` when it was refused; the reason is on standard error.
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
    for tool in dist::TOOLS {
        tool.require(&workspace.root)?;
    }
    let done = match prepare(workspace, level, dry_run)? {
        Err(reason) => Err(reason),
        Ok(plan) => match rehearse(workspace, &plan, dry_run)? {
            Err(reason) => Err(reason),
            Ok(()) if dry_run => {
                eprintln!(
                    "release: {} would be tagged, and these crates published:",
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

/// A planned release.
struct Plan {
    version: semver::Version,
    tag: String,
    crates: Vec<String>,
    manifest: String,
    changelog: String,
    /// The pages that name the version, with the new one.
    pages: Vec<(&'static str, String)>,
    /// The state of the repository when this was planned.
    state: State,
}

/// A result, or the reason of a refusal as a message for the user.
type Refusable<T> = Result<T, String>;

/// Plans a release and changes nothing.
fn prepare(workspace: &Workspace, level: Level, dry_run: bool) -> Result<Refusable<Plan>, Failure> {
    let root = &workspace.root;
    let state = State::read(root)?;
    let manifest = fs::read_to_string(root.join(MANIFEST))?;
    let changelog = fs::read_to_string(root.join(CHANGELOG))?;
    let mut pages = Vec::new();
    for page in mentions::PAGES {
        pages.push((page, fs::read_to_string(root.join(page))?));
    }
    let date = output(root, "date", &["-u", "+%Y-%m-%d"])?.text;
    let plan = || -> Refusable<Plan> {
        let of_manifest = |reason| format!("{MANIFEST}: {reason}");
        let present = version::present(&manifest).map_err(of_manifest)?;
        // The first release has the version of the manifest.
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
            Some(reason) if dry_run => {
                eprintln!("release: without --dry-run this would be refused: {reason}");
            }
            Some(reason) => return Err(reason),
            None => {}
        }
        Ok(Plan {
            tag: format!("v{version}"),
            crates: published(&workspace.crates),
            changelog: changelog::close(&changelog, &version.to_string(), date.trim())
                .map_err(|reason| format!("{CHANGELOG}: {reason}"))?,
            pages: pages
                .iter()
                .map(|(page, text)| (*page, mentions::update(text, &present, &version)))
                .collect(),
            version,
            manifest,
            state: state.clone(),
        })
    };
    Ok(plan())
}

/// Rehearses the release in a clone: builds every published crate from its packaged tarball, and
/// compares the public API with the last release. The repository does not change.
fn rehearse(workspace: &Workspace, plan: &Plan, dry_run: bool) -> Result<Refusable<()>, Failure> {
    let clone = workspace.root.join(CLONE);
    if clone.exists() {
        fs::remove_dir_all(&clone)?;
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
    let files = [(MANIFEST, &plan.manifest), (CHANGELOG, &plan.changelog)];
    let pages = plan.pages.iter().map(|(name, text)| (*name, text));
    for (name, text) in files.into_iter().chain(pages) {
        let path = clone.join(name);
        fs::write(&path, text)?;
    }
    // The uncommitted files of the clone were written above; the first call writes the lock file.
    let package = format!("package --allow-dirty {}", selection(&plan.crates));
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
    // The comparison checks out other commits.
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

/// Compares the public API with the last release: refuses changes that the new version does not
/// allow, and prints all changes.
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

/// Runs CI on the rehearsed release, then commits and tags it, pushes, and publishes.
fn release(workspace: &Workspace, plan: &Plan) -> Result<Refusable<()>, Failure> {
    let root = &workspace.root;
    let ci = Invocation::cargo("xtask ci").with("CI", "true");
    if !ci.run(&root.join(CLONE))?.success() {
        let reason = format!("CI failed, and nothing is released; repeat: cd {CLONE} && {ci}");
        return Ok(Err(reason));
    }
    if State::read(root)? != plan.state {
        let reason = "the repository changed during the rehearsal; nothing is released";
        return Ok(Err(reason.to_owned()));
    }
    for name in [MANIFEST, CHANGELOG, LOCK]
        .into_iter()
        .chain(mentions::PAGES)
    {
        let path = root.join(name);
        fs::copy(root.join(CLONE).join(name), &path)?;
    }
    let message = format!("Release {}", plan.version);
    let key = output(root, "git", &["config", "user.signingkey"])?;
    let is_signed = key.success && !key.text.trim().is_empty();
    if !is_signed {
        eprintln!("release: git has no user.signingkey, so the tag is not signed");
    }
    let kind = if is_signed { "--sign" } else { "--annotate" };
    for arguments in [
        &["commit", "--all", "--message", &message][..],
        &["tag", kind, &plan.tag, "--message", &message],
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
    publish(root, plan)
}

/// Publishes the commit that is checked out, which has the tag. The tag is public before a crate
/// is, so each published crate has a commit that everybody can read.
fn publish(root: &Path, plan: &Plan) -> Result<Refusable<()>, Failure> {
    const RESUME: &str = "continue with: cargo xtask release resume";
    let Some((remote, branch)) = plan.state.upstream() else {
        return Ok(Err(state::NO_UPSTREAM.to_owned()));
    };
    let (branch, tag) = (
        format!("HEAD:refs/heads/{branch}"),
        format!("refs/tags/{}", plan.tag),
    );
    let pushed = output(root, "git", &["push", "--atomic", remote, &branch, &tag])?;
    if !pushed.success {
        let words = pushed.text.trim();
        return Ok(Err(format!(
            "git cannot push {}: {words}; {RESUME}",
            plan.tag
        )));
    }
    let sums = match registry::package(root, &root.join(BUILT), &plan.crates, &plan.version)? {
        Ok(sums) => sums,
        Err(reason) => return Ok(Err(format!("{reason}; then {RESUME}"))),
    };
    let missing = match unpublished(root, plan, &sums)? {
        Ok(missing) => missing,
        Err(reason) => return Ok(Err(reason)),
    };
    if !missing.is_empty() {
        let call = Invocation::cargo(&format!("publish --locked {}", selection(&missing)));
        if !call.run(root)?.success() {
            return Ok(Err(format!("not every crate was published; {RESUME}")));
        }
    }
    match unpublished(root, plan, &sums)? {
        Ok(missing) if missing.is_empty() => {}
        Ok(missing) => {
            let missing = missing.join(", ");
            return Ok(Err(format!(
                "crates.io does not show {missing} yet; {RESUME}"
            )));
        }
        Err(reason) => return Ok(Err(reason)),
    }
    eprintln!("release: {} is published", plan.tag);
    Ok(Ok(()))
}

/// The crates that crates.io does not have. A crate counts as published only when it is the one of
/// this commit, by its checksum.
fn unpublished(
    root: &Path,
    plan: &Plan,
    sums: &[String],
) -> Result<Refusable<Vec<String>>, Failure> {
    let mut missing = Vec::new();
    for (name, here) in plan.crates.iter().zip(sums) {
        match registry::compare(&root.join(ASKED), name, &plan.version, here)? {
            Err(reason) => return Ok(Err(reason)),
            Ok(Published::Not) => missing.push(name.clone()),
            Ok(Published::Same) => eprintln!("release: {name} is published"),
            Ok(Published::Other(there)) => {
                return Ok(Err(format!(
                    "{name} {} on crates.io is not the crate of this commit: its SHA-256 is {there}, here \
                     {here}. Look at its owners: cargo owner --list {name}",
                    plan.version
                )));
            }
        }
    }
    Ok(Ok(missing))
}

/// The published crates.
fn published(crates: &[Crate]) -> Vec<String> {
    let published = crates.iter().filter(|krate| krate.published);
    published.map(|krate| krate.name.clone()).collect()
}

/// Options of cargo that select these crates.
fn selection(crates: &[String]) -> String {
    let options: Vec<_> = crates.iter().map(|name| format!("-p {name}")).collect();
    options.join(" ")
}

/// Publishes the crates of the present version that the registry does not have.
fn resume(workspace: &Workspace) -> Result<bool, Failure> {
    let root = &workspace.root;
    let manifest = fs::read_to_string(root.join(MANIFEST))?;
    let here = output(root, "git", &["tag", "--points-at", "HEAD"])?.text;
    let state = State::read(root)?;
    let plan = || -> Refusable<Plan> {
        let version = version::present(&manifest)?;
        let tag = format!("v{version}");
        if !here.lines().any(|line| line == tag) {
            return Err(format!(
                "HEAD is not tagged {tag}; there is no release to continue"
            ));
        }
        if let Some(reason) = state.unclean() {
            return Err(reason);
        }
        Ok(Plan {
            version,
            tag,
            crates: published(&workspace.crates),
            manifest: String::new(),
            changelog: String::new(),
            pages: Vec::new(),
            state: state.clone(),
        })
    };
    let done = match plan() {
        Ok(plan) => publish(root, &plan)?,
        Err(reason) => Err(reason),
    };
    if let Err(reason) = &done {
        eprintln!("release: {reason}");
    }
    Ok(done.is_ok())
}
