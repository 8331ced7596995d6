//! Small projects as text: the pairs and cases of the linter's tests, and `projects.txt`.

use std::collections::BTreeSet;
use std::fs;

use eca_model::types::ExtlClntAppOauthConfigurablePolicies;
use eca_model::{MetadataType, Project};
use eca_tests::repository;

/// One project of the corpus.
pub(super) struct SmallProject {
    pub(super) name: String,
    pub(super) project: Project,
}

/// Every project, in the order of its name.
pub(super) fn projects() -> Vec<SmallProject> {
    let tests = repository().join("crates/eca-lint");
    let mut found = Vec::new();
    for entry in fs::read_dir(tests.join("pairs")).expect("the pairs") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a text");
        let name = path.file_stem().expect("a name").to_string_lossy();
        for section in ["fires", "quiet"] {
            let files = sections(&text).filter(|(title, _)| ["both", section].contains(title));
            let files: Vec<_> = files.map(|(_, files)| files).collect();
            found.push(small(format!("{name} {section}"), &files.join("\n")));
        }
    }
    let cases = fs::read_to_string(tests.join("tests/it/cases.txt")).expect("the cases");
    for (title, text) in sections(&cases).chain(sections(include_str!("projects.txt"))) {
        let (files, _) = text.split_once("=>\n").unwrap_or((text, ""));
        let (name, tags) = title.split_once(" [").unwrap_or((title, ""));
        let base = if tags.contains("app]") { APP } else { "" };
        found.push(small(name.to_owned(), &format!("{base}{files}")));
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let names: BTreeSet<_> = found.iter().map(|project| &project.name).collect();
    assert_eq!(names.len(), found.len(), "two projects have one name");
    found
}

/// The app of the tag `[app]`.
const APP: &str = "-- externalClientApps/Shop.eca
<ExternalClientApplication>
    <label>Shop</label>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <commaSeparatedOauthScopes>Api, RefreshToken</commaSeparatedOauthScopes>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppOauthSettings>
";

/// The parts of a text that begin with a line `== title`.
fn sections(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = text.strip_prefix("== ").into_iter();
    let parts = parts.flat_map(|text| text.split("\n== "));
    parts.filter_map(|part| part.split_once('\n'))
}

fn small(name: String, text: &str) -> SmallProject {
    let files = text.strip_prefix("-- ").unwrap_or_default();
    let files = files
        .split("\n-- ")
        .filter_map(|file| file.split_once('\n'))
        .map(|(path, content)| (path.to_owned(), expanded(content).into_bytes()));
    SmallProject {
        name,
        project: Project::from_entries(files),
    }
}

/// A file with what the notation leaves out: the namespace, certificates and long texts.
fn expanded(content: &str) -> String {
    let mut content = content
        .replace("$0", "")
        .replace("@long@", &"x".repeat(8001));
    while let Some((before, rest)) = content.split_once("@cert:") {
        let (name, after) = rest.split_once('@').expect("the name of a certificate");
        let path = format!("crates/eca-lint/tests/it/certificates/{name}.txt");
        let body = fs::read_to_string(repository().join(path)).expect("a certificate");
        content = format!("{before}{}{after}", body.trim());
    }
    if !content.starts_with('<') || content.starts_with("<?xml") {
        return content;
    }
    let start = if content.starts_with("<!--") {
        content.rfind("-->\n<").map_or(0, |comment| comment + 4)
    } else {
        0
    };
    if let Some(end) = content[start..].find('>').map(|end| start + end) {
        let end = if content[..end].ends_with('/') {
            end - 1
        } else {
            end
        };
        content.insert_str(end, " xmlns=\"http://soap.sforce.com/2006/04/metadata\"");
    }
    content
}

impl SmallProject {
    /// The run-as users and permission sets that its policies name and it does not hold: a project
    /// is deployed to an org that has them.
    pub(super) fn expected_in_org(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut users, mut sets) = (BTreeSet::new(), BTreeSet::new());
        for (_, policies) in self
            .project
            .of_type::<ExtlClntAppOauthConfigurablePolicies>()
        {
            let user = policies.client_credentials_flow_user.iter();
            users.extend(
                user.map(|user| user.trim().to_owned())
                    .filter(|user| user.contains('@')),
            );
            let lists = policies.comma_separated_permission_set.iter();
            let names = lists
                .flat_map(eca_model::text::NameList::iter)
                .map(ToString::to_string);
            sets.extend(names.filter(|name| {
                is_api_name(name) && !self.project.contains(MetadataType::PermissionSet, name)
            }));
        }
        (users, sets)
    }
}

fn is_api_name(name: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.ends_with('_');
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.split("__").all(is_part)
}
