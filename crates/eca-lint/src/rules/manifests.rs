//! Manifests: lists of what is deployed and what is deleted.

use eca_model::{ApiVersion, Element, ManifestKind, ManifestProblemKind, MetadataType};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static PKG_VERSION: Rule = Rule {
    id: RuleId(1017),
    name: "pkg-version",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "the version of a package.xml has all the types that it lists",
    explanation: "The version in package.xml decides which schema the org reads the package with. A type that \
        a later version adds is unknown there, and the whole deploy fails before the org reads a component. The \
        sample in Salesforce Help uses 58.0, while the types are documented from 59.0; this rule uses the schema.",
    source: "Metadata API Developer Guide, \"Sample package.xml Manifest Files\"; metadata WSDL, API versions 47.0 to 66.0",
    pair: include_str!("../../pairs/ECA1017-pkg-version.txt"),
    check: pkg_version,
};

fn pkg_version(context: &Context<'_>, findings: &mut Findings<'_>) {
    let packages = context.project.manifests().iter();
    for manifest in packages.filter(|manifest| manifest.kind == ManifestKind::Package) {
        let root = manifest.file.document().root();
        let version = root.child("version").map(Element::text);
        let Some(version) = version.and_then(|text| text.trim().parse::<ApiVersion>().ok()) else {
            continue;
        };
        for name in root.children_named("types").filter_map(|t| t.child("name")) {
            let text = name.text();
            let listed = text.trim();
            let mut all = MetadataType::ALL.iter().map(|kind| kind.schema());
            // A manifest lists settings of all kinds as one type, which is older than any of them.
            let schema = all.find(|schema| {
                schema.manifest_name == listed && schema.manifest_name == schema.name
            });
            let Some(schema) = schema else {
                continue;
            };
            let message = if version < schema.since {
                format!(
                    "{listed} exists from API version {}, and the package has {version}",
                    schema.since
                )
            } else if let Some(until) = schema.until.filter(|until| version > *until) {
                format!("{listed} existed until API version {until}, and the package has {version}")
            } else {
                continue;
            };
            findings
                .at(&manifest.path, name.position(), message)
                .help("change the version, or remove the type from the manifest");
        }
    }
}

pub(crate) static DESTRUCTIVE_WILDCARD: Rule = Rule {
    id: RuleId(1018),
    name: "destructive-wildcard",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a destructive manifest names each component",
    explanation: "An org refuses a wildcard in destructiveChanges.xml. Deleting an app or its global OAuth \
        settings revokes every token and permanently deletes the consumer with its key and secret, so that all \
        clients need new credentials.",
    source: "Metadata API Developer Guide, \"Deleting Components from an Organization\"",
    pair: include_str!("../../pairs/ECA1018-destructive-wildcard.txt"),
    check: |context, findings| {
        problems(context, findings, |kind| {
            matches!(kind, ManifestProblemKind::Wildcard { .. })
        });
    },
};

pub(crate) static MANIFEST: Rule = Rule {
    id: RuleId(1019),
    name: "manifest",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a manifest has a version, and names types and members as the Metadata API does",
    explanation: "Folder, suffix and root element of a type are easily mistaken for its name in a manifest: \
        settings are listed as Settings with the member ExternalClientApp, not as ExternalClientAppSettings. The \
        org answers that the type does not exist, or deploys everything but the intended component.",
    source: "Metadata API Developer Guide, \"Sample package.xml Manifest Files\" and \"Settings\"",
    pair: include_str!("../../pairs/ECA1019-manifest.txt"),
    check: |context, findings| {
        problems(context, findings, |kind| {
            !matches!(kind, ManifestProblemKind::Wildcard { .. })
        });
    },
};

fn problems(
    context: &Context<'_>,
    findings: &mut Findings<'_>,
    wanted: impl Fn(&ManifestProblemKind) -> bool,
) {
    for manifest in context.project.manifests() {
        for problem in manifest.problems() {
            if wanted(&problem.kind) {
                findings.at(&manifest.path, problem.position, problem.to_string());
            }
        }
    }
}
