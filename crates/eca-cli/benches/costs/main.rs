//! What small or hostile input costs: files of a checkout, and responses of an org.
//!
//! `cargo bench -p eca-cli --bench costs` runs `eca` on each of them, and fails when one takes more
//! than 2 s or 200 MB, or ends otherwise than it should. The response that comes too slowly has a
//! bound of its own. `ECA` names another program than the one that was built for this. Names of
//! rows as arguments choose some.

#[path = "../child/mod.rs"]
mod child;
mod org;

use std::error::Error;
use std::fs::{self, File};
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use zip::write::{SimpleFileOptions, ZipWriter};

use crate::child::Run;
use crate::org::Response;

const TIME: Duration = Duration::from_secs(2);
const MEGABYTES: f64 = 200.0;
/// A slow response is given up after 30 s, and asked for again within two minutes.
const SLOW_TIME: Duration = Duration::from_secs(160);

const APP: &str = "force-app/main/default/externalClientApps/Shop.eca-meta.xml";
const OAUTH: &str = "force-app/main/default/extlClntAppOauthSettings/Shop.ecaOauth-meta.xml";
const BODY: usize = 50_000_000;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// One input.
struct Row {
    name: &'static str,
    /// Writes the files of the row into a project.
    files: fn(&Path) -> Outcome<()>,
    org: Option<fn() -> Outcome<Response>>,
    arguments: &'static str,
    /// Words of the output when all is as it should be.
    says: &'static str,
    time: Duration,
}

const NO_FILES: fn(&Path) -> Outcome<()> = |_| Ok(());
const ROW: Row = Row {
    name: "",
    files: NO_FILES,
    org: None,
    arguments: "lint",
    says: "",
    time: TIME,
};

