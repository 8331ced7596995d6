//! Projects: layouts, ownership, unreadable files.

use eca_model::types::ExtlClntAppOauthSettings;
use eca_model::{ApiVersion, Component, ComponentName, Layout, MetadataType, Project, layout};

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
    let components = project.apps();
    let mut components = components.iter().flat_map(eca_model::App::components);
    assert!(components.all(|component| component.kind().is_of_apps()));
    assert!(!MetadataType::PermissionSet.is_of_apps());
    assert_eq!(project.api_version(), Some(ApiVersion::new(66)));
    assert_eq!(project.of_type::<ExtlClntAppOauthSettings>().count(), 2);
    let id = ComponentName::new(MetadataType::ExtlClntAppOauthSettings, "Shop_oauth");
    assert_eq!(
        project.component(&id).unwrap().package_path(),
        "extlClntAppOauthSettings/Shop_oauth.ecaOauth"
    );
}

#[test]
fn apps_by_name_and_by_consumer_key() {
    let global = |app: &str, key: &str| {
        let text = format!(
            "<ExtlClntAppGlobalOauthSettings {XMLNS}>{key}{app}</ExtlClntAppGlobalOauthSettings>"
        );
        entry(&format!("g/{}.ecaGlblOauth", text.len()), &text)
    };
    let of = |app: &str| format!("<externalClientApplication>{app}</externalClientApplication>");
    let with = |key: &str| format!("<consumerKey>{key}</consumerKey>");
    let project = Project::from_entries([
        global(&of("Shop"), &with("3MVG9shop")),
        global(&of("Billing"), &with("3MVG9two")),
        global(&of("Keyless"), ""),
        global("", &with("3MVG9ownerless")),
        entry("s/Shop.ecaOauth", &settings_of("Shop")),
    ]);
    for (key, name, members) in [
        ("3MVG9shop", "Shop", 2),
        ("3MVG9two", "Billing", 1),
        ("3MVG9ownerless", "", 0),
        ("3mvg9shop", "", 0),
        ("", "", 0),
    ] {
        let app = project.app_by_consumer_key(key);
        let found = app.map(|app| (app.name, app.members.len()));
        assert_eq!(found.unwrap_or_default(), (name, members), "{key}");
    }
    let shop = project.app("Shop").unwrap();
    assert!(shop.first::<ExtlClntAppOauthSettings>().is_some());
    assert!(project.app("shop").is_none());
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
            "b/Shop.ecaPlcy:2:1: root element is `ExtlClntAppOauthSettings`, expected `ExtlClntAppConfigurablePolicies`, the type of the file's suffix",
        ]
    );
    assert_eq!(project.duplicates()[0].first, "a/Shop.ecaOauth");
    assert_eq!(project.duplicates()[0].path, "b/Shop.ecaOauth");
}

/// A temporary folder with these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

const TWO_DIRECTORIES: &[u8] =
    br#"{"packageDirectories": [{"path": "app"}, {"path": "lib"}], "sourceApiVersion": "65.0"}"#;

#[test]
fn a_project_on_disk_has_the_files_of_its_package_directories() {
    let shop = settings_of("Shop");
    let folder = folder(&[
        ("sfdx-project.json", TWO_DIRECTORIES),
        ("app/x/Shop_oauth.ecaOauth-meta.xml", shop.as_bytes()),
        ("elsewhere/Shop.ecaOauth-meta.xml", shop.as_bytes()),
        ("lib/node_modules/y/Z.ecaOauth-meta.xml", shop.as_bytes()),
    ]);
    let project = Project::load(folder.path()).unwrap();
    let paths: Vec<_> = project.components().iter().map(Component::path).collect();
    assert_eq!(paths, ["app/x/Shop_oauth.ecaOauth-meta.xml"]);
    assert_eq!(project.api_version(), Some(ApiVersion::new(65)));
}

/// A stranger's folders may be nested deeper than a stack is.
#[test]
fn deep_folders_need_no_stack() {
    let folder = folder(&[]);
    let deepest = folder.path().join("a/".repeat(400));
    std::fs::create_dir_all(&deepest).unwrap();
    std::fs::write(deepest.join("Shop.ecaOauth"), settings_of("Shop")).unwrap();
    let root = folder.path().to_owned();
    let thread = std::thread::Builder::new().stack_size(128 << 10);
    let project = thread.spawn(move || Project::load(root).unwrap());
    assert_eq!(project.unwrap().join().unwrap().components().len(), 1);
}

