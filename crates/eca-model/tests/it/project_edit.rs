//! A project that is read, changed and written back.

use std::path::Path;

use eca_model::types::{ExternalClientApplication, ExtlClntAppOauthSettings};
use eca_model::{ComponentName, Project};

use crate::{XMLNS, oauth_settings};

const APP: &str = "externalClientApps/Shop.eca";
const OAUTH: &str = "extlClntAppOauthSettings/Shop_oauth.ecaOauth";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let header = format!(
        "<ExternalClientApplication {XMLNS}>\n    <label>Shop</label>\n</ExternalClientApplication>\n"
    );
    for (path, text) in [
        (APP, header),
        (OAUTH, oauth_settings("    <label>a</label>\n")),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn changed(project: &Project) -> Vec<&str> {
    project.changed().map(eca_model::Component::path).collect()
}

fn text(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

fn oauth() -> ComponentName {
    "ExtlClntAppOauthSettings:Shop_oauth".parse().unwrap()
}

#[test]
fn only_changed_files_are_written() {
    let folder = folder();
    let header = folder.path().join(APP);
    let before = std::fs::metadata(&header).unwrap().modified().unwrap();
    let mut project = Project::load(folder.path()).unwrap();
    project.save().unwrap();
    project
        .edit("Shop_oauth", |settings: &mut ExtlClntAppOauthSettings| {
            settings.is_first_party_app_enabled = Some(true);
        })
        .unwrap();
    let label = "label".parse().unwrap();
    project.set(&oauth(), &label, Some("b".into())).unwrap();
    // Changed to what it is.
    project
        .edit("Shop", |app: &mut ExternalClientApplication| {
            app.label = Some("Shop".to_owned());
        })
        .unwrap();
    assert_eq!(changed(&project), [OAUTH]);
    project.save().unwrap();
    assert_eq!(changed(&project), [""; 0]);
    let members =
        "    <isFirstPartyAppEnabled>true</isFirstPartyAppEnabled>\n    <label>b</label>\n";
    assert_eq!(text(folder.path(), OAUTH), oauth_settings(members));
    assert_eq!(
        std::fs::metadata(&header).unwrap().modified().unwrap(),
        before
    );
    project.set(&oauth(), &label, None).unwrap();
    project.set_text(&oauth(), oauth_settings("")).unwrap();
    project.save().unwrap();
    assert_eq!(text(folder.path(), OAUTH), oauth_settings(""));
}

#[test]
fn all_or_none() {
    let folder = folder();
    let mut project = Project::load(folder.path()).unwrap();
    let label = "label".parse().unwrap();
    project.set(&oauth(), &label, Some("b".into())).unwrap();
    let app = "ExternalClientApplication:Shop".parse().unwrap();
    project.set(&app, &label, Some("Store".into())).unwrap();
    let (header, settings) = (text(folder.path(), APP), text(folder.path(), OAUTH));
    // A folder in the place of the second file.
    std::fs::remove_file(folder.path().join(OAUTH)).unwrap();
    std::fs::create_dir(folder.path().join(OAUTH)).unwrap();
    let error = project.save().unwrap_err().to_string();
    assert!(error.contains(OAUTH), "{error}");
    assert_eq!(text(folder.path(), APP), header);
    assert_eq!(changed(&project).len(), 2);
    std::fs::remove_dir(folder.path().join(OAUTH)).unwrap();
    std::fs::write(folder.path().join(OAUTH), settings).unwrap();
    project.save().unwrap();
    assert_ne!(text(folder.path(), APP), header);
}

#[test]
fn refusals() {
    let entry = (OAUTH.to_owned(), oauth_settings("").into_bytes());
    let mut project = Project::from_entries([entry]);
    let label = "label".parse().unwrap();
    let absent = ComponentName::new("ApexClass", "Shop");
    for (error, expected) in [
        (
            project.set(&absent, &label, None).unwrap_err(),
            "the project has no ApexClass:Shop",
        ),
        (
            project
                .set(&oauth(), &"lable".parse().unwrap(), None)
                .unwrap_err(),
            "ExtlClntAppOauthSettings:Shop_oauth cannot be changed",
        ),
        (
            project.set_text(&oauth(), "<a/>").unwrap_err(),
            "the new text of ExtlClntAppOauthSettings:Shop_oauth cannot be read",
        ),
    ] {
        assert_eq!(error.to_string(), expected);
    }
    project.set(&oauth(), &label, Some("b".into())).unwrap();
    let error = project.save().unwrap_err().to_string();
    assert!(
        error.starts_with("the project was not read from a folder"),
        "{error}"
    );
}
