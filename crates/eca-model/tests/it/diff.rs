//! Two projects compared by meaning.

use eca_model::{ComponentChange, Project, diff};

use crate::XMLNS;

fn global(members: &str) -> Project {
    let text = format!(
        "<ExtlClntAppGlobalOauthSettings {XMLNS}>{members}</ExtlClntAppGlobalOauthSettings>"
    );
    Project::from_entries([("x/Shop.ecaGlblOauth".to_owned(), text.into_bytes())])
}

/// The differences, one line each.
fn check(left: &str, right: &str, expected: &[&str]) {
    let mut lines = Vec::new();
    for component in diff(&global(left), &global(right)) {
        match component.change {
            ComponentChange::Changed(fields) => {
                lines.extend(fields.into_iter().map(|field| {
                    let side = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
                    format!(
                        "{:?} {} {} {}",
                        field.change,
                        field.path,
                        side(field.left),
                        side(field.right)
                    )
                }));
            }
            other => lines.push(format!("{other:?} {}", component.id)),
        }
    }
    assert_eq!(lines, expected, "{left} | {right}");
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
        &["Added isPkceRequired - false"],
    );
    check(
        "",
        "<consumerKey>3MVG</consumerKey>",
        &["OrgGenerated consumerKey - 3MVG"],
    );
    check(
        "<consumerKey>a</consumerKey>",
        "<consumerKey>b</consumerKey>",
        &["Changed consumerKey a b"],
    );
    check(
        "<consumerSecret>a</consumerSecret>",
        "",
        &["Removed consumerSecret *** -"],
    );
    check(
        "<idTokenConfig><idTokenAudience>a</idTokenAudience></idTokenConfig>",
        "<idTokenConfig><idTokenAudience>b</idTokenAudience></idTokenConfig><future>1</future>",
        &[
            "Added future - 1",
            "Changed idTokenConfig.idTokenAudience a b",
        ],
    );
}

#[test]
fn components() {
    let none = Project::default();
    assert_eq!(diff(&none, &global("")).len(), 1);
    assert_eq!(diff(&global(""), &none)[0].change, ComponentChange::Removed);
    assert_eq!(diff(&none, &none), []);
}
