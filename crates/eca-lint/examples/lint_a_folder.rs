//! Checks a project on disk: `lint_a_folder DIR`. Without an argument it checks this repository's
//! example project, which has an error until a certificate is registered.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::time::SystemTime;

use eca_lint::{Options, Profile, Severity, lint};

fn main() -> Result<(), Box<dyn Error>> {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/storefront");
    let folder = env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from(example), PathBuf::from);

    let project = eca_model::Project::load(&folder)?;
    let options = Options::new(SystemTime::now()).with_profile(Profile::Hardening);
    let report = lint(&project, &options);
    for finding in report.findings() {
        println!("{finding}");
    }
    let errors = report.count(Severity::Error);
    println!("{} files, {errors} errors", project.components().len());
    Ok(())
}
