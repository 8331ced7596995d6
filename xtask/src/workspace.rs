//! The workspace as `cargo metadata` describes it.

use std::path::PathBuf;

use cargo_metadata::{DependencyKind, MetadataCommand, Package, Target};
use semver::VersionReq;

use crate::failure::Failure;

/// The workspace: its folder and its crates.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the root manifest.
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    /// The URL of the repository; empty when no manifest has one.
    pub(crate) repository: String,
    /// The members, sorted by name.
    pub(crate) crates: Vec<Crate>,
}

/// One member of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Crate {
    /// The package's name.
    pub(crate) name: String,
    /// Its manifest, relative to the root, with `/`.
    pub(crate) manifest: String,
    /// Whether other crates can link it (a library or a macro crate), and it is meant for others.
    pub(crate) library: bool,
    /// Whether it goes to the registry.
    pub(crate) published: bool,
    /// Its features without `default`, sorted.
    pub(crate) features: Vec<String>,
    /// Its benchmarks.
    pub(crate) benches: Vec<String>,
    /// Its examples.
    pub(crate) examples: Vec<String>,
    /// Its dependencies on other members.
    pub(crate) arrows: Vec<Arrow>,
}

/// A dependency of one member on another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrow {
    /// The member that the other one needs.
    pub(crate) to: String,
    /// The purpose of the dependency.
    pub(crate) kind: ArrowKind,
}

/// The purpose of a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArrowKind {
    /// `[dependencies]` and `[build-dependencies]`: it reaches users.
    Normal,
    /// `[dev-dependencies]`: tests and examples only.
    Development,
    /// The same by path alone, without a version: cargo leaves it out of published manifests.
    DevelopmentHere,
}

impl Workspace {
    /// Runs `cargo metadata` without resolving or downloading dependencies.
    ///
    /// # Errors
    /// When cargo cannot be started or refuses a manifest.
    pub(crate) fn read() -> Result<Self, Failure> {
        let metadata = MetadataCommand::new()
            .no_deps()
            .other_options(["--offline".to_owned()])
            .exec()
            .map_err(Failure::Metadata)?;
        let packages = metadata.workspace_packages();
        let members: Vec<&str> = packages
            .iter()
            .map(|package| package.name.as_str())
            .collect();
        let mut crates: Vec<Crate> = packages
            .iter()
            .map(|package| {
                let manifest = package
                    .manifest_path
                    .strip_prefix(&metadata.workspace_root)
                    .unwrap_or(&package.manifest_path);
                Crate::new(package, manifest.as_str().replace('\\', "/"), &members)
            })
            .collect();
        crates.sort_by(|one, other| one.name.cmp(&other.name));
        let mut repositories = packages
            .iter()
            .filter_map(|package| package.repository.clone());
        let repository = repositories.next().unwrap_or_default();
        Ok(Self {
            repository,
            root: metadata.workspace_root.into_std_path_buf(),
            target: metadata.target_directory.into_std_path_buf(),
            crates,
        })
    }
}

impl Crate {
    fn new(package: &Package, manifest: String, members: &[&str]) -> Self {
        let linkable = package
            .targets
            .iter()
            .any(|one| one.is_lib() || one.is_proc_macro());
        let targets = |wanted: fn(&Target) -> bool| {
            let ours = package.targets.iter().filter(|target| wanted(target));
            let mut names: Vec<_> = ours.map(|target| target.name.clone()).collect();
            names.sort();
            names
        };
        let published = package
            .publish
            .as_ref()
            .is_none_or(|registries| !registries.is_empty());
        let arrows = package
            .dependencies
            .iter()
            .filter(|dependency| members.contains(&dependency.name.as_str()))
            .map(|dependency| Arrow {
                to: dependency.name.clone(),
                kind: match dependency.kind {
                    DependencyKind::Development if dependency.req == VersionReq::STAR => {
                        ArrowKind::DevelopmentHere
                    }
                    DependencyKind::Development => ArrowKind::Development,
                    _ => ArrowKind::Normal,
                },
            })
            .collect();
        Self {
            name: package.name.to_string(),
            manifest,
            library: linkable && published,
            published,
            features: package
                .features
                .keys()
                .filter(|&one| one != "default")
                .cloned()
                .collect(),
            benches: targets(Target::is_bench),
            examples: targets(Target::is_example),
            arrows,
        }
    }

    /// A library without features and arrows, for tests.
    #[cfg(test)]
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            library: true,
            published: true,
            features: Vec::new(),
            benches: Vec::new(),
            examples: Vec::new(),
            arrows: Vec::new(),
        }
    }
}
