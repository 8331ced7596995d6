//! Deploys a folder: `deploy_a_folder DIR`, to the embedded org. Without an argument it deploys
//! this repository's example project. A real org differs only in instance URL and token.

use eca_deploy::{Client, Package};
use eca_oauth::AccessToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/storefront");
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| example.into());
    let project = eca_model::Project::load(&folder)?;
    let embedded = eca_emulator::Org::start().await?;
    let token = AccessToken::new(embedded.admin_access_token().expose_secret())?;

    let org = Client::connect(embedded.instance_url(), token)?;
    let outcome = org.deploy(&Package::of(&project)?).await?;
    println!("{outcome}");

    embedded.stop().await;
    if outcome.is_success() {
        Ok(())
    } else {
        Err("not deployed".into())
    }
}
