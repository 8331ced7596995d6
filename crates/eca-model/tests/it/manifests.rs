//! `package.xml` and the destructive-changes files.

use eca_model::types::Package;
use eca_model::{File, ManifestKind, Project, UnreadableFile, canonical, encode};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::XMLNS;
use crate::every_type::record;

const EVERY_MEMBER: &str = include_str!("../fixtures/manifests/package.xml");

#[test]
fn every_member_is_read_and_written() {
    let file = File::<Package>::parse(EVERY_MEMBER).unwrap();
    assert_eq!(file.problems(), &[]);
    assert_eq!(encode(file.value()), EVERY_MEMBER);
    assert_eq!(canonical(file.document()), EVERY_MEMBER);
    let json = serde_json::to_string(file.value()).unwrap();
    let back: Package = serde_json::from_str(&json).unwrap();
    assert_eq!(&back, file.value());
}

proptest! {
    #[test]
    fn decode_of_encode_is_the_value(inner in record(<Package as eca_model::Record>::SCHEMA)) {
        let file = File::<Package>::parse(format!("<Package {XMLNS}>{inner}</Package>")).unwrap();
        prop_assert_eq!(file.problems(), &[]);
        let back = File::<Package>::parse(encode(file.value())).unwrap();
        prop_assert_eq!(back.value(), file.value());
    }
}

#[test]
fn an_edit_keeps_the_rest() {
    let text = format!(
        "<Package {XMLNS}>\n  <!-- ours -->\n  <types>\n    <members>Shop</members>\n    <name>NamedCredential</name>\n  </types>\n  <version>65.0</version>\n</Package>\n"
    );
    let file = File::<Package>::parse(text.as_str()).unwrap();
    let edited = file
        .edit(|package| {
            package.types[0].members.push("Till".to_owned());
            package.version = Some("66.0".to_owned());
        })
        .unwrap();
    let expected = text.replace("65.0", "66.0").replace(
        "Shop</members>",
        "Shop</members>\n    <members>Till</members>",
    );
    assert_eq!(edited.text(), expected);
}

fn project(files: &[(&str, &str)]) -> Project {
    let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), text.as_bytes().to_vec());
    Project::from_entries(files.iter().map(owned))
}

#[test]
fn found_in_both_formats() {
    let package = format!("<Package {XMLNS}><version>64.0</version></Package>");
    let sfdx = r#"{"packageDirectories":[{"path":"force-app"}]}"#;
    let project_of = |prefix: &str| {
        let files = ManifestKind::ALL.iter().map(|kind| {
            let path = format!("{prefix}{}", kind.file_name());
            (path, package.clone().into_bytes())
        });
        Project::from_entries(files)
    };
    for prefix in ["", "unpackaged/"] {
        let project = project_of(prefix);
        let mut kinds: Vec<_> = project.manifests().iter().map(|file| file.kind).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ManifestKind::ALL);
        assert_eq!(project.api_version().unwrap().to_string(), "64.0");
    }
    // Outside of the package directories, where they belong.
    let project = project(&[
        ("sfdx-project.json", sfdx),
        ("manifest/package.xml", &package),
        ("manifest/destructiveChangesPost.xml", "<Package"),
    ]);
    let paths: Vec<_> = project
        .manifests()
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(paths, ["manifest/package.xml"]);
    let broken: Vec<_> = project
        .unreadable()
        .iter()
        .map(UnreadableFile::to_string)
        .collect();
    assert_eq!(broken.len(), 1);
    assert!(
        broken[0].starts_with("manifest/destructiveChangesPost.xml:1:1: not well-formed"),
        "{broken:?}"
    );
}

#[test]
fn a_folder_gives_its_manifests_too() {
    let folder = tempfile::tempdir().unwrap();
    let package = format!("<Package {XMLNS}><version>64.0</version></Package>");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "sfdx-project.json",
        r#"{"packageDirectories":[{"path":"."},{"path":"force-app"}]}"#,
    );
    write("manifest/package.xml", &package);
    write("manifest/destructiveChanges.xml", &package);
    write("force-app/x/destructiveChangesPre.xml", &package);
    write("force-app/Package.xml", &package);
    let project = Project::load(folder.path()).unwrap();
    let paths: Vec<_> = project
        .manifests()
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "force-app/x/destructiveChangesPre.xml",
            "manifest/destructiveChanges.xml",
            "manifest/package.xml"
        ]
    );
    assert_eq!(project.suspicious()[0].path, "force-app/Package.xml");
}

fn check(name: &str, inner: &str, expected: &Expect) {
    let text = format!("<Package {XMLNS}>\n{inner}</Package>");
    let project = project(&[(name, &text)]);
    let [manifest] = project.manifests() else {
        panic!("{:?}", project.unreadable());
    };
    let problems: Vec<_> = manifest
        .problems()
        .iter()
        .map(|problem| format!("{} {}: {problem}\n", problem.position, problem.path))
        .collect();
    expected.assert_eq(&problems.concat());
}

#[test]
fn names_that_were_meant() {
    check(
        "package.xml",
        "<types><members>*</members><name>ExternalClientApp</name></types>
<types><members>*</members><name>extlClntAppOauthPolicies</name></types>
<types><members>*</members><name>ExtlClntAppGlobalOauthSets</name></types>
<types><members>*</members><name>ExternalClientAppSettings</name></types>
<types><members>*</members><name>ecaPlcy</name></types>
<types><members>*</members><name>NamedCredentials</name></types>
<types><members>*</members><name>ApexClass</name></types>
<types><members>ConnectedApp_1</members><name>ConnectedApp</name></types>
<types><members>ExternalClientAppSettings</members><members>Security</members><name>Settings</name></types>
<types><members>ExternalClientApps</members><members>ExternalClientApp</members><name>Settings</name></types>
<types><members>*</members></types>
<version>sixty</version>
",
        &expect![[r"
            2:28 types[0].name: manifests have no type `ExternalClientApp`; did you mean `ExternalClientApplication`?
            3:28 types[1].name: manifests have no type `extlClntAppOauthPolicies`; did you mean `ExtlClntAppOauthConfigurablePolicies`?
            4:28 types[2].name: manifests have no type `ExtlClntAppGlobalOauthSets`; did you mean `ExtlClntAppGlobalOauthSettings`?
            5:28 types[3].name: manifests have no type `ExternalClientAppSettings`; did you mean `Settings`?
            6:28 types[4].name: manifests have no type `ecaPlcy`; did you mean `ExtlClntAppConfigurablePolicies`?
            7:28 types[5].name: manifests have no type `NamedCredentials`; did you mean `NamedCredential`?
            10:8 types[8].members[0]: there is no such member as `ExternalClientAppSettings`; did you mean `ExternalClientApp`?
            11:8 types[9].members[0]: there is no such member as `ExternalClientApps`; did you mean `ExternalClientApp`?
            12:1 types[10]: `types` has no `name`
            13:1 version: `sixty` is not an API version such as `66.0`
        "]],
    );
    check(
        "package.xml",
        "",
        &expect![["
        1:1 : there is no `version`, such as <version>66.0</version>
    "]],
    );
    check(
        "destructiveChanges.xml",
        "<types><members>*</members><members>Old</members><name>NamedCredential</name></types>\n",
        &expect![[r"
            2:8 types.members[0]: `*` is not allowed in a deletion; name each NamedCredential
        "]],
    );
}
