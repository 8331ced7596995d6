//! Metadata files in no package directory.

use std::fs;

use eca_tests::{clean_storefront_copy, find, run_line};

#[test]
fn files_in_no_package_directory() {
    let project = clean_storefront_copy();
    let root = project.path();
    let folder = root.join("unpackaged/post/extlClntAppOauthPolicies");
    fs::create_dir_all(&folder).unwrap();
    let policies = find(root, ".ecaOauthPlcy-meta.xml");
    let text = fs::read_to_string(&policies).unwrap();
    fs::remove_file(&policies).unwrap();
    let text = text.replace("AdminApproved", "AdminAproved");
    fs::write(folder.join("Late.ecaOauthPlcy-meta.xml"), text).unwrap();
    let path = "unpackaged/post/extlClntAppOauthPolicies/Late.ecaOauthPlcy-meta.xml";

    let all = run_line(root, "lint --format short");
    let told = format!("{path}:1:1: info ECA1020");
    assert!(all.stdout.contains(&told), "{all:?}");
    assert!(all.stdout.contains("eca lint unpackaged/post"), "{all:?}");
    // What a path names is read, together with the package directories.
    for given in [path, "unpackaged/post", "unpackaged"] {
        let some = run_line(root, &format!("lint --format short {given}"));
        assert_eq!(some.code, 1, "{some:?}");
        assert!(some.stdout.contains(&format!("{path}:")), "{some:?}");
        assert!(some.stdout.contains("error ECA1004"), "{some:?}");
        assert!(!some.stdout.contains("ECA1020"), "{some:?}");
        assert!(!some.stdout.contains("ECA1101"), "{some:?}");
    }
    let package = run_line(root, &format!("package --json --output x.zip {path}"));
    assert!(
        package.json()["sources"].to_string().contains(path),
        "{package:?}"
    );
    let empty = root.join("unpackaged/pre");
    fs::create_dir(&empty).unwrap();
    let none = run_line(root, "lint unpackaged/pre");
    assert_eq!(none.code, 3, "{none:?}");
    assert!(
        none.stderr
            .contains("no External Client App metadata in unpackaged/pre"),
        "{none:?}"
    );
}