#[test]
fn a_folder_that_is_not_a_project_is_refused() {
    for (project_file, path, message) in [
        (TWO_DIRECTORIES, "none", "no folder "),
        (TWO_DIRECTORIES, "sfdx-project.json", "is not a folder"),
        (
            TWO_DIRECTORIES,
            ".",
            "package directory app, which does not exist",
        ),
        (b"{", ".", "cannot be read as a project file"),
    ] {
        let folder = folder(&[("sfdx-project.json", project_file)]);
        let error = Project::load(folder.path().join(path))
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{error}");
    }
}

/// What a stranger's checkout may link to: a file elsewhere, a file without an end.
#[cfg(unix)]
#[test]
fn nothing_outside_of_the_project_is_read() {
    const PROJECT: &[u8] = br#"{"packageDirectories": [{"path": "app"}]}"#;
    const ABOVE: &[u8] = br#"{"packageDirectories": [{"path": "../other"}]}"#;
    for (project_file, link, to, message) in [
        (ABOVE, "unused", "app", "../other leads out of the project"),
        (
            PROJECT,
            "app/A.eca-meta.xml",
            "../../other/S.eca",
            "leads out",
        ),
        (PROJECT, "app/A.eca-meta.xml", "/etc/hostname", "leads out"),
        (PROJECT, "app/A.eca-meta.xml", "none", "cannot read"),
        (PROJECT, "app/linked", "../../other", "app/linked leads out"),
        (PROJECT, "app/linked", "/etc", "app/linked leads out"),
        (PROJECT, "package.xml", "../other/S.eca", "leads out"),
        (PROJECT, ".forceignore", "/dev/zero", "leads out"),
    ] {
        let files: &[(&str, &[u8])] = &[
            ("p/sfdx-project.json", project_file),
            ("p/app/Shop_oauth.ecaOauth-meta.xml", b""),
            ("other/S.eca", b""),
        ];
        let folder = folder(files);
        let project = folder.path().join("p");
        std::os::unix::fs::symlink(to, project.join(link)).unwrap();
        let error = Project::load(&project).unwrap_err().to_string();
        assert!(error.contains(message), "{link} -> {to}: {error}");
    }
}

#[cfg(unix)]
#[test]
fn links_inside_of_the_project_are_read_and_other_files_are_named() {
    let folder = folder(&[
        ("sfdx-project.json", TWO_DIRECTORIES),
        ("lib/S_oauth.ecaOauth-meta.xml", settings_of("S").as_bytes()),
    ]);
    let app = folder.path().join("app");
    std::fs::create_dir(&app).unwrap();
    let link = app.join("T_oauth.ecaOauth-meta.xml");
    std::os::unix::fs::symlink("../lib/S_oauth.ecaOauth-meta.xml", link).unwrap();
    std::os::unix::fs::symlink("../lib", app.join("lib")).unwrap();
    // Links out of the project that do not belong to it.
    std::os::unix::fs::symlink("/etc", app.join("node_modules")).unwrap();
    std::os::unix::fs::symlink("/etc", app.join("ignored")).unwrap();
    std::fs::write(folder.path().join(".forceignore"), "ignored\n").unwrap();
    assert_eq!(Project::load(folder.path()).unwrap().components().len(), 2);

    let socket = app.join("U_oauth.ecaOauth-meta.xml");
    let _socket = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let error = Project::load(folder.path()).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        error.to_string(),
        format!("cannot read {}", socket.display())
    );
    assert_eq!(cause, "it is not a regular file");
}

#[test]
fn a_file_over_the_limit_is_named_and_not_read_to_its_end() {
    let folder = folder(&[("Shop.eca", b"")]);
    let path = folder.path().join("Shop.eca");
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_len(1 << 40).unwrap();
    let project = Project::load(folder.path()).unwrap();
    let unreadable = project.unreadable()[0].to_string();
    assert!(unreadable.contains("16 MiB"), "{unreadable}");
}

/// Checks which components the project has.
fn check_paths(name: &str, entries: &[(&str, &str)], expected: &[&str]) {
    let project = Project::from_entries(entries.iter().map(|(path, text)| entry(path, text)));
    let paths: Vec<_> = project.components().iter().map(Component::path).collect();
    assert_eq!(paths, expected, "{name}");
}

