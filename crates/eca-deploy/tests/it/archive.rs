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
        ("a/CON", "a device"),
        ("con.eca", "a device"),
        ("nul .tar.gz", "a device"),
        ("AUX/b", "a device"),
        ("a/com1.xml", "a device"),
        ("LPT\u{b2}", "a device"),
        ("CONIN$", "a device"),
        ("a/b.", "ends with a dot or a space"),
        ("a /b", "ends with a dot or a space"),
        ("a/gpj.\u{202e}eca", "invisible"),
        ("a/b\u{200b}.eca", "invisible"),
        ("a/b\u{feff}", "invisible"),
        ("a/\u{2066}b", "invisible"),
        ("a/\u{9b}b", "control characters"),
        ("a/\u{7f}b", "control characters"),
    ] {
        let zip = raw_zip(&[(name.as_bytes(), b"x")]);
        check(&zip, &Limits::default(), message);
        check(&zip, &Limits::default(), &format!("{name:?}"));
    }
    for name in [
        "a/CONSOLE",
        "com10",
        "a/COM",
        "a/.b",
        "a b/c.d",
        "a/Zürich",
        "LPTX",
    ] {
        let zip = raw_zip(&[(name.as_bytes(), b"x")]);
        let archive = Archive::read(&zip, &Limits::default());
        assert!(archive.is_ok(), "{name}");
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
    for (first, second) in [
        ("a/Shop.eca", "a/SHOP.eca"),
        ("a", "A/"),
        ("a/Z\u{fc}rich", "a/Zu\u{308}rich"),
        ("Z\u{dc}RICH/a", "zu\u{308}rich/A"),
        ("a/Stra\u{df}e", "a/STRASSE"),
        ("a/STRA\u{1e9e}E", "a/strasse"),
        ("\u{fb01}x", "fix"),
        ("\u{212a}", "k"),
        ("\u{1c5}", "\u{1c6}"),
        ("\u{3c3}", "\u{3c2}"),
        ("\u{ac00}", "\u{1100}\u{1161}"),
    ] {
        let zip = zip_of(&[(first, b"1"), (second, b"2")]);
        let names =
            format!("both {first:?} and {second:?}, which are one file on Windows or macOS");
        check(&zip, &Limits::default(), &names);
    }
}

type Change = Box<dyn Fn(&mut Vec<u8>)>;

#[test]
fn headers_that_disagree_are_refused() {
    let set = |at: usize, value: &'static [u8]| {
        move |header: &mut Vec<u8>| header[at..at + value.len()].copy_from_slice(value)
    };
    for (what, change) in [
        ("names", Box::new(set(32, b"c")) as Change),
        ("flags", Box::new(set(6, &[0, 0]))),
        ("flags", Box::new(set(6, &[1, 8]))),
        ("compression methods", Box::new(set(8, &[8, 0]))),
        ("checksums", Box::new(set(14, &[0, 0, 0, 1]))),
        ("compressed sizes", Box::new(set(18, &[2]))),
        ("compressed sizes", Box::new(set(18, &[0]))),
        ("sizes", Box::new(set(22, &[9]))),
    ] {
        let zip = raw_zip_with(&[(b"a/b", b"x")], 0x0800, change);
        let message =
            format!("\"a/b\" in the zip is refused: its two headers have different {what}");
        check(&zip, &Limits::default(), &message);
    }
}

/// CRC and sizes of an entry are behind its content when they were not known before, as in the zips
/// of Java.
#[test]
fn headers_that_leave_the_sizes_open_are_read() {
    let no_sizes = |header: &mut Vec<u8>| header[14..26].fill(0);
    let zip = raw_zip_with(&[(b"a/b", b"x")], 0x0808, no_sizes);
    let archive = Archive::read(&zip, &Limits::default()).unwrap();
    assert_eq!(archive.get("a/b"), Some(&b"x"[..]));
    let wrong_size = |header: &mut Vec<u8>| header[22] = 9;
    let zip = raw_zip_with(&[(b"a/b", b"x")], 0x0808, wrong_size);
    check(&zip, &Limits::default(), "different sizes");
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
    raw_zip_with(entries, 0x0800, |_| {})
}

/// The same with these flags, and changes of the headers before the contents.
fn raw_zip_with(entries: &[(&[u8], &[u8])], flags: u16, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let offset = u32::try_from(zip.len()).unwrap();
        let mut common = Vec::new();
        // Version, flags (0x0800: UTF-8), method, time, date, CRC, sizes, lengths.
        common.extend(20_u16.to_le_bytes());
        common.extend(flags.to_le_bytes());
        common.extend([0; 6]);
        common.extend(crc32(content).to_le_bytes());
        common.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        common.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0; 2]);
        let mut header = [b"PK\x03\x04", &common[..], name].concat();
        change(&mut header);
        zip.extend(header);
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
