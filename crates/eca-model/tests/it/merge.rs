//! Merging components of an org into a project.

use eca_model::{MergedFile, Project, merge};

use crate::XMLNS;

const FILE: &str = "extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth";

fn settings(members: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ExtlClntAppGlobalOauthSettings {XMLNS}>\n{members}</ExtlClntAppGlobalOauthSettings>\n"
    )
}

fn project(files: &[(&str, &str)]) -> Project {
    let files = files.iter();
    Project::from_entries(files.map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())))
}

fn merged(local: &Project, incoming: &str) -> Vec<MergedFile> {
    let incoming = project(&[(FILE, &settings(incoming))]);
    merge(local, &incoming.components()[0])
}

#[test]
fn a_local_file_takes_the_values_and_keeps_its_form() {
    let old = "    <callbackUrl>https://a.example</callbackUrl>\n";
    let new = "    <callbackUrl>https://b.example</callbackUrl>\n";
    let comment = "    <!-- why -->\n";
    for (local, incoming, expected) in [
        (old, old, None),
        // Formatting, members that an org generates, and defaults are no changes.
        ("<callbackUrl>https://a.example</callbackUrl>", old, None),
        (
            old,
            "<consumerKey>3MVG9abc</consumerKey><callbackUrl>https://a.example</callbackUrl>",
            None,
        ),
        (
            old,
            "<callbackUrl>https://a.example</callbackUrl><isIntrospectAllTokens>false</isIntrospectAllTokens>",
            None,
        ),
        (
            &format!("{comment}{old}"),
            new,
            Some(format!("{comment}{new}")),
        ),
        // No edit can write this member: the org's text is used.
        (
            old,
            "    <newMember>1</newMember>\n",
            Some("    <newMember>1</newMember>\n".to_owned()),
        ),
    ] {
        let local = project(&[(FILE, &settings(local))]);
        let files = merged(&local, incoming);
        let expected: Vec<_> = expected.iter().map(|text| settings(text)).collect();
        let texts: Vec<_> = files
            .iter()
            .map(|file| String::from_utf8(file.content.clone()).unwrap())
            .collect();
        assert_eq!(texts, expected, "{incoming}");
        assert!(files.iter().all(|file| !file.is_new && file.path == FILE));
    }
}

#[test]
fn a_new_component_goes_where_the_project_keeps_its_kind() {
    let sfdx = |directories: &str| format!("{{\"packageDirectories\": [{directories}]}}");
    let first = sfdx(r#"{"path": "app/"}, {"path": "lib"}"#);
    let default = sfdx(r#"{"path": "app"}, {"path": "lib", "default": true}"#);
    let header = format!("<ExternalClientApplication {XMLNS}/>");
    for (files, folder, suffix) in [
        (vec![], "", "-meta.xml"),
        (
            vec![("sfdx-project.json", first.as_str())],
            "app/main/default/",
            "-meta.xml",
        ),
        (
            vec![("sfdx-project.json", default.as_str())],
            "lib/main/default/",
            "-meta.xml",
        ),
        (
            vec![("pkg/externalClientApps/A.eca", header.as_str())],
            "pkg/",
            "",
        ),
    ] {
        let files = merged(&project(&files), "");
        let [file] = &files[..] else {
            panic!("{files:?}");
        };
        assert_eq!(file.path, format!("{folder}{FILE}{suffix}"));
        assert!(file.is_new);
        assert_eq!(file.content, settings("").into_bytes());
    }
}
