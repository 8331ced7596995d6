//! Metadata files.

use std::path::Path;
use std::time::SystemTime;

use eca_lint::{Options, lint};
use eca_model::Project;
use eca_model::xml::{Document, format};
use eca_tests::storefront;

use crate::damage::damage;
use crate::{Case, End};

/// The files of the example project by path.
fn sound() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    collect(&storefront(), "", &mut files);
    files.retain(|(path, _)| path.starts_with("force-app/") || path == "sfdx-project.json");
    files
}

fn collect(folder: &Path, inside: &str, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).expect("a listing") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{inside}{name}");
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else {
            files.push((path, std::fs::read(entry.path()).expect("a file")));
        }
    }
}

/// What can be read is kept byte by byte, formats to something stable with the same meaning, and
/// can be linted.
pub(crate) fn files() -> Case {
    let sound = sound();
    Box::new(move |rng| {
        let mut files = sound.clone();
        let at = rng.usize(..files.len());
        damage(rng, &mut files[at].1);
        let project = Project::from_entries(files);
        let report = lint(&project, &Options::new(SystemTime::UNIX_EPOCH));
        project.snapshot();
        for component in project.components() {
            let text = component.file().document().text();
            let formatted = format(component.file().document());
            let again = Document::parse(formatted.clone());
            let again = again.unwrap_or_else(|error| panic!("{error}: {text:?}"));
            assert_eq!(format(&again), formatted, "{text:?}");
        }
        if project.unreadable().is_empty() && report.findings().is_empty() {
            End::Accepted
        } else {
            End::Refused
        }
    })
}
