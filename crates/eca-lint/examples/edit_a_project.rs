//! Reads a project, changes a member, checks the project and writes the changed files back:
//! `edit_a_project DIR`. Without an argument it edits a small project that it writes itself.

use std::error::Error;
use std::path::PathBuf;
use std::time::SystemTime;
use std::{env, fs};

use eca_lint::{Options, lint};
use eca_model::Project;
use eca_model::types::ExtlClntAppOauthSettings;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = match env::args_os().nth(1) {
        Some(folder) => PathBuf::from(folder),
        None => small_project()?,
    };
    let mut project = Project::load(folder)?;
    project.edit("Shop_oauth", |settings: &mut ExtlClntAppOauthSettings| {
        settings.is_first_party_app_enabled = Some(true);
    })?;
    for finding in lint(&project, &Options::new(SystemTime::now())).findings() {
        println!("{finding}");
    }
    for component in project.changed() {
        println!("changed: {}", component.path());
    }
    project.save()?; // all changed files or none
    Ok(())
}

fn small_project() -> Result<PathBuf, Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("eca-lint-example-{}", std::process::id()));
    let settings = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <ExtlClntAppOauthSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
        <!-- the shop's own app -->\n    \
        <commaSeparatedOauthScopes>Api</commaSeparatedOauthScopes>\n    \
        <externalClientApplication>Shop</externalClientApplication>\n    \
        <label>Shop OAuth</label>\n\
        </ExtlClntAppOauthSettings>\n";
    fs::create_dir_all(folder.join("extlClntAppOauthSettings"))?;
    fs::write(
        folder.join("extlClntAppOauthSettings/Shop_oauth.ecaOauth"),
        settings,
    )?;
    Ok(folder)
}
