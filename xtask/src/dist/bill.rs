//! The bill of materials: every crate that the program is built from, in the form of CycloneDX 1.5.
//!
//! Which crates these are only `cargo tree` knows: `cargo metadata` has one graph for the whole
//! workspace, with the features that any member turns on, and would list cryptography that is not
//! in the program.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use serde_json::{Value, json};
use toml::Table;

use crate::failure::Failure;
use crate::program;

/// The package that is built.
const PROGRAM: &str = "eca-cli";

/// The bill as JSON, without a time and a serial number, so that it is the same each time.
///
/// # Errors
/// When cargo cannot resolve the workspace, or there is no lock file.
pub(super) fn of(root: &Path) -> Result<String, Failure> {
    let tree = [
        "tree",
        "--locked",
        "--package",
        PROGRAM,
        "--edges",
        "normal,build",
        "--prefix",
        "none",
    ];
    let tree = program::output(root, "cargo", &tree)?;
    if !tree.success {
        eprint!("{}", tree.text);
        return Err(Failure::NoOutput {
            command: format!("cargo tree --package {PROGRAM}"),
        });
    }
    let metadata = MetadataCommand::new()
        .current_dir(root)
        .other_options(["--locked".to_owned()])
        .exec()
        .map_err(Failure::Metadata)?;
    let lock = root.join("Cargo.lock");
    let text =
        std::fs::read_to_string(&lock).map_err(|source| Failure::Read { path: lock, source })?;
    let document = document(&metadata, &listed(&tree.text), &checksums(&text));
    Ok(format!("{document:#}\n"))
}

/// The crates of a `cargo tree` without its branches, as `name version`.
fn listed(tree: &str) -> BTreeSet<String> {
    let of_line = |line: &str| {
        let (name, rest) = line.split_once(" v")?;
        let version = rest.split_whitespace().next()?;
        Some(format!("{name} {version}"))
    };
    tree.lines().filter_map(of_line).collect()
}

fn document(
    metadata: &Metadata,
    used: &BTreeSet<String>,
    checksums: &BTreeMap<String, String>,
) -> Value {
    let is_used =
        |package: &&Package| used.contains(&format!("{} {}", package.name, package.version));
    let mut packages: Vec<_> = metadata.packages.iter().filter(is_used).collect();
    packages.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    let program = packages
        .iter()
        .copied()
        .find(|package| package.name == PROGRAM);
    let links = links(metadata);
    let reference = |id: &PackageId| {
        let package = packages.iter().find(|package| package.id == *id);
        package.map(|package| purl(&package.name, &package.version.to_string()))
    };
    let component = |package: &Package| {
        let version = package.version.to_string();
        let purl = purl(&package.name, &version);
        let mut component = json!({
            "type": if package.name == PROGRAM { "application" } else { "library" },
            "bom-ref": purl,
            "name": package.name,
            "version": version,
            "purl": purl,
        });
        if let Some(license) = &package.license {
            component["licenses"] = json!([{ "expression": license }]);
        }
        if let Some(sum) = checksums.get(&format!("{} {version}", package.name)) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
        }
        component
    };
    let dependencies: Vec<_> = packages
        .iter()
        .map(|package| {
            let on: BTreeSet<_> = links
                .get(&package.id)
                .into_iter()
                .flatten()
                .filter_map(reference)
                .collect();
            json!({ "ref": reference(&package.id), "dependsOn": on })
        })
        .collect();
    let libraries = packages.iter().filter(|package| package.name != PROGRAM);
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": program.map(component) },
        "components": libraries.map(|package| component(package)).collect::<Vec<_>>(),
        "dependencies": dependencies,
    })
}

/// What each package needs in order to be built or run; not what its tests need.
fn links(metadata: &Metadata) -> BTreeMap<PackageId, Vec<PackageId>> {
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    nodes
        .map(|node| {
            let needed = node.deps.iter().filter(|dependency| {
                let kinds = &dependency.dep_kinds;
                kinds
                    .iter()
                    .any(|kind| kind.kind != DependencyKind::Development)
            });
            (
                node.id.clone(),
                needed.map(|dependency| dependency.pkg.clone()).collect(),
            )
        })
        .collect()
}

fn purl(name: &str, version: &str) -> String {
    format!("pkg:cargo/{name}@{version}")
}

/// The registry's checksums by `name version`.
fn checksums(lock: &str) -> BTreeMap<String, String> {
    let lock: Table = lock.parse().unwrap_or_default();
    let packages = lock.get("package").and_then(|packages| packages.as_array());
    let of = |package: &toml::Value| {
        let text = |key: &str| package.get(key)?.as_str();
        Some((
            format!("{} {}", text("name")?, text("version")?),
            text("checksum")?.to_owned(),
        ))
    };
    packages.into_iter().flatten().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_read_without_what_stands_behind() {
        let tree = "eca-cli v0.1.0 (here/crates/eca-cli)\nserde v1.0.229\nserde_derive v1.0.229 (proc-macro)\nserde v1.0.229 (*)\n\n";
        let listed: Vec<_> = listed(tree).into_iter().collect();
        assert_eq!(
            listed,
            ["eca-cli 0.1.0", "serde 1.0.229", "serde_derive 1.0.229"]
        );
    }

    #[test]
    fn the_bill_has_what_the_program_is_built_from_and_no_more() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let bill: Value = serde_json::from_str(&of(&root).unwrap()).unwrap();
        assert_eq!(bill["metadata"]["component"]["name"], "eca-cli");
        let components = bill["components"].as_array().unwrap();
        let has = |name: &str| components.iter().any(|component| component["name"] == name);
        assert!(has("eca-model") && has("clap"), "{components:?}");
        assert!(!has("xtask") && !has("proptest"), "only tests use them");
        // The program signs with aws-lc-rs; other members turn the pure provider on.
        assert!(has("aws-lc-rs") && !has("rsa"), "{components:?}");
        let clap = components
            .iter()
            .find(|component| component["name"] == "clap")
            .unwrap();
        assert_eq!(clap["hashes"][0]["content"].as_str().unwrap().len(), 64);
        for link in bill["dependencies"].as_array().unwrap() {
            assert!(link["ref"].is_string(), "{link}");
        }
    }
}
