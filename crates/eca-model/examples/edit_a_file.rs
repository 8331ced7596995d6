//! Decodes the OAuth settings of an app, sets one field, and writes the file back: `edit_a_file
//! FILE`. Without an argument it edits a small file that it writes itself.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use eca_model::File;
use eca_model::fs::{Access, write_atomic};
use eca_model::types::ExtlClntAppOauthSettings;

fn main() -> Result<(), Box<dyn Error>> {
    let path = match env::args_os().nth(1) {
        Some(path) => PathBuf::from(path),
        None => small_file()?,
    };
    let file = File::<ExtlClntAppOauthSettings>::from_bytes(fs::read(&path)?)?;
    let app = file.value().external_client_application.as_deref();
    println!("{}: settings of {}", path.display(), app.unwrap_or("?"));

    // Only the lines of this field change; comments, order and unknown elements stay.
    let edited = file.edit(|settings| settings.is_first_party_app_enabled = Some(true))?;
    write_atomic(&path, edited.text().as_bytes(), Access::Inherited)?;
    println!(
        "isFirstPartyAppEnabled at {}",
        edited.position_of("isFirstPartyAppEnabled")
    );
    Ok(())
}

fn small_file() -> Result<PathBuf, Box<dyn Error>> {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <ExtlClntAppOauthSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
        <!-- the shop's own app -->\n    \
        <externalClientApplication>Storefront</externalClientApplication>\n\
        </ExtlClntAppOauthSettings>\n";
    let path = env::temp_dir().join(format!("eca-model-example-{}.xml", std::process::id()));
    fs::write(&path, text)?;
    Ok(path)
}
