//! Projects: layouts, ownership, what cannot be read.

use eca_model::types::ExtlClntAppOauthSettings;
use eca_model::{ApiVersion, Component, ComponentId, Layout, MetadataType, Project, fs, layout};

use crate::{XMLNS, oauth_settings};

fn entry(path: &str, text: &str) -> (String, Vec<u8>) {
    (path.to_owned(), text.as_bytes().to_vec())
}

fn settings_of(app: &str) -> String {
    oauth_settings(&format!(
        "    <externalClientApplication>{app}</externalClientApplication>\n"
    ))
}

#[test]
fn components_belong_to_the_app_that_their_element_names() {
    let app = format!(
        "<ExternalClientApplication {XMLNS}><label>Shop</label></ExternalClientApplication>"
    );
    let project = Project::from_entries([
        entry("force-app/a/externalClientApps/Shop.eca-meta.xml", &app),
        entry(
            "force-app/a/extlClntAppOauthSettings/Other_oauth.ecaOauth-meta.xml",
            &settings_of("Shop"),
        ),
        entry(
            "unpackaged/extlClntAppOauthSettings/Shop_oauth.ecaOauth",
            &settings_of("Gone"),
        ),
        entry(
            "force-app/a/customPermissions/Refund.customPermission-meta.xml",
            &format!(
                "<CustomPermission {XMLNS}><externalClientApplication>Shop</externalClientApplication>\
                 </CustomPermission>"
            ),
        ),
        entry("force-app/classes/A.cls", "class A {}"),
        entry("sfdx-project.json", r#"{"sourceApiVersion": "66.0"}"#),
    ]);
    let apps: Vec<_> = project
        .apps()
        .iter()
        .map(|app| (app.name.to_owned(), app.header.is_some(), app.members.len()))
        .collect();
    assert_eq!(
        apps,
        [("Gone".to_owned(), false, 1), ("Shop".to_owned(), true, 2)]
    );
    // Whatever belongs to an app is of a type that can, and so may a file of it that cannot be
    // read.
    let components = project.apps();
    let mut components = components.iter().flat_map(eca_model::App::components);
    assert!(components.all(|component| component.id().kind.is_of_apps()));
    assert!(!MetadataType::PermissionSet.is_of_apps());
    assert_eq!(project.api_version(), Some(ApiVersion::new(66)));
    assert_eq!(project.of_type::<ExtlClntAppOauthSettings>().count(), 2);
    let id = ComponentId::new(MetadataType::ExtlClntAppOauthSettings, "Shop_oauth");
    assert_eq!(
        project.component(&id).unwrap().package_path(),
        "extlClntAppOauthSettings/Shop_oauth.ecaOauth"
    );
}

#[test]
fn unreadable_files_and_duplicates_are_named() {
    let project = Project::from_entries([
        entry("a/Shop.eca-meta.xml", "no xml"),
        entry("a/Shop.ecaOauth", &settings_of("Shop")),
        entry("b/Shop.ecaOauth", &settings_of("Shop")),
        entry("b/Shop.ecaPlcy", &settings_of("Shop")),
    ]);
    let unreadable: Vec<_> = project
        .unreadable()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        unreadable,
        [
            "a/Shop.eca-meta.xml:1:1: no XML element found; the file is empty or is not XML",
            "b/Shop.ecaPlcy:2:1: root element is `ExtlClntAppOauthSettings`, expected `ExtlClntAppConfigurablePolicies`, as the file's suffix says",
        ]
    );
    assert_eq!(project.duplicates()[0].first, "a/Shop.ecaOauth");
    assert_eq!(project.duplicates()[0].path, "b/Shop.ecaOauth");
}

#[test]
fn from_disk() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    assert!(
        fs::load(&root.join("none"))
            .unwrap_err()
            .to_string()
            .starts_with("no folder ")
    );
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write_atomic(&path, text.as_bytes(), fs::Access::Inherited).unwrap();
    };
    write(
        "sfdx-project.json",
        r#"{"packageDirectories": [{"path": "app"}, {"path": "lib"}], "sourceApiVersion": "65.0"}"#,
    );
    write("app/x/Shop_oauth.ecaOauth-meta.xml", &settings_of("Shop"));
    write("elsewhere/Shop.ecaOauth-meta.xml", &settings_of("Shop"));
    let error = fs::load(root).unwrap_err().to_string();
    assert!(
        error.contains("package directory lib, which does not exist"),
        "{error}"
    );
    write("lib/node_modules/y/Z.ecaOauth-meta.xml", &settings_of("Z"));
    let project = fs::load(root).unwrap();
    let paths: Vec<_> = project
        .components()
        .iter()
        .map(eca_model::Component::path)
        .collect();
    assert_eq!(paths, ["app/x/Shop_oauth.ecaOauth-meta.xml"]);
    assert_eq!(project.api_version(), Some(ApiVersion::new(65)));
    assert!(
        fs::load(&root.join("sfdx-project.json"))
            .unwrap_err()
            .to_string()
            .contains("is not a folder")
    );
    write("sfdx-project.json", "{");
    let error = fs::load(root).unwrap_err().to_string();
    assert!(
        error.contains("cannot be read as a project file"),
        "{error}"
    );
    let left: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .filter(|n| n.starts_with('.'))
        .collect();
    assert_eq!(
        left,
        Vec::<String>::new(),
        "no half-written file stays behind"
    );
}

/// The paths of the components that are left.
fn check_paths(name: &str, entries: &[(&str, &str)], expected: &[&str]) {
    let project = Project::from_entries(entries.iter().map(|(path, text)| entry(path, text)));
    let paths: Vec<_> = project.components().iter().map(Component::path).collect();
    assert_eq!(paths, expected, "{name}");
}

