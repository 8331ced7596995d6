//! Merging components of an org into a project.

use eca_model::{Component, MergedFile, Project, merge, merge_retrieved};
use proptest::prelude::*;

use crate::XMLNS;

const FILE: &str = "extlClntAppGlobalOauthSets/Shop_glbloauth.ecaGlblOauth";

const SECRET: &str = "    <consumerSecret>hunter2</consumerSecret>\n";

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
    merge_retrieved(local, &incoming.components()[0])
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
        // An org does not show secrets.
        (
            &format!("{SECRET}{old}"),
            new,
            Some(format!("{SECRET}{new}")),
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

fn component(members: &str) -> Component {
    project(&[(FILE, &settings(members))]).components()[0].clone()
}

/// Merges, and compares the members of the file and the conflicts.
fn check(base: Option<&str>, ours: &str, theirs: &str, expected: &str, conflicts: &[&str]) {
    let base = base.map(component);
    let merged = merge(base.as_ref(), &component(ours), &component(theirs));
    assert_eq!(
        merged.component.file().text(),
        settings(expected),
        "{ours} | {theirs}"
    );
    let found: Vec<_> = merged
        .conflicts
        .iter()
        .map(|c| c.path.to_string())
        .collect();
    assert_eq!(found, conflicts, "{ours} | {theirs}");
}

/// Of an org that returns a large list with other values everywhere, the text is taken as it is.
#[test]
fn many_changes() {
    let ranges = |count: u32, description: &str| -> String {
        let range = |index| {
            format!(
                "    <trustedIpRanges>\n        <description>{description}</description>\n        <endIpAddress>10.0.{}.{}</endIpAddress>\n        <startIpAddress>10.0.{}.{}</startIpAddress>\n    </trustedIpRanges>\n",
                index / 256,
                index % 256,
                index / 256,
                index % 256,
            )
        };
        (0..count).map(range).collect()
    };
    let file = |members: &str| project(&[("x/Shop.ecaOauth", &crate::oauth_settings(members))]);
    for (count, keeps_comment) in [(100, true), (20_000, false)] {
        let local = file(&format!("    <!-- ours -->\n{}", ranges(count, "a")));
        let incoming = file(&ranges(count, "b"));
        let files = merge_retrieved(&local, &incoming.components()[0]);
        let text = String::from_utf8(files[0].content.clone()).unwrap();
        assert_eq!(text.contains("<!-- ours -->"), keeps_comment, "{count}");
        assert_eq!(text.matches("<description>b<").count(), count as usize);
    }
}

#[test]
fn three_sides() {
    let label = |text: &str| format!("    <label>{text}</label>\n");
    let (a, b, c) = (&label("a"), &label("b"), &label("c"));
    let url = "    <callbackUrl>https://a.example</callbackUrl>\n";
    // One side changed.
    check(Some(a), a, b, b, &[]);
    check(Some(a), b, a, b, &[]);
    // Both did the same, or other things.
    check(Some(a), b, b, b, &[]);
    check(Some(a), b, c, b, &["label"]);
    // Removed.
    check(Some(a), a, "", "", &[]);
    check(Some(a), "", a, "", &[]);
    check(Some(a), b, "", b, &["label"]);
    check(Some(a), "", b, "", &["label"]);
    // Added.
    check(Some(""), a, url, &format!("{url}{a}"), &[]);
    check(Some(""), a, b, a, &["label"]);
    // Nothing is known of the base.
    check(None, a, url, &format!("{url}{a}"), &[]);
    check(None, a, b, a, &["label"]);
    check(None, a, a, a, &[]);
}

#[test]
fn what_an_org_adds_by_itself_is_no_change() {
    let label = "    <label>a</label>\n";
    let org =
        "<consumerKey>3MVG9</consumerKey><isPkceRequired>true</isPkceRequired><label>a</label>";
    check(Some(label), label, org, label, &[]);
    let secret = "    <consumerSecret>hunter2</consumerSecret>\n    <label>a</label>\n";
    check(Some(secret), secret, label, secret, &[]);
}

#[test]
fn records() {
    let record = |audience: &str, minutes: &str| {
        format!(
            "    <idTokenConfig>\n        <idTokenAudience>{audience}</idTokenAudience>\n        <idTokenValidityInMinutes>{minutes}</idTokenValidityInMinutes>\n    </idTokenConfig>\n"
        )
    };
    let base = &record("a", "5");
    check(
        Some(base),
        &record("b", "5"),
        &record("a", "6"),
        &record("b", "6"),
        &[],
    );
    check(Some(base), base, "", "", &[]);
    check(Some(""), "", base, base, &[]);
    // They removed a record in which we changed a member; the other way round.
    let changed = &record("b", "5");
    let kept =
        "    <idTokenConfig>\n        <idTokenAudience>b</idTokenAudience>\n    </idTokenConfig>\n";
    check(
        Some(base),
        changed,
        "",
        kept,
        &["idTokenConfig.idTokenAudience"],
    );
    check(
        Some(base),
        "",
        changed,
        "",
        &["idTokenConfig.idTokenAudience"],
    );
}

proptest! {
    #[test]
    fn equal_sides_and_disjoint_edits(
        base in proptest::collection::vec(proptest::option::of("[a-c]{1,3}"), 3),
        ours in proptest::collection::vec(proptest::option::of("[a-c]{1,3}"), 3),
        theirs in proptest::collection::vec(proptest::option::of("[a-c]{1,3}"), 3),
    ) {
        const MEMBERS: [&str; 3] = ["callbackUrl", "certificate", "label"];
        let file = |values: &[Option<String>]| {
            let members = MEMBERS.iter().zip(values).filter_map(|(name, value)| {
                Some(format!("    <{name}>{}</{name}>\n", value.as_ref()?))
            });
            component(&members.collect::<String>())
        };
        let (b, o, t) = (file(&base), file(&ours), file(&theirs));
        // Equal sides: the identity.
        let same = merge(Some(&b), &o, &o);
        prop_assert_eq!(same.component.file().text(), o.file().text());
        prop_assert!(same.conflicts.is_empty());
        // Edits of different members: both.
        let mine = file(&[ours[0].clone(), base[1].clone(), base[2].clone()]);
        let yours = file(&[base[0].clone(), theirs[1].clone(), theirs[2].clone()]);
        let both = file(&[ours[0].clone(), theirs[1].clone(), theirs[2].clone()]);
        let merged = merge(Some(&b), &mine, &yours);
        prop_assert!(merged.conflicts.is_empty());
        prop_assert_eq!(merged.component.snapshot(None), both.snapshot(None));
        // A conflict is exactly a member that both changed in different ways.
        let merged = merge(Some(&b), &o, &t);
        let found: Vec<_> = merged.conflicts.iter().map(|c| c.path.to_string()).collect();
        let expected: Vec<_> = (0..3)
            .filter(|&i| ours[i] != base[i] && theirs[i] != base[i] && ours[i] != theirs[i])
            .map(|i| MEMBERS[i])
            .collect();
        prop_assert_eq!(found, expected);
    }
}