const ROWS: &[Row] = &[
    Row {
        name: "lint of 400,000 unknown elements",
        files: |root| unknown_elements(root, 400_000),
        says: "unknown",
        ..ROW
    },
    Row {
        name: "the same as SARIF",
        files: |root| unknown_elements(root, 400_000),
        arguments: "lint --format sarif",
        says: "\"results\"",
        ..ROW
    },
    Row {
        name: "lint of 14 MB of unknown elements",
        files: |root| unknown_elements(root, 3_500_000),
        says: "more than 500000 elements",
        ..ROW
    },
    Row {
        name: "lint of 499,998 labels",
        files: |root| app(root, &"<label>label</label>".repeat(499_998)),
        says: "label",
        ..ROW
    },
    Row {
        name: "lint of 700,000 labels",
        files: |root| app(root, &"<label>label</label>".repeat(700_000)),
        says: "more than 500000 elements",
        ..ROW
    },
    Row {
        name: "lint of 200,000 replacements of replacements",
        files: |root| {
            app(root, &format!("<label>{}</label>\n", "%".repeat(200_000)))?;
            replacements(root, &["%", "y"], "y")
        },
        says: "ECA1013",
        ..ROW
    },
    Row {
        name: "lint of replacements that become 40 GB",
        files: |root| {
            app(root, &format!("<label>{}</label>\n", "%".repeat(10_000)))?;
            replacements(root, &["%"], &"y".repeat(4_000_000))
        },
        says: "larger than 16 MiB",
        ..ROW
    },
    Row {
        name: "lint of 900 nested folders",
        files: |root| {
            let nested = root.join("force-app").join("a/".repeat(900));
            fs::create_dir_all(nested)?;
            app(root, "    <label>Shop</label>\n")
        },
        says: "contactEmail",
        ..ROW
    },
    Row {
        name: "retrieve of 16,000 records in another order",
        files: |root| Ok(write(root, OAUTH, ranges(0..16_000).as_bytes())?),
        org: Some(|| {
            let text = ranges((0..16_000).rev());
            zip_of(
                "unpackaged/extlClntAppOauthSettings/Shop.ecaOauth",
                &[text.as_bytes()],
            )
        }),
        arguments: "retrieve",
        says: "1 unchanged",
        ..ROW
    },
    Row {
        name: "retrieve of 16,000 other records",
        files: |root| Ok(write(root, OAUTH, ranges(0..16_000).as_bytes())?),
        org: Some(|| {
            let text = ranges((0..32_000).rev().step_by(2));
            zip_of(
                "unpackaged/extlClntAppOauthSettings/Shop.ecaOauth",
                &[text.as_bytes()],
            )
        }),
        arguments: "retrieve",
        says: "Shop.ecaOauth-meta.xml",
        ..ROW
    },
    Row {
        name: "retrieve of a zip bomb",
        files: |root| app(root, "    <label>Shop</label>\n"),
        org: Some(|| {
            let zeros = vec![b' '; 1 << 20];
            zip_of(
                "unpackaged/externalClientApps/Shop.eca",
                &vec![&zeros[..]; 1000],
            )
        }),
        arguments: "retrieve",
        says: "more than the 134217728 bytes unzipped",
        ..ROW
    },
    Row {
        name: "REST response of 50 MB of JSON",
        org: Some(|| {
            let zeros = "0,".repeat(BODY / 2);
            let body = format!("{{\"a\":[{zeros}0]}}").into_bytes();
            Ok(Response::Body("application/json", body))
        }),
        arguments: "deploys show 0Af5g00000ABCDEFGH",
        says: "more than 1000000 members",
        ..ROW
    },
    Row {
        name: "SOAP response of 50 MB of elements",
        org: Some(|| {
            let body = format!("<r>{}</r>", "<a/>".repeat(BODY / 4)).into_bytes();
            Ok(Response::Body("text/xml", body))
        }),
        arguments: "list",
        says: "more than 1000000 members",
        ..ROW
    },
    Row {
        name: "user of 50 MB",
        org: Some(|| {
            let zeros = "0,".repeat(BODY / 2);
            let body = format!("{{\"sub\":[{zeros}0]}}").into_bytes();
            Ok(Response::Body("application/json", body))
        }),
        arguments: "doctor org",
        says: "larger than 1048576 bytes",
        ..ROW
    },
    Row {
        name: "eca.toml that is a device",
        files: |root| {
            app(root, "")?;
            link("/dev/zero", root, "eca.toml")
        },
        says: "eca.toml",
        ..ROW
    },
    Row {
        name: ".forceignore that is a device",
        files: |root| link("/dev/zero", root, ".forceignore"),
        says: ".forceignore",
        ..ROW
    },
    Row {
        name: "component that is a pipe",
        files: |root| {
            write(root, APP, b"")?;
            fs::remove_file(root.join(APP))?;
            Command::new("mkfifo").arg(root.join(APP)).status()?;
            Ok(())
        },
        says: "Shop.eca-meta.xml",
        ..ROW
    },
    Row {
        name: "sfdx-project.json of 2 GB",
        files: |root| large(root, "sfdx-project.json"),
        says: "sfdx-project.json",
        ..ROW
    },
    Row {
        name: "component of 2 GB",
        files: |root| large(root, APP),
        says: "Shop.eca-meta.xml",
        ..ROW
    },
    Row {
        name: "key of 2 GB",
        files: |root| large(root, "a.key"),
        arguments: "attest mint --key a.key --client-id a --audience https://a.my.site.com",
        says: "a.key",
        ..ROW
    },
    Row {
        name: "eca.toml of 2 GB",
        files: |root| {
            app(root, "")?;
            large(root, "eca.toml")
        },
        says: "eca.toml",
        ..ROW
    },
    Row {
        name: "response of a byte each half a second",
        org: Some(|| Ok(Response::Slow)),
        arguments: "deploys show 0Af5g00000ABCDEFGH",
        says: "slower than 16384 bytes per second",
        time: SLOW_TIME,
        ..ROW
    },
];

