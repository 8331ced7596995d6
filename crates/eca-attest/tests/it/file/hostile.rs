//! Files that want to be expensive: deep, wide, endless, or nothing but noise.

/// Each with a name. None of them is a key or a certificate.
pub(crate) fn files() -> Vec<(&'static str, Vec<u8>)> {
    let mega = eca_attest::MAX_INPUT_LEN;
    // Sequences in sequences: one length byte for the innermost, ever longer further out.
    let mut deep = vec![0x30, 0];
    while deep.len() < 60_000 {
        let len = u32::try_from(deep.len()).unwrap().to_be_bytes();
        deep = [&[0x30, 0x84], len.as_slice(), &deep].concat();
    }
    let indefinite = [0x30, 0x80].repeat(mega / 2);
    // PKCS#12 by its first bytes, then open for ever, deep, wide, or cut into very many pieces.
    let store = |inner: Vec<u8>| {
        let mut file =
            b"\x30\x80\x02\x01\x03\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x80"
                .to_vec();
        file.extend(inner);
        file.extend([0; 6]);
        file
    };
    let endless_string = [&b"\x24\x80"[..], &b"\x04\x01x".repeat(mega / 3 - 20)].concat();
    let mut pieces = endless_string.clone();
    pieces.extend([0, 0]);
    let many_keys = format!(
        "{{\"keys\":[{{}}{}]}}",
        r#",{"kty":"RSA","d":"AQAB"}"#.repeat(mega / 25 - 10)
    );
    let many_keys = many_keys.replacen("{},", "", 1).into_bytes();
    let begins = b"-----BEGIN PRIVATE KEY-----".repeat(mega / 27);
    let labels: Vec<u8> = (0..mega / 40)
        .flat_map(|n| format!("-----BEGIN A{n}-----\n-----END A{n}-----\n").into_bytes())
        .take(mega)
        .collect();
    let noise: Vec<u8> = (0..10 * mega)
        .map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 13 & 0xff).unwrap())
        .collect();
    [
        ("deep", deep.as_slice()),
        ("indefinite", &indefinite),
        ("BER, deep", &store(indefinite[..mega - 40].to_vec())),
        (
            "BER, deep strings",
            &store([0x24, 0x80].repeat(mega / 2 - 20)),
        ),
        ("BER, a string without an end", &store(endless_string)),
        ("BER, a string in many pieces", &store(pieces)),
        (
            "BER, many nothings",
            &store(b"\x30\x80\x00\x00".repeat(mega / 4 - 20)),
        ),
        (
            "BER, many numbers",
            &store(b"\x05\x00".repeat(mega / 2 - 20)),
        ),
        ("many begins", &begins),
        ("many blocks", &labels),
        ("a set of many keys", &many_keys),
        (
            "JSON, deep",
            &[b"{\"keys\":".as_slice(), &b"[".repeat(mega - 100)].concat(),
        ),
        ("noise", &noise[..mega]),
        ("ten times too much noise", &noise),
        ("zeros", &vec![0; mega]),
        ("blanks", &vec![b' '; mega]),
        ("dashes", &vec![b'-'; mega]),
        ("base64", &vec![b'M'; mega]),
        (
            "length over the end",
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0],
        ),
        ("huge length of length", &[0x30, 0xff]),
        ("label without end", b"-----BEGIN "),
        ("label in other bytes", b"-----BEGIN \xff\xfe-----"),
    ]
    .map(|(name, bytes)| (name, bytes.to_vec()))
    .into()
}
