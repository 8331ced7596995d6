//! Names and folders of files.

use std::collections::HashSet;

use eca_model::{Component, DeveloperName, Position, Suspicion};

use crate::engine::context::Context;
use crate::engine::findings::Findings;
use crate::engine::quote::Quoted;
use crate::engine::value::is_namespaced;
use crate::profile::Profile;
use crate::rule::Rule;
use crate::rule_id::RuleId;
use crate::severity::Severity;

pub(crate) static OUTSIDE_PACKAGES: Rule = Rule {
    id: RuleId(1020),
    name: "outside-packages",
    severity: Severity::Info,
    profiles: &[Profile::Default],
    summary: "metadata files are in a package directory",
    explanation: "Commands read the package directories that sfdx-project.json names, as the Salesforce CLI does. An app in \
        another folder is not checked and not deployed, unless a command names it: eca lint unpackaged/post.",
    source: "Salesforce DX Developer Guide, \"Salesforce DX Project Configuration\"",
    pair: include_str!("../../pairs/ECA1020-outside-packages.txt"),
    check: outside_packages,
};

/// How many files are listed.
const LISTED: usize = 10;

fn outside_packages(context: &Context<'_>, findings: &mut Findings<'_>) {
    // A path that was named brings its folder into the project.
    let read: HashSet<_> = context
        .project
        .components()
        .iter()
        .map(Component::path)
        .collect();
    let outside = context.options.outside.iter();
    let outside: Vec<_> = outside
        .filter(|path| !read.contains(path.as_str()))
        .collect();
    for path in outside.iter().take(LISTED) {
        let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        findings
            .at(
                path,
                Position::START,
                "the file is in no package directory, so that nothing reads it",
            )
            .help(format!("to check it: eca lint {folder}"));
    }
    if let Some(next) = outside.get(LISTED) {
        let more = outside.len() - LISTED;
        let message = format!("{more} more files are in no package directory");
        findings.at(next, Position::START, message);
    }
}

pub(crate) static NAME_CHARSET: Rule = Rule {
    id: RuleId(1008),
    name: "name-charset",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "an API name has letters, digits and single underscores, starts with a letter, and is short enough",
    explanation: "The file name without its suffix is the component's API name, and other components refer to \
        it by that name. The org accepts letters, digits and underscores: a letter first, no underscore at the \
        end, no two in a row, at most 80 characters. Two underscores in a row mark a package namespace.",
    source: "Salesforce Help, \"Create or Edit an OAuth External Credential with the Client Credentials Flow Managed \
        by an External Identity Provider\"; Object Reference, NamedCredential (DeveloperName)",
    pair: include_str!("../../pairs/ECA1008-name-charset.txt"),
    check: name_charset,
};

fn name_charset(context: &Context<'_>, findings: &mut Findings<'_>) {
    for component in context.project.components() {
        if component.kind().schema().free_names {
            continue;
        }
        let name = component.full_name();
        let own = context.project.namespace();
        let local_name = match name.split_once("__").filter(|_| is_namespaced(name)) {
            Some((namespace, local_name)) => {
                if own != Some(namespace) {
                    findings
                        .at(
                            component.path(),
                            Position::START,
                            format!(
                                "{} has the namespace {namespace}, so it deploys only to orgs with that package",
                                Quoted(name)
                            ),
                        )
                        .at_most(Severity::Warning)
                        .help("if no package has it, use single underscores");
                }
                local_name
            }
            None => name,
        };
        if let Err(error) = local_name.parse::<DeveloperName>() {
            findings.at(
                component.path(),
                Position::START,
                format!("the API name {} {}", Quoted(name), error.flaw),
            );
        }
    }
}

pub(crate) static SUFFIX_DIR: Rule = Rule {
    id: RuleId(1009),
    name: "suffix-dir",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a file lies in the folder of its type",
    explanation: "A metadata package locates a file by its folder: in any other folder the file is skipped or \
        the deploy fails. In source format the Salesforce CLI uses the suffix alone, so a wrong folder works there \
        but misleads readers and every tool that uses the folder; the rule warns then. Several folders are not \
        named after their type, such as extlClntAppGlobalOauthSets.",
    source: "Metadata API Developer Guide (\"File Suffix and Directory Location\" of each type)",
    pair: include_str!("../../pairs/ECA1009-suffix-dir.txt"),
    check: suffix_dir,
};

fn suffix_dir(context: &Context<'_>, findings: &mut Findings<'_>) {
    for component in context.project.components() {
        let wanted = component.kind().schema().directory;
        let source_format = component.path().ends_with("-meta.xml");
        if lies_in(component, wanted, source_format) {
            continue;
        }
        let message = format!("{} files belong in the folder {wanted}", component.kind());
        let added = findings.at(component.path(), Position::START, message);
        if source_format {
            added.at_most(Severity::Warning);
        }
    }
}

/// The source format allows folders below the type's own; a package does not.
fn lies_in(component: &Component, directory: &str, source_format: bool) -> bool {
    let mut folders = component.path().rsplit('/').skip(1);
    if source_format {
        folders.any(|folder| folder == directory)
    } else {
        folders.next() == Some(directory)
    }
}

pub(crate) static MISNAMED_FILE: Rule = Rule {
    id: RuleId(1015),
    name: "misnamed-file",
    severity: Severity::Error,
    profiles: &[Profile::Default],
    summary: "a metadata file has the suffix of a metadata type",
    explanation: "Tools find metadata by suffix, and silently skip every other file: a file called \
        .ecaOauthPolicy is never deployed, checked or overwritten by a retrieve, and no tool reports it. The \
        suffixes are abbreviations that are hard to guess, so the rule reports a file whose suffix or folder \
        resembles that of a metadata type.",
    source: "Metadata API Developer Guide (\"File Suffix and Directory Location\" of each type)",
    pair: include_str!("../../pairs/ECA1015-misnamed-file.txt"),
    check: misnamed_file,
};

fn misnamed_file(context: &Context<'_>, findings: &mut Findings<'_>) {
    for file in context.project.suspicious() {
        // `suffix-dir` reports a wrong folder.
        if let Suspicion::Suffix { found, expected } = &file.suspicion {
            findings
                .at(
                    &file.path,
                    Position::START,
                    format!("no metadata type has the suffix .{found}, so tools ignore the file"),
                )
                .help(format!("did you mean .{expected}?"));
        }
    }
}