#[test]
fn files_outside_of_the_project_are_left_out() {
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
fn layouts() {
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
    let suspicions: Vec<_> = project
        .suspicious()
        .iter()
        .map(|file| format!("{}: {}", file.path, file.suspicion))
        .collect();
    assert_eq!(
        suspicions,
        [
            "a/extlClntAppOauthSettings/T.ecaOAuth-meta.xml: no metadata type has the suffix `.ecaOAuth`; did you mean `.ecaOauth`?",
            "a/extlClntAppPolicies/U.ecaOauth-meta.xml: the folder `extlClntAppPolicies` is not that of the file's type; did you mean `extlClntAppOauthSettings`?",
        ]
    );
    assert_eq!(project.components().len(), 2);
}

/// Holds for every type whose components are pairs.
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
        .map(|c| (c.full_name(), c.content().map(|f| f.path.as_str())))
        .collect();
    assert_eq!(contents, [("Bare", None), ("Shop", Some("certs/Shop.crt"))]);
    assert_eq!(project.unpaired()[0].path, "certs/Lost.crt");
    assert_eq!(
        project.components()[1].package_path(),
        "certs/Shop.crt-meta.xml"
    );
}

#[test]
fn ignored_files_on_disk_are_not_read() {
    let folder = folder(&[
        (".forceignore", b"package.xml\nsecret/\n*_draft.*\n"),
        (
            "package.xml",
            b"<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\"><version>64.0</version></Package>",
        ),
        ("secret/A.ecaOauth", &[0xff]),
        ("x/B_draft.ecaOauth", &[0xff]),
        ("x/C.ecaOauth", settings_of("Shop").as_bytes()),
        ("x/D.ecaGlobalOauth", &[0xff]),
        ("x/E_draft.ecaGlobalOauth", &[0xff]),
    ]);
    let project = Project::load(folder.path()).unwrap();
    assert_eq!(project.unreadable(), []);
    assert_eq!(project.components().len(), 1);
    assert_eq!(project.suspicious().len(), 1, "{:?}", project.suspicious());
    assert_eq!(project.api_version(), Some(ApiVersion::new(64)));
    assert_eq!(project.layout(), Some(Layout::Metadata));
}

/// Profiles and permission sets are read where they say something of the project, or are named.
#[test]
fn files_about_access() {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, root: &str, members: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = format!("<{root} {XMLNS}>{members}</{root}>\n");
        std::fs::write(path, text).unwrap();
    };
    let principal = "<externalCredentialPrincipalAccesses><enabled>true</enabled><externalCredentialPrincipal>Erp-Shop</externalCredentialPrincipal></externalCredentialPrincipalAccesses>";
    let credential = "<externalCredentialParameters><parameterName>Shop</parameterName><parameterType>NamedPrincipal</parameterType></externalCredentialParameters>";
    let policies = "<commaSeparatedPermissionSet>Shopper</commaSeparatedPermissionSet><commaSeparatedProfile>System Administrator,HR (Office)</commaSeparatedProfile><externalClientApplication>Shop</externalClientApplication>";
    put(
        "a/Erp.externalCredential-meta.xml",
        "ExternalCredential",
        credential,
    );
    put(
        "a/Shop.ecaOauthPlcy-meta.xml",
        "ExtlClntAppOauthConfigurablePolicies",
        policies,
    );
    for (name, members) in [
        ("Shopper", ""),
        ("Caller", principal),
        ("Other", "<label>Other</label>"),
        ("Broken", "<label>"),
    ] {
        put(
            &format!("a/permissionsets/{name}.permissionset-meta.xml"),
            "PermissionSet",
            members,
        );
    }
    for name in ["Admin", "HR %28Office%29", "Standard"] {
        put(
            &format!("a/profiles/{name}.profile-meta.xml"),
            "Profile",
            "",
        );
    }
    let project = Project::load(folder.path()).unwrap();
    let names = |project: &Project| -> Vec<String> {
        let components = project.components().iter();
        let names = components.map(|component| component.name().to_string());
        names.filter(|name| name.starts_with('P')).collect()
    };
    let related = [
        "PermissionSet:Caller",
        "PermissionSet:Shopper",
        "Profile:Admin",
        "Profile:HR %28Office%29",
    ];
    assert_eq!(names(&project), related);
    assert!(project.unreadable().is_empty());
    let aside = |project: &Project| -> Vec<String> {
        let files = project.access_files().iter();
        let mut names: Vec<_> = files.map(|file| file.component.to_string()).collect();
        names.sort();
        names
    };
    let unrelated = [
        "PermissionSet:Broken",
        "PermissionSet:Other",
        "Profile:Standard",
    ];
    assert_eq!(aside(&project), unrelated);
    assert!(project.unrelated_access().is_empty());

    let mut all = project.clone();
    all.read_access_files(|_| true).unwrap();
    assert!(aside(&all).is_empty());
    assert_eq!(all.unreadable().len(), 1);
    let mut found: Vec<_> = all
        .unrelated_access()
        .into_iter()
        .map(ToString::to_string)
        .collect();
    found.sort();
    assert_eq!(found, unrelated[1..]);
    assert_eq!(names(&all).len(), related.len() + 2);
}