#[test]
fn what_does_not_count_is_left_out() {
    let shop = settings_of("Shop");
    check_paths(
        "package directories",
        &[
            (
                "sfdx-project.json",
                r#"{"packageDirectories": [{"path": "./app/", "default": true}, {"path": "lib\\main"}]}"#,
            ),
            ("app/A.ecaOauth-meta.xml", &shop),
            ("apple/B.ecaOauth-meta.xml", &shop),
            ("lib/main/C.ecaOauth-meta.xml", &shop),
            ("lib/D.ecaOauth-meta.xml", &shop),
        ],
        &["app/A.ecaOauth-meta.xml", "lib/main/C.ecaOauth-meta.xml"],
    );
    check_paths(
        ".forceignore, below the folder that a zip starts with",
        &[
            ("shop-1.2/.forceignore", "/old/\n**/*_draft.*\n"),
            ("shop-1.2/old/A.ecaOauth", &shop),
            ("shop-1.2/new/old/B.ecaOauth", &shop),
            ("shop-1.2/new/C_draft.ecaOauth", &shop),
            ("old/D.ecaOauth", &shop),
        ],
        &["shop-1.2/new/old/B.ecaOauth", "old/D.ecaOauth"],
    );
}

#[test]
fn what_the_project_says_about_itself() {
    let shop = settings_of("Shop");
    let layout = |paths: &[&str]| {
        Project::from_entries(paths.iter().map(|path| entry(path, &shop))).layout()
    };
    assert_eq!(layout(&["README.md"]), None);
    assert_eq!(layout(&["a/A.ecaOauth"]), Some(Layout::Metadata));
    assert_eq!(
        layout(&["a/A.ecaOauth", "b/B.ecaOauth-meta.xml"]),
        Some(Layout::Source)
    );
    assert_eq!(layout(&["certs/A.crt-meta.xml"]), None);
    let project = Project::from_entries([entry(
        "sfdx-project.json",
        r#"{"packageDirectories": [{"path": "lib"}, {"path": "app", "default": true}]}"#,
    )]);
    let directories: Vec<_> = project
        .package_directories()
        .iter()
        .map(|directory| (directory.path.as_str(), directory.is_default))
        .collect();
    assert_eq!(directories, [("lib", false), ("app", true)]);
    assert_eq!(project.layout(), Some(Layout::Source));
}

#[test]
fn misnamed_files_are_named() {
    let shop = settings_of("Shop");
    let project = Project::from_entries([
        entry("a/extlClntAppOauthSettings/S.ecaOauth-meta.xml", &shop),
        entry("a/extlClntAppOauthSettings/T.ecaOAuth-meta.xml", &shop),
        entry("a/extlClntAppPolicies/U.ecaOauth-meta.xml", &shop),
        entry("a/classes/A.cls-meta.xml", "<ApexClass/>"),
    ]);
    let said: Vec<_> = project
        .suspicious()
        .iter()
        .map(|file| format!("{}: {}", file.path, file.suspicion))
        .collect();
    assert_eq!(
        said,
        [
            "a/extlClntAppOauthSettings/T.ecaOAuth-meta.xml: no metadata type has the suffix `.ecaOAuth`; did you mean `.ecaOauth`?",
            "a/extlClntAppPolicies/U.ecaOauth-meta.xml: the folder `extlClntAppPolicies` is not that of the file's type; did you mean `extlClntAppOauthSettings`?",
        ]
    );
    assert_eq!(project.components().len(), 2);
}

/// Types whose components are pairs come and go with the list of types; the rule does not.
#[test]
fn pairs_of_content_and_meta_file() {
    let mut pairs = MetadataType::ALL
        .iter()
        .filter(|k| layout::has_content(**k));
    let Some(kind) = pairs.next() else { return };
    let name = kind.name();
    let meta = format!("<{name} {XMLNS}/>");
    let project = Project::from_entries([
        entry("certs/Shop.crt", "-----BEGIN CERTIFICATE-----"),
        entry("certs/Shop.crt-meta.xml", &meta),
        entry("certs/Bare.crt-meta.xml", &meta),
        entry("certs/Lost.crt", "MII"),
    ]);
    let contents: Vec<_> = project
        .components()
        .iter()
        .map(|c| (c.id().name.as_str(), c.content().map(|f| f.path.as_str())))
        .collect();
    assert_eq!(contents, [("Bare", None), ("Shop", Some("certs/Shop.crt"))]);
    assert_eq!(project.unpaired()[0].path, "certs/Lost.crt");
    assert_eq!(
        project.components()[1].package_path(),
        "certs/Shop.crt-meta.xml"
    );
}

#[test]
fn what_is_ignored_on_disk_is_not_even_read() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let write = |path: &str, text: &[u8]| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(".forceignore", b"package.xml\nsecret/\n*_draft.*\n");
    write("package.xml", b"<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\"><version>64.0</version></Package>");
    write("secret/A.ecaOauth", &[0xff]);
    write("x/B_draft.ecaOauth", &[0xff]);
    write("x/C.ecaOauth", settings_of("Shop").as_bytes());
    write("x/D.ecaGlobalOauth", &[0xff]);
    write("x/E_draft.ecaGlobalOauth", &[0xff]);
    let project = fs::load(root).unwrap();
    assert_eq!(project.unreadable(), []);
    assert_eq!(project.components().len(), 1);
    assert_eq!(project.suspicious().len(), 1, "{:?}", project.suspicious());
    assert_eq!(project.api_version(), Some(ApiVersion::new(64)));
    assert_eq!(project.layout(), Some(Layout::Metadata));
}
