//! An org whose clock the test controls: nothing waits.

use std::error::Error;
use std::time::Duration;

use eca_emulator::{Org, Pace};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let org = Org::builder()
        .pace(Pace::Polls(1)) // deploys are done at the first status request
        .seed([7; 32]) // ids, keys and tokens are the same in every run
        .permission_set("Shoppers")
        .start()
        .await?;
    org.create_external_user("ada@example.com", "correct horse battery")?;
    org.assign_permission_set("ada@example.com", "Shoppers")?;

    let before = org.now();
    org.advance_clock(Duration::from_hours(1));
    assert!(org.now().duration_since(before)? >= Duration::from_hours(1));
    println!(
        "{} with a site at {}: an hour later",
        org.instance_url(),
        org.site_url()
    );
    org.stop().await;
    Ok(())
}
