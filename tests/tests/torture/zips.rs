//! Zips: from an org into a project, and from a stranger into an org.

use std::collections::HashSet;
use std::io::{Cursor, Write as _};

use eca_deploy::{Archive, Limits};
use eca_tests::{run, storefront};
use fastrand::Rng;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::damage::{damage, one, word};
use crate::embedded::EmbeddedOrg;
use crate::{Case, End};

/// Names that are no file of a project on some system.
const NAMES: &[&str] = &[
    "a/../b",
    "../a",
    "/a",
    "a//b",
    "a/./b",
    "C:a",
    "a\\b",
    "a:b",
    "NUL",
    "com1.xml",
    "a.",
    "a ",
    "\u{e9}",
    "e\u{301}",
    "\u{df}",
    "ss",
    "A",
    "a",
    "\u{202e}a",
    "externalClientApps/Storefront.eca",
    "package.xml",
];

/// A package with files that do not belong there.
fn archive(rng: &mut Rng, package: &[u8]) -> Vec<u8> {
    if rng.u8(..4) == 0 {
        return package.to_vec();
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for _ in 0..rng.usize(..8) {
        let mut name = one(rng, NAMES).to_owned();
        if rng.u8(..4) == 0 {
            name.push_str(word(rng));
        }
        let method = *one(
            rng,
            &[&CompressionMethod::Stored, &CompressionMethod::Deflated],
        );
        let mode = *one(rng, &[&0o644, &0o4755, &0o0]);
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .unix_permissions(mode);
        // A name twice is refused here, not by the reader.
        if rng.u8(..8) == 0 {
            let _ = zip.add_symlink(name, word(rng), options);
        } else if zip.start_file(name, options).is_ok() {
            let length = *one(rng, &[&0, &1, &300, &100_000]);
            let content = vec![rng.u8(..); length];
            zip.write_all(&content).expect("written to memory");
        }
    }
    zip.finish().expect("written to memory").into_inner()
}

fn hostile(rng: &mut Rng, package: &[u8]) -> Vec<u8> {
    let mut bytes = archive(rng, package);
    if rng.bool() {
        damage(rng, &mut bytes);
    }
    bytes
}

fn package() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("p.zip").display().to_string();
    let made = run(&storefront(), &["package", "--output", &file]);
    assert_eq!(made.code, 0, "{made:?}");
    std::fs::read(file).expect("the package")
}

/// What an archive gives is inside of its folder, has one name on every system, and is within the
/// limits.
pub(crate) fn unpacked() -> Case {
    let package = package();
    Box::new(move |rng| {
        let limits = Limits::default();
        let read = Archive::read(&hostile(rng, &package), &limits);
        if let Ok(archive) = &read {
            let mut names = HashSet::new();
            let mut total = 0;
            for (name, content) in archive.entries() {
                check_name(name);
                assert!(names.insert(name.to_lowercase()), "{name:?} twice");
                total += content.len() as u64;
            }
            assert!(total <= limits.unzipped_bytes, "{total}");
        }
        End::of(&read)
    })
}

fn check_name(name: &str) {
    let is_hidden = |c: char| c.is_control() || matches!(c, '\u{200b}' | '\u{202e}' | '\u{feff}');
    assert!(!name.contains(is_hidden), "{name:?}");
    assert!(!name.contains(['\\', ':']), "{name:?}");
    for part in name.split('/') {
        assert!(!matches!(part, "" | "." | ".."), "{name:?}");
        assert!(!part.ends_with(['.', ' ']), "{name:?}");
    }
}

/// An org takes a package whole or not at all, and stays up.
pub(crate) fn deployed() -> Case {
    let package = package();
    let org = EmbeddedOrg::start();
    org.deploy(&package).expect("the project is sound");
    Box::new(move |rng| {
        let before = org.components().len();
        let deployed = org.deploy(&hostile(rng, &package));
        for component in org.components() {
            check_name(&component.name.name);
        }
        if deployed.is_err() {
            assert_eq!(org.components().len(), before);
        }
        End::of(&deployed)
    })
}
