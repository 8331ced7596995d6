//! Plans a project and applies the plan, with the crates alone: `plan_and_apply PROJECT
//! STATE_FOLDER INSTANCE_URL ORG_ID`, with the access token in `SF_ACCESS_TOKEN`. Without arguments
//! it does so with this repository's example project and an embedded org.

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use eca_apply::{
    Apply, Event, Folder, Gate, Holder, OrgId, PlanFile, PlanFor, ReadOptions, StateStore,
    missing_gates, read_org,
};
use eca_deploy::Client;
use eca_emulator::Org;
use eca_model::Project;
use eca_oauth::AccessToken;
use eca_plan::{Heading, PlanOptions, plan, text};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => {
            let org = Org::start().await?;
            let token = AccessToken::new(org.admin_access_token().expose_secret())?;
            let client = Client::connect(org.instance_url(), token)?;
            let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/storefront");
            let state = tempfile::tempdir()?;
            let id = org.org_id().as_str().parse()?;
            plan_and_apply(
                &client,
                id,
                &Project::load(example)?,
                state.path().join("state"),
            )
            .await
        }
        [project, state, instance, id] => {
            let token = AccessToken::new(env::var("SF_ACCESS_TOKEN")?)?;
            let client = Client::connect(instance, token)?;
            plan_and_apply(&client, id.parse()?, &Project::load(project)?, state.into()).await
        }
        _ => Err("usage: plan_and_apply PROJECT STATE_FOLDER INSTANCE_URL ORG_ID".into()),
    }
}

async fn plan_and_apply(
    client: &Client,
    org: OrgId,
    project: &Project,
    state: PathBuf,
) -> Result<(), Box<dyn Error>> {
    let store = StateStore::new(Folder::new(state));
    let name = "example";
    let loaded = store.load(&org).await?;
    let last = store.last(&loaded).await?;
    let last = last.map(|last| loaded.state.of_project(last, name));

    let reading = read_org(client, project, last.as_ref(), &ReadOptions::default()).await?;
    let (desired, actual) = (project.snapshot(), reading.snapshot());
    let options = PlanOptions::default();
    let plan = plan(last.as_ref(), &desired, &actual, &reading.facts, &options);
    print!("{}", text(&plan, &Heading::new()));
    let made_for = PlanFor {
        program: "plan_and_apply".to_owned(),
        org: org.clone(),
        instance: client.endpoint().instance().to_owned(),
        project: name.to_owned(),
    };
    let file = PlanFile::new(
        made_for,
        plan,
        project,
        &loaded.state,
        last.as_ref(),
        &reading,
    )?;
    // It could wait for a review here, as a file.
    let file = PlanFile::from_bytes(&file.to_bytes()?)?;

    let allowed: BTreeSet<Gate> = BTreeSet::new();
    for (gate, reasons) in missing_gates(&file, &allowed) {
        println!("allow {gate}? {}", reasons.join("; "));
    }
    let holder = Holder {
        id: std::process::id().to_string(),
        who: env::var("USER").unwrap_or_default(),
        host: "this machine".to_owned(),
        command: "plan_and_apply".to_owned(),
    };
    let apply = Apply::new(client, &store, org, holder, &SystemTime::now);
    let mut observer = |event: Event<'_>| {
        if let Event::Deploy { step, id } = event {
            println!("step {step:?}: deploy {id}");
        }
        ControlFlow::Continue(())
    };
    let report = apply.run(&file, &mut observer).await?;
    println!(
        "serial {}; different: {:?}",
        report.serial, report.different
    );
    Ok(())
}
