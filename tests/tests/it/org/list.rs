//! `eca list --apps`.

use eca_tests::{run_with, storefront_copy};

use crate::embedded::EmbeddedOrg;

#[test]
fn apps_are_listed_in_a_table() {
    let org = EmbeddedOrg::start();
    let project = storefront_copy();
    let root = project.path();
    let list = |arguments: &[&str]| run_with(root, arguments, org.environment());
    let none = list(&["list", "--apps"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""), "{none:?}");
    assert!(none.stderr.contains("the org has no apps"), "{none:?}");

    org.seed(root);
    let table = list(&["list", "--apps", "--quiet"]);
    assert_eq!(table.code, 0, "{table:?}");
    let rows: Vec<Vec<_>> = table
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let [head, row] = &rows[..] else {
        panic!("{table:?}");
    };
    assert_eq!(head, &["APP", "STATE", "FLOWS", "SCOPES", "FILES"]);
    let expected = [
        "Storefront",
        "Local",
        "-",
        "Basic,Api,RefreshToken,OpenID",
        "5",
    ];
    assert_eq!(row, &expected);

    let document = list(&["list", "--apps", "--json"]).json();
    assert_eq!(document["apps"][0]["name"], "Storefront");
    let components = document["apps"][0]["components"].as_array().unwrap();
    assert!(components.contains(&"ExternalClientApplication:Storefront".into()));
    let both = list(&["list", "--apps", "PermissionSet"]);
    assert_eq!(both.code, 3, "{both:?}");
}
