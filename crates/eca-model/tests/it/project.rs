//! Projects: layouts, ownership, what cannot be read.

use eca_model::types::ExtlClntAppOauthSettings;
use eca_model::{ApiVersion, ComponentId, MetadataType, Project, fs};

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
        [("Gone".to_owned(), false, 1), ("Shop".to_owned(), true, 1)]
    );
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
    assert_eq!(project.duplicates()[0].kept, "a/Shop.ecaOauth");
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
        fs::write_file_atomically(&path, text.as_bytes()).unwrap();
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
