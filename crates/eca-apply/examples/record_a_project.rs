//! Records a project as applied: `record_a_project PROJECT STATE_FOLDER ORG_ID`. Without arguments
//! it records this repository's example project in a temporary folder.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use eca_apply::{Applied, Folder, Holder, OrgId, StateStore};
use eca_model::Project;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let temporary = tempfile::tempdir()?;
    let (project, folder, org) = match arguments.as_slice() {
        [] => {
            let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/storefront");
            (example, temporary.path().to_owned(), "00D000000000001")
        }
        [project, folder, org] => (PathBuf::from(project), PathBuf::from(folder), org.as_str()),
        _ => return Err("usage: record_a_project PROJECT STATE_FOLDER ORG_ID".into()),
    };
    let org: OrgId = org.parse()?;
    let project = Project::load(&project)?;
    let apps = project.apps().into_iter();
    let apps = apps.map(|app| (app.name.to_owned(), "example".to_owned()));
    let applied = Applied::new(project.snapshot(), apps.collect());

    let store = StateStore::new(Folder::new(folder));
    let holder = Holder {
        id: std::process::id().to_string(),
        who: env::var("USER").unwrap_or_default(),
        host: "this machine".to_owned(),
        command: "record_a_project".to_owned(),
    };
    let mut lock = store.lock(&org, holder, SystemTime::now()).await?;
    let loaded = store.load(&org).await?;
    let committed = store
        .commit(&mut lock, &loaded, applied, SystemTime::now())
        .await;
    store.unlock(lock).await?;
    let state = committed?.state;
    println!("serial {} of {}: {:?}", state.serial, state.org, state.apps);
    Ok(())
}