fn main() -> Outcome<ExitCode> {
    let chosen: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let is_chosen = |row: &&Row| {
        chosen.is_empty() || chosen.iter().any(|name| row.name.contains(name.as_str()))
    };
    let mut fine = true;
    for row in ROWS.iter().filter(is_chosen) {
        fine &= measure(row)?;
    }
    Ok(if fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints the costs of a row, and whether they are within its bounds.
fn measure(row: &Row) -> Outcome<bool> {
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("project");
    let settings = br#"{"packageDirectories": [{"path": "force-app", "default": true}], "sourceApiVersion": "66.0"}"#;
    write(&root, "sfdx-project.json", settings)?;
    fs::create_dir_all(root.join("force-app"))?;
    (row.files)(&root)?;

    let program = std::env::var_os("ECA").unwrap_or_else(|| env!("CARGO_BIN_EXE_eca").into());
    let output = folder.path().join("output");
    let file = File::create(&output)?;
    let mut command = Command::new(program);
    command
        .args(row.arguments.split(' '))
        .current_dir(&root)
        .env("HOME", folder.path())
        .env("XDG_STATE_HOME", folder.path())
        .stdout(file.try_clone()?)
        .stderr(file);
    if let Some(org) = row.org {
        command
            .env("SF_ACCESS_TOKEN", "00D000000000001!token")
            .env("SF_ORG_INSTANCE_URL", org::start(org()?)?);
    }
    let run = Run::new(&mut command)?;
    let megabytes = f64::from(run.peak) / 1e3;
    let text = fs::read(&output)?;
    let text = String::from_utf8_lossy(&text);
    let as_expected = text.contains(row.says) && !text.contains("panicked");
    println!("{}: {:.2?} (at most {:?})", row.name, run.time, row.time);
    println!("{}: {megabytes:.0} MB (at most {MEGABYTES} MB)", row.name);
    if !as_expected {
        let start: String = text.chars().take(2000).collect();
        println!(
            "{} ended with {}, no {:?} in {start}",
            row.name, run.status, row.says
        );
    }
    Ok(as_expected && run.time <= row.time && megabytes <= MEGABYTES)
}

fn write(root: &Path, path: &str, content: &[u8]) -> std::io::Result<()> {
    let file = root.join(path);
    fs::create_dir_all(file.parent().unwrap_or(root))?;
    fs::write(file, content)
}

fn component(kind: &str, members: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{members}</{kind}>\n"
    )
}

fn app(root: &Path, members: &str) -> Outcome<()> {
    let text = component("ExternalClientApplication", members);
    Ok(write(root, APP, text.as_bytes())?)
}

/// An `sfdx-project.json` that fills one value in for each of these texts.
fn replacements(root: &Path, texts: &[&str], value: &str) -> Outcome<()> {
    let entry = |text: &&str| {
        format!(
            r#"{{"glob":"force-app/**","stringToReplace":"{text}","replaceWithFile":"value.txt"}}"#
        )
    };
    let entries: Vec<_> = texts.iter().map(entry).collect();
    let file = format!(
        r#"{{"packageDirectories":[{{"path":"force-app"}}],"sourceApiVersion":"66.0","replacements":[{}]}}"#,
        entries.join(",")
    );
    write(root, "sfdx-project.json", file.as_bytes())?;
    Ok(write(root, "value.txt", value.as_bytes())?)
}

fn unknown_elements(root: &Path, count: usize) -> Outcome<()> {
    app(root, &"<a/>".repeat(count))
}

fn ranges(items: impl Iterator<Item = usize>) -> String {
    let mut members = String::from(
        "    <externalClientApplication>Shop</externalClientApplication>\n    <label>Shop</label>\n",
    );
    for item in items {
        let address = format!("10.0.{}.{}", item >> 8, item & 255);
        members.extend([
            "    <trustedIpRanges>\n        <startIpAddress>",
            &address,
            "</startIpAddress>\n    </trustedIpRanges>\n",
        ]);
    }
    component("ExtlClntAppOauthSettings", &members)
}

/// A zip with a manifest and one file, whose content is these parts.
fn zip_of(name: &str, parts: &[&[u8]]) -> Outcome<Response> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    zip.start_file("unpackaged/package.xml", options)?;
    zip.write_all(component("Package", "    <version>66.0</version>\n").as_bytes())?;
    zip.start_file(name, options)?;
    for part in parts {
        zip.write_all(part)?;
    }
    Ok(Response::Retrieved(zip.finish()?.into_inner()))
}

fn link(target: &str, root: &Path, path: &str) -> Outcome<()> {
    #[cfg(unix)]
    std::os::unix::fs::symlink(target, root.join(path))?;
    #[cfg(not(unix))]
    write(root, path, target.as_bytes())?;
    Ok(())
}

/// A file that takes no place on the disk.
fn large(root: &Path, path: &str) -> Outcome<()> {
    write(root, path, b"")?;
    let file = File::options().write(true).open(root.join(path))?;
    Ok(file.set_len(2 << 30)?)
}
