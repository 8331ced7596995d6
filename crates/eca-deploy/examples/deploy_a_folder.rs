//! Deploys a folder: `deploy_a_folder DIR`, to the embedded org. Without an argument it deploys
//! this repository's example project. A real org differs only in instance URL and token.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use eca_deploy::{ApiVersion, Client, DeployOptions, Deployment, Endpoint, Package};
use eca_http::HttpClient;
use eca_oauth::{AccessToken, StaticToken};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/storefront");
    let folder = env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from(example), PathBuf::from);
    let embedded = eca_emulator::Org::start().await?;

    let version = ApiVersion::new(66);
    let endpoint = Endpoint::new(&embedded.instance_url().parse()?, version);
    let token = AccessToken::new(embedded.admin_access_token().expose_secret())?;
    let http = HttpClient::new_default("deploy-a-folder")?;
    let client = Client::new(endpoint, http, Arc::new(StaticToken::new(token)));

    let project = eca_model::fs::load(&folder)?;
    let package = Package::builder(&project).api_version(version).build()?;
    let deployment = Deployment::start(&client, &package, &DeployOptions::default()).await?;
    println!("deploy {}", deployment.id());
    let outcome = deployment.outcome().await;
    for problem in outcome.problems() {
        println!("{problem}");
    }
    if let Some(result) = outcome.result() {
        println!(
            "{:?}: {} of {} components",
            result.status, result.number_components_deployed, result.number_components_total
        );
    }
    embedded.stop().await;
    if outcome.is_success() {
        Ok(())
    } else {
        Err("not deployed".into())
    }
}
