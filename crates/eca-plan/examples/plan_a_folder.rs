//! Plans a deploy of one folder over another: `plan_a_folder DESIRED ACTUAL [LAST]`. Without
//! arguments it plans this repository's example project for an org that lacks one of its files and
//! has another contact.

use std::env;
use std::error::Error;
use std::path::Path;

use eca_model::{ComponentName, FieldPath, Project, Snapshot};
use eca_plan::{Facts, Heading, Outcome, PlanOptions, plan, text};

fn main() -> Result<(), Box<dyn Error>> {
    let folders: Vec<_> = env::args_os().skip(1).collect();
    let (desired, actual, last) = match folders.as_slice() {
        [] => {
            let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/storefront");
            let desired = Project::load(&example)?;
            let actual = clicked(&desired)?;
            let last = desired.snapshot();
            (desired, actual, Some(last))
        }
        [desired, actual, rest @ ..] => {
            let snapshot = |folder| Project::load(folder).map(|project| project.snapshot());
            let last = rest.first().map(snapshot).transpose()?;
            (Project::load(desired)?, snapshot(actual)?, last)
        }
        [_] => return Err("usage: plan_a_folder DESIRED ACTUAL [LAST]".into()),
    };

    let plan = plan(
        last.as_ref(),
        &desired.snapshot(),
        &actual,
        &Facts::new(),
        &PlanOptions::default(),
    );
    print!("{}", text(&plan, &Heading::new()));
    if plan.outcome() != Outcome::Conflicts {
        let package = plan.package(&desired)?;
        let differing = package
            .components()
            .iter()
            .filter(|sent| {
                let file = desired
                    .component(sent.name())
                    .map(eca_model::Component::file);
                file.is_some_and(|file| file.text() != sent.file().text())
            })
            .count();
        println!("{differing} files are sent with values of the org");
    }
    Ok(())
}

/// The project as an org has it after somebody worked in Setup.
fn clicked(project: &Project) -> Result<Snapshot, Box<dyn Error>> {
    let app: ComponentName = "ExternalClientApplication:Storefront".parse()?;
    let mut org = project.clone();
    org.set(
        &app,
        &FieldPath::new("contactEmail"),
        Some("ops@acme.example".into()),
    )?;
    let mut snapshot = org.snapshot();
    let credential: ComponentName = "NamedCredential:Fulfilment_Api".parse()?;
    snapshot.components.remove(&credential);
    Ok(snapshot)
}
