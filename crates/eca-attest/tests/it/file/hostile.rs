//! Files that attack the readers: deeply nested, with many members, without an end, too long, or
//! random.

use eca_attest::MAX_INPUT_LEN;

type File = (&'static str, Vec<u8>);

/// The files with their names. None of them is a key or a certificate.
pub(crate) fn files() -> Vec<File> {
    let mut files = ber();
    files.extend(text());
    files.extend(filled());
    files.extend(cut());
    files
}

/// Nested values, and PKCS#12 key stores in BER.
fn ber() -> Vec<File> {
    // Sequences in sequences, each with a length of four bytes.
    let mut deep = vec![0x30, 0];
    while deep.len() < 60_000 {
        let len = u32::try_from(deep.len()).unwrap().to_be_bytes();
        deep = [&[0x30, 0x84], len.as_slice(), &deep].concat();
    }
    let indefinite = [0x30, 0x80].repeat(MAX_INPUT_LEN / 2);
    // The first bytes of PKCS#12, with indefinite lengths, and this content.
    let store = |content: &[u8]| {
        let start =
            b"\x30\x80\x02\x01\x03\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x80";
        [&start[..], content, &[0; 6]].concat()
    };
    let open_string = [
        &b"\x24\x80"[..],
        &b"\x04\x01x".repeat(MAX_INPUT_LEN / 3 - 20),
    ]
    .concat();
    let string = [&open_string[..], &[0, 0]].concat();
    let strings = [0x24, 0x80].repeat(MAX_INPUT_LEN / 2 - 20);
    let empty = b"\x30\x80\x00\x00".repeat(MAX_INPUT_LEN / 4 - 20);
    let nulls = b"\x05\x00".repeat(MAX_INPUT_LEN / 2 - 20);
    let deep_store = store(&indefinite[..MAX_INPUT_LEN - 40]);
    vec![
        ("deep", deep),
        ("indefinite lengths", indefinite),
        ("BER, deep", deep_store),
        ("BER, deep strings", store(&strings)),
        ("BER, a string without an end", store(&open_string)),
        ("BER, a string with many segments", store(&string)),
        ("BER, many empty sequences", store(&empty)),
        ("BER, many nulls", store(&nulls)),
    ]
}

/// PEM and JSON.
fn text() -> Vec<File> {
    let begins = b"-----BEGIN PRIVATE KEY-----".repeat(MAX_INPUT_LEN / 27);
    let blocks = (0..MAX_INPUT_LEN / 40)
        .flat_map(|n| format!("-----BEGIN A{n}-----\n-----END A{n}-----\n").into_bytes())
        .take(MAX_INPUT_LEN)
        .collect();
    let key = r#"{"kty":"RSA","d":"AQAB"}"#;
    let keys = vec![key; MAX_INPUT_LEN / 25 - 10].join(",");
    let arrays = b"[".repeat(MAX_INPUT_LEN - 100);
    vec![
        ("PEM, many begins", begins),
        ("PEM, many blocks", blocks),
        (
            "JSON, many keys",
            format!("{{\"keys\":[{keys}]}}").into_bytes(),
        ),
        ("JSON, deep", [b"{\"keys\":".as_slice(), &arrays].concat()),
    ]
}

/// Random bytes, and one byte repeated.
fn filled() -> Vec<File> {
    let random: Vec<u8> = (0..10 * MAX_INPUT_LEN)
        .map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 13 & 0xff).unwrap())
        .collect();
    vec![
        ("random", random[..MAX_INPUT_LEN].to_vec()),
        ("random, too long", random),
        ("zeros", vec![0; MAX_INPUT_LEN]),
        ("blanks", vec![b' '; MAX_INPUT_LEN]),
        ("dashes", vec![b'-'; MAX_INPUT_LEN]),
        ("base64", vec![b'M'; MAX_INPUT_LEN]),
    ]
}

/// Short files with a wrong length or without an end.
fn cut() -> Vec<File> {
    let files: [(_, &[u8]); 4] = [
        (
            "length over the end",
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0],
        ),
        ("length of 127 bytes", &[0x30, 0xff]),
        ("label without an end", b"-----BEGIN "),
        ("label that is not UTF-8", b"-----BEGIN \xff\xfe-----"),
    ];
    files.map(|(name, file)| (name, file.to_vec())).into()
}
