//! Comparing the meaning of two projects.

use eca_model::{
    ComponentChange, ComponentDiff, DiffOptions, FieldChange, FieldValue, MetadataType, Project,
    diff, diff_with,
};
use expect_test::expect;

use crate::XMLNS;

fn global(members: &str) -> Project {
    let text = format!(
        "<ExtlClntAppGlobalOauthSettings {XMLNS}>{members}</ExtlClntAppGlobalOauthSettings>"
    );
    Project::from_entries([("x/Shop.ecaGlblOauth".to_owned(), text.into_bytes())])
}

/// The differences, one line each.
fn check(source: &str, target: &str, expected: &[&str]) {
    let mut lines = Vec::new();
    for component in diff(&global(source), &global(target)) {
        match component.change {
            ComponentChange::Update(fields) => {
                lines.extend(fields.into_iter().map(|field| {
                    let side = |value: Option<FieldValue>| {
                        value.map_or_else(|| "-".to_owned(), |value| value.to_string())
                    };
                    format!(
                        "{:?} {} {} {}",
                        field.change,
                        field.path,
                        side(field.source),
                        side(field.target)
                    )
                }));
            }
            other => lines.push(format!("{other:?} {}", component.component)),
        }
    }
    assert_eq!(lines, expected, "{source} | {target}");
}

#[test]
fn members() {
    check(
        "<label>a</label><callbackUrl>u</callbackUrl>",
        "<!-- c --><callbackUrl>u</callbackUrl>\n<label>a</label>",
        &[],
    );
    check("", "<isPkceRequired>true</isPkceRequired>", &[]);
    check(
        "<isPkceRequired>1</isPkceRequired>",
        "<isPkceRequired> true </isPkceRequired>",
        &[],
    );
    check(
        "",
        "<isPkceRequired>false</isPkceRequired>",
        &["WouldReset isPkceRequired - false"],
    );
    check(
        "",
        "<consumerKey>3MVG</consumerKey>",
        &["OrgMade consumerKey - 3MVG"],
    );
    check(
        "<consumerKey>a</consumerKey>",
        "<consumerKey>b</consumerKey>",
        &["Update consumerKey a b"],
    );
    check(
        "<consumerSecret>a</consumerSecret>",
        "",
        &["WriteOnly consumerSecret *** -"],
    );
    check(
        "",
        "<consumerSecret>a</consumerSecret>",
        &["Unknowable consumerSecret - ***"],
    );
    check(
        "<consumerSecret>a</consumerSecret>",
        "<consumerSecret>b</consumerSecret>",
        &["Update consumerSecret *** ***"],
    );
    check(
        "<callbackUrl>${URL}</callbackUrl>",
        "<callbackUrl>https://a</callbackUrl>",
        &["Unknowable callbackUrl ${URL} https://a"],
    );
    check("", "<label>a</label>", &["OnlyInTarget label - a"]);
    check(
        "<idTokenConfig><idTokenAudience>a</idTokenAudience></idTokenConfig>",
        "<idTokenConfig><idTokenAudience>b</idTokenAudience></idTokenConfig><future>1</future>",
        &[
            "OnlyInTarget future - 1",
            "Update idTokenConfig.idTokenAudience a b",
        ],
    );
}

/// A default applies to a member that is left out, but not to a record that is.
#[test]
fn records_that_are_left_out() {
    let settings = |members: &str| {
        let text = format!("<NamedCredential {XMLNS}>{members}</NamedCredential>");
        Project::from_entries([("x/Api.namedCredential".to_owned(), text.into_bytes())])
    };
    let source = settings("<label>a</label>");
    let target = settings(
        "<label>a</label><namedCredentialParameters><parameterName>u</parameterName></namedCredentialParameters>",
    );
    let lines: Vec<_> = diff(&source, &target)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        lines,
        [
            "~ NamedCredential:Api\n    - namedCredentialParameters[parameterName=u].parameterName: u (only in the target)"
        ]
    );
}

#[test]
fn versions_that_cannot_show_a_member() {
    let at = |version: u16, members: &str| {
        let text = format!(
            "<ExtlClntAppGlobalOauthSettings {XMLNS}>{members}</ExtlClntAppGlobalOauthSettings>"
        );
        Project::from_entries([
            ("x/Shop.ecaGlblOauth".to_owned(), text.into_bytes()),
            (
                "package.xml".to_owned(),
                format!("<Package><version>{version}.0</version></Package>").into_bytes(),
            ),
        ])
    };
    let since = MetadataType::ExtlClntAppGlobalOauthSettings
        .schema()
        .record
        .field("isMtlsEnabled")
        .unwrap()
        .since
        .major();
    let ours = at(since, "<isMtlsEnabled>true</isMtlsEnabled>");
    let change = |theirs: &Project| diff(&ours, theirs)[0].fields()[0].change;
    assert_eq!(change(&at(since - 1, "")), FieldChange::Unknowable);
    assert_ne!(change(&at(since, "")), FieldChange::Unknowable);
}

