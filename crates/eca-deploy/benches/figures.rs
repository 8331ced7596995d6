//! Figures that the design promises, printed: `cargo bench -p eca-deploy`.
//!
//! No framework: each figure is the best of a few runs, as a ratio to a plain reference where there is one.

#![expect(
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    reason = "a program for maintainers, which may fail by panicking"
)]

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};

use bytes::Bytes;
use eca_deploy::wire::rest;
use eca_deploy::{Limits, Package};
use eca_model::Project;
use http::Response;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn main() {
    // First, while nothing else has grown the process.
    memory(10_000);
    package(1_000);
    status(10_000);
}

/// Five files for each app.
fn files(apps: usize) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for app in 0..apps {
        for (folder, suffix, root, members) in [
            (
                "externalClientApps",
                "eca",
                "ExternalClientApplication",
                "    <contactEmail>shop@example.com</contactEmail>\n    <distributionState>Local</distributionState>\n",
            ),
            (
                "extlClntAppOauthSettings",
                "ecaOauth",
                "ExtlClntAppOauthSettings",
                "    <commaSeparatedOauthScopes>Api, OpenID, RefreshToken</commaSeparatedOauthScopes>\n",
            ),
            (
                "extlClntAppGlobalOauthSets",
                "ecaGlblOauth",
                "ExtlClntAppGlobalOauthSettings",
                "    <callbackUrl>https://shop.example.com/callback</callbackUrl>\n    <isPkceRequired>true</isPkceRequired>\n",
            ),
            (
                "extlClntAppOauthPolicies",
                "ecaOauthPlcy",
                "ExtlClntAppOauthConfigurablePolicies",
                "    <permittedUsersPolicyType>AllSelfAuthorized</permittedUsersPolicyType>\n",
            ),
            (
                "extlClntAppPolicies",
                "ecaPlcy",
                "ExtlClntAppConfigurablePolicies",
                "    <isEnabled>true</isEnabled>\n    <isOauthPluginEnabled>true</isOauthPluginEnabled>\n",
            ),
        ] {
            let owner = if suffix == "eca" {
                String::new()
            } else {
                format!("    <externalClientApplication>App{app}</externalClientApplication>\n")
            };
            let text = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{members}{owner}    <label>App {app}</label>\n</{root}>\n"
            );
            files.push((format!("{folder}/App{app}.{suffix}"), text.into_bytes()));
        }
    }
    files
}

fn best<T>(mut run: impl FnMut() -> T) -> Duration {
    let once = |_| {
        let begun = Instant::now();
        std::hint::black_box(run());
        begun.elapsed()
    };
    (0..7).map(once).min().unwrap()
}

/// Reading files from disk and packaging them, against reading and deflating them.
fn package(apps: usize) {
    let folder = std::env::temp_dir().join(format!("eca-bench-{}", std::process::id()));
    let mut paths = Vec::new();
    for (path, content) in files(apps) {
        let full = folder.join(&path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(&full, content).unwrap();
        paths.push((path, full));
    }
    let deflated = best(|| {
        let options = SimpleFileOptions::default().compression_level(Some(6));
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, full) in &paths {
            zip.start_file(path.as_str(), options).unwrap();
            zip.write_all(&std::fs::read(full).unwrap()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    });
    let packaged = best(|| {
        let project = eca_model::fs::load(&folder).unwrap();
        Package::builder(&project).build().unwrap()
    });
    let project = eca_model::fs::load(&folder).unwrap();
    let built = best(|| Package::builder(&project).build().unwrap());
    std::fs::remove_dir_all(&folder).unwrap();
    println!(
        "package of {apps} apps ({} files): {packaged:.1?} with loading, {built:.1?} without; reading and deflating \
         alone {deflated:.1?}; ratio {:.2} (wanted 1.20)",
        paths.len(),
        packaged.as_secs_f64() / deflated.as_secs_f64()
    );
}

fn memory(apps: usize) {
    let before = resident();
    let mut limits = Limits::default();
    limits.files = 60_000;
    let project = Project::from_entries(files(apps));
    let loaded = resident();
    let package = Package::builder(&project).limits(limits).build().unwrap();
    println!(
        "memory for {apps} apps ({} files): {} MB project, {} MB with its package of {} MB (wanted 40 MB)",
        apps * 5,
        (loaded - before) / 1_000_000,
        (resident() - before) / 1_000_000,
        package.zip().len() / 1_000_000
    );
}

/// Resident memory in bytes; 0 where the system does not say.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * 4096
}

fn status(components: usize) {
    let mut successes = String::new();
    for number in 0..components {
        let separator = if number == 0 { "" } else { "," };
        write!(
            successes,
            r#"{separator}{{"changed":true,"componentType":"ExternalClientApplication","created":false,"createdDate":"2026-11-20T17:44:26.000Z","deleted":false,"fileName":"externalClientApps/App{number}.eca","fullName":"App{number}","id":"8880000000000{number:05}","success":true}}"#
        )
        .unwrap();
    }
    let body = Bytes::from(format!(
        r#"{{"id":"0Af000000000018AAA","deployResult":{{"status":"Succeeded","done":true,"success":true,"details":{{"componentSuccesses":[{successes}]}}}}}}"#
    ));
    let megabytes = body.len() as f64 / 1e6;
    let response = Response::new(body);
    let parsed = best(|| rest::parse_status(&response).unwrap());
    println!("status of {components} components ({megabytes:.1} MB): {parsed:.1?} (wanted 20 ms)");
}
