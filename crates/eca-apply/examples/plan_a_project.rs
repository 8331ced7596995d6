//! Plans a deploy of a project: `plan_a_project DIR`, against the embedded org. Without an argument
//! it plans this repository's example project. A real org differs only in instance URL and token.

use eca_apply::{ReadOptions, read_org};
use eca_deploy::{Client, MetadataRecord, Package, update_metadata};
use eca_model::{FieldPath, FieldValue, MetadataType, Project};
use eca_oauth::AccessToken;
use eca_plan::{Heading, PlanOptions, plan, text};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/storefront");
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| example.into());
    let project = Project::load(&folder)?;
    let embedded = eca_emulator::Org::start().await?;
    let token = AccessToken::new(embedded.admin_access_token().expose_secret())?;
    let org = Client::connect(embedded.instance_url(), token)?;
    let desired = project.snapshot();

    // The org has nothing of the project.
    let reading = read_org(&org, &project, None, &ReadOptions::default()).await?;
    let first = plan(
        None,
        &desired,
        &reading.snapshot(),
        &reading.facts,
        &PlanOptions::default(),
    );
    println!("{}", text(&first, &Heading::default()));

    // It is deployed, and somebody changes a policy.
    let outcome = org.deploy(&Package::of(&project)?).await?;
    if !outcome.is_success() {
        return Err(outcome.to_string().into());
    }
    let kind = MetadataType::ExtlClntAppOauthConfigurablePolicies;
    let mut components = project.components().iter();
    if let Some(policies) = components.find(|component| component.kind() == kind) {
        let path = FieldPath::new("sessionTimeoutInMinutes");
        let clicked = policies.set(&path, FieldValue::Integer(720))?;
        let record = MetadataRecord::from_component(&clicked);
        update_metadata(&org, &[record], true).await?;
    }
    let reading = read_org(&org, &project, Some(&desired), &ReadOptions::default()).await?;
    let second = plan(
        Some(&desired),
        &desired,
        &reading.snapshot(),
        &reading.facts,
        &PlanOptions::default(),
    );
    println!("{}", text(&second, &Heading::default()));
    for unknown in &reading.unknown {
        println!("{unknown}");
    }
    embedded.stop().await;
    Ok(())
}
