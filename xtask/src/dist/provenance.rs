//! The provenance of the artifacts: an in-toto statement with the predicate of SLSA.
//!
//! Source: in-toto attestation framework, "Statement layer v1"; SLSA 1.0, "Provenance". The
//! statement says what this program knows. It is not signed by itself: its checksum is in
//! `SHA256SUMS`.

use serde_json::{Value, json};

/// What the artifacts were built from, and with.
#[derive(Clone, Debug)]
pub(super) struct Build {
    /// The URL of the repository.
    pub(super) repository: String,
    /// The commit.
    pub(super) commit: String,
    /// Whether files differed from the commit.
    pub(super) is_dirty: bool,
    /// The target triple.
    pub(super) target: String,
    /// What `rustc --version` prints.
    pub(super) compiler: String,
    /// The SHA-256 digest of the lock file.
    pub(super) lock: String,
}

/// The statement about artifacts, given by name and SHA-256 digest. The same build gives the same
/// bytes: it has no time.
pub(super) fn statement(build: &Build, artifacts: &[(String, String)]) -> String {
    let subject: Vec<_> = artifacts
        .iter()
        .map(|(name, sha256)| json!({ "name": name, "digest": { "sha256": sha256 } }))
        .collect();
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject,
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": format!("{}/blob/main/CONTRIBUTING.md#releasing", build.repository),
                "externalParameters": {
                    "command": "cargo xtask dist",
                    "target": build.target,
                },
                "internalParameters": { "rustc": build.compiler },
                "resolvedDependencies": dependencies(build),
            },
            "runDetails": {
                "builder": { "id": format!("{}/tree/main/xtask/src/dist", build.repository) },
            },
        },
    });
    format!("{statement:#}\n")
}

/// The source and the lock file. A tree with changes is not the commit, so it has no digest.
fn dependencies(build: &Build) -> Value {
    let uri = format!("git+{}", build.repository);
    let source = if build.is_dirty {
        json!({ "uri": uri, "annotations": { "changedAfter": build.commit } })
    } else {
        json!({ "uri": uri, "digest": { "gitCommit": build.commit } })
    };
    json!([source, { "uri": "Cargo.lock", "digest": { "sha256": build.lock } }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(is_dirty: bool) -> Build {
        Build {
            repository: "https://example.org/eca".to_owned(),
            commit: "0123".to_owned(),
            is_dirty,
            target: "x86_64-unknown-linux-gnu".to_owned(),
            compiler: "rustc 1.90.0".to_owned(),
            lock: "cc".to_owned(),
        }
    }

    #[test]
    fn the_statement_names_every_artifact_and_the_commit() {
        let artifacts = [
            ("eca.tar.gz".to_owned(), "aa".to_owned()),
            ("eca.cdx.json".to_owned(), "bb".to_owned()),
        ];
        let text = statement(&build(false), &artifacts);
        let statement: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
        assert_eq!(
            statement["subject"],
            json!([
                { "name": "eca.tar.gz", "digest": { "sha256": "aa" } },
                { "name": "eca.cdx.json", "digest": { "sha256": "bb" } },
            ])
        );
        let definition = &statement["predicate"]["buildDefinition"];
        assert_eq!(
            definition["resolvedDependencies"][0],
            json!({ "uri": "git+https://example.org/eca", "digest": { "gitCommit": "0123" } })
        );
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn a_tree_with_changes_is_not_the_commit() {
        let text = statement(&build(true), &[]);
        assert!(!text.contains("gitCommit"), "{text}");
        assert!(text.contains("\"changedAfter\": \"0123\""), "{text}");
    }
}
