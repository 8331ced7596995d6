//! Archives: untrusted zips.

use eca_deploy::{Archive, Limits};

use crate::support::zip_of;

fn check(zip: &[u8], limits: &Limits, message: &str) {
    let error = Archive::read(zip, limits).unwrap_err().to_string();
    assert!(error.contains(message), "{message:?} is not in: {error}");
}

#[test]
fn a_valid_zip_is_read_in_order() {
    let zip = zip_of(&[
        ("unpackaged/package.xml", b"<Package/>"),
        ("unpackaged/a/B.eca", b"x"),
    ]);
    let archive = Archive::read(&zip, &Limits::default()).unwrap();
    let names: Vec<_> = archive.entries().map(|(name, _)| name).collect();
    assert_eq!(names, ["unpackaged/package.xml", "unpackaged/a/B.eca"]);
    assert_eq!(archive.get("unpackaged/a/B.eca"), Some(&b"x"[..]));
    assert_eq!(
        format!("{archive:?}"),
        r#"{"unpackaged/package.xml": 10, "unpackaged/a/B.eca": 1}"#
    );
}

#[test]
fn hostile_names_are_refused() {
    for (name, message) in [
        ("../evil", "empty, . or .."),
        ("a/../../evil", "empty, . or .."),
        ("a/./b", "empty, . or .."),
        ("a//b", "empty, . or .."),
        ("/etc/passwd", "absolute"),
        ("a\\..\\b", "backslash"),
        ("C:/evil", "colon"),
        ("a/b\0.eca", "control characters"),
        ("a/b\n.eca", "control characters"),
        ("..", "empty, . or .."),
    ] {
        check(
            &raw_zip(&[(name.as_bytes(), b"x")]),
            &Limits::default(),
            message,
        );
    }
    check(
        &raw_zip(&[(b"a/\xff\xfe", b"x")]),
        &Limits::default(),
        "not UTF-8",
    );
    check(&raw_zip(&[(b"", b"x")]), &Limits::default(), "is empty");
}

#[test]
fn one_file_under_two_names_is_refused() {
    check(
        &raw_zip(&[(b"a/Shop.eca", b"1"), (b"a/Shop.eca", b"2")]),
        &Limits::default(),
        "two entries with one name",
    );
    check(
        &zip_of(&[("a/Shop.eca", b"1"), ("a/SHOP.eca", b"2")]),
        &Limits::default(),
        "one file on a case-insensitive file system",
    );
    check(
        &zip_of(&[("a", b"1"), ("A/", b"")]),
        &Limits::default(),
        "one file on a case-insensitive file system",
    );
}

#[test]
fn sizes_are_limited_whatever_the_headers_state() {
    let mut limits = Limits::default();
    limits.unzipped_bytes = 1000;
    let bomb = zip_of(&[("zeros", &vec![0; 5_000_000])]);
    assert!(bomb.len() < 10_000);
    check(&bomb, &limits, "more than the 1000 bytes unzipped");
    check(
        &zip_of(&[("a", &[1; 600]), ("b", &[1; 600])]),
        &limits,
        "more than the 1000 bytes unzipped",
    );

    limits.files = 1;
    check(
        &zip_of(&[("a", b""), ("b", b"")]),
        &limits,
        "more than the 1 files",
    );
    limits.zip_bytes = 10;
    check(
        &zip_of(&[("a", b"")]),
        &limits,
        "more than the 10 bytes zipped",
    );
}

#[test]
fn invalid_zips_are_refused() {
    for bytes in [
        &b""[..],
        b"PK",
        b"<html>",
        b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0",
    ] {
        check(bytes, &Limits::default(), "cannot be read");
    }
    let mut damaged = zip_of(&[("a/b", &[7; 300])]);
    damaged[40] ^= 0xff;
    assert!(Archive::read(&damaged, &Limits::default()).is_err());
}

#[test]
fn links_are_refused() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.add_symlink("a", "/etc/passwd", zip::write::SimpleFileOptions::default())
        .unwrap();
    let zip = zip.finish().unwrap().into_inner();
    check(&zip, &Limits::default(), "a symbolic link");
}

/// A stored zip with any bytes as names, which the library does not write (APPNOTE 6.3.9).
fn raw_zip(entries: &[(&[u8], &[u8])]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let offset = u32::try_from(zip.len()).unwrap();
        let mut common = Vec::new();
        // Version, flags (UTF-8), method, time, date, CRC, sizes, lengths.
        common.extend(20_u16.to_le_bytes());
        common.extend(0x0800_u16.to_le_bytes());
        common.extend([0; 6]);
        common.extend(crc32(content).to_le_bytes());
        common.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        common.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0; 2]);
        zip.extend(b"PK\x03\x04");
        zip.extend(&common);
        zip.extend(*name);
        zip.extend(*content);
        directory.extend(b"PK\x01\x02");
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(*name);
    }
    let (count, start) = (
        u16::try_from(entries.len()).unwrap(),
        u32::try_from(zip.len()).unwrap(),
    );
    zip.extend(&directory);
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend(count.to_le_bytes());
    zip.extend(count.to_le_bytes());
    zip.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    zip.extend(start.to_le_bytes());
    zip.extend([0; 2]);
    zip
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