/// Two projects with every kind of change between them.
fn every_change() -> Vec<ComponentDiff> {
    let source = Project::from_entries([
        file(
            "a/Shop.eca",
            "ExternalClientApplication",
            "<label>Shop</label>",
        ),
        file(
            "a/Shop.ecaGlblOauth",
            "ExtlClntAppGlobalOauthSettings",
            "<callbackUrl>a\nb</callbackUrl><consumerSecret>hunter2</consumerSecret><label>l</label>",
        ),
        file("a/Old.ecaOauth", "ExtlClntAppOauthSettings", ""),
        file("a/Bad.ecaOauth", "Wrong", ""),
    ]);
    let target = Project::from_entries([
        file(
            "a/Shop.eca",
            "ExternalClientApplication",
            "<label>Shop</label><orgScopedExternalApp>00D:Shop</orgScopedExternalApp>",
        ),
        file(
            "a/Shop.ecaGlblOauth",
            "ExtlClntAppGlobalOauthSettings",
            "<callbackUrl>a</callbackUrl><isPkceRequired>false</isPkceRequired><label>l</label><new>1</new>",
        ),
        file(
            "a/Shop_plcy.ecaPlcy",
            "ExtlClntAppConfigurablePolicies",
            "<externalClientApplication>Shop</externalClientApplication>",
        ),
        file("a/New.ecaOauth", "ExtlClntAppOauthSettings", ""),
    ]);
    diff_with(&source, &target, DiffOptions::default().with_same())
}

#[test]
fn text() {
    let differences = every_change();
    let text: Vec<_> = differences.iter().map(|d| format!("{d}\n")).collect();
    expect![[r"
        ~ ExternalClientApplication:Shop
            = label: Shop
            * orgScopedExternalApp: 00D:Shop (made by the org)
        * ExtlClntAppConfigurablePolicies:Shop_plcy (made by the org)
        ~ ExtlClntAppGlobalOauthSettings:Shop
            ~ callbackUrl: a -> a, b
            ? consumerSecret: *** (an org does not show it)
            ! isPkceRequired: false (left out; a deploy resets it to true)
            = label: l
            - new: 1 (only in the target)
        ? ExtlClntAppOauthSettings:Bad (the file of one side cannot be read)
        - ExtlClntAppOauthSettings:New (only in the target; a deploy leaves it)
        + ExtlClntAppOauthSettings:Old
    "]]
    .assert_eq(&text.concat());
    let drift: Vec<_> = differences.iter().map(ComponentDiff::is_drift).collect();
    assert_eq!(drift, [false, false, true, false, true, true]);
}

#[test]
fn what_an_org_makes_is_left_out() {
    for (options, first) in [
        (DiffOptions::default(), None),
        (
            DiffOptions::default().with_same(),
            Some("= ExternalClientApplication:Shop"),
        ),
    ] {
        let left = every_change().into_iter();
        let left: Vec<_> = left.filter_map(|d| d.without_org_made(options)).collect();
        assert_eq!(left.len(), if first.is_some() { 5 } else { 4 });
        let text = left[0].to_string();
        assert_eq!(
            first.is_some_and(|first| text.starts_with(first)),
            first.is_some(),
            "{text}"
        );
        assert!(
            !left
                .iter()
                .any(|d| d.to_string().contains("made by the org"))
        );
    }
}

#[test]
fn json() {
    let json = serde_json::to_string_pretty(&every_change()[2]).unwrap();
    expect![[r#"
        {
          "component": "ExtlClntAppGlobalOauthSettings:Shop",
          "change": "update",
          "fields": [
            {
              "path": "callbackUrl",
              "change": "update",
              "source": [
                "a",
                "b"
              ],
              "target": [
                "a"
              ]
            },
            {
              "path": "consumerSecret",
              "change": "write-only",
              "source": {
                "present": "secret"
              },
              "target": null
            },
            {
              "path": "isPkceRequired",
              "change": "would-reset",
              "source": null,
              "target": false,
              "default": true
            },
            {
              "path": "label",
              "change": "same",
              "source": "l",
              "target": "l"
            },
            {
              "path": "new",
              "change": "only-in-target",
              "source": null,
              "target": "1"
            }
          ]
        }"#]]
    .assert_eq(&json);
}

fn file(path: &str, root: &str, members: &str) -> (String, Vec<u8>) {
    let text = format!("<{root} {XMLNS}>{members}</{root}>");
    (path.to_owned(), text.into_bytes())
}

#[test]
fn components() {
    let none = Project::default();
    assert_eq!(diff(&none, &global("")).len(), 1);
    assert_eq!(diff(&global(""), &none)[0].change, ComponentChange::Create);
    assert_eq!(diff(&none, &none), []);
}
