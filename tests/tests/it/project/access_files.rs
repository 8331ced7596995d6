//! Profiles and permission sets that are about other things: a package of the project leaves them
//! out, and whoever names one gets it.

use std::fs;

use eca_tests::{clean_storefront_copy, run, run_line, run_with};

use crate::embedded::EmbeddedOrg;

const OTHER: &str = "force-app/main/default/permissionsets/Other.permissionset-meta.xml";

#[test]
fn what_a_package_takes() {
    let project = clean_storefront_copy();
    let root = project.path();
    let text = |label: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <!-- ours -->\n    <label>{label}</label>\n</PermissionSet>\n"
        )
    };
    fs::create_dir_all(root.join(OTHER).parent().unwrap()).unwrap();
    fs::write(root.join(OTHER), text("Other")).unwrap();
    let packaged = |selection: &str, at: usize| {
        let run = run_line(
            root,
            &format!("package --json --output {at}.zip{selection}"),
        );
        assert_eq!(run.code, 0, "{run:?}");
        let files = run.json()["files"].to_string();
        (files.contains("Other.permissionset"), run.stderr)
    };
    for (at, selection) in ["", " --app Storefront", " force-app"]
        .into_iter()
        .enumerate()
    {
        assert!(!packaged(selection, at).0, "{selection}");
    }
    let manifest = "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\"><types><members>*</members><name>PermissionSet</name></types><version>66.0</version></Package>";
    fs::write(root.join("some.xml"), manifest).unwrap();
    let named = [
        format!(" {OTHER}"),
        " force-app/main/default/permissionsets".to_owned(),
        " --metadata PermissionSet:Other".to_owned(),
        " --metadata PermissionSet".to_owned(),
        " --manifest some.xml".to_owned(),
    ];
    for (at, selection) in named.iter().enumerate() {
        assert!(packaged(selection, 10 + at).0, "{selection}");
    }
    let run = run(root, &["package", "--output", "told.zip"]);
    let words =
        "1 profile, permission set or site left out: nothing in it is about the project's apps";
    assert!(run.stderr.contains(words), "{run:?}");

    // A retrieve by name knows the file, and merges into it.
    let org = EmbeddedOrg::start();
    let deploy = run_with(root, &["deploy", OTHER], org.environment());
    assert_eq!(deploy.code, 0, "{deploy:?}");
    fs::write(root.join(OTHER), text("Others")).unwrap();
    let line = ["retrieve", "--force", "--metadata", "PermissionSet:Other"];
    let retrieve = run_with(root, &line, org.environment());
    assert_eq!(retrieve.code, 0, "{retrieve:?}");
    assert_eq!(fs::read_to_string(root.join(OTHER)).unwrap(), text("Other"));
}
