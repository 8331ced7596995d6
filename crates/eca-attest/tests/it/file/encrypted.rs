//! Encrypted keys: the schemes of openssl, wrong passwords, and hostile parameters.

use std::time::Instant;

use eca_attest::{EncryptError, Format, KeyError, OsIds, Password, PasswordFor, PrivateKey};
use expect_test::expect;

use crate::file::broken::LIMIT;
use crate::file::der::{number, pbkdf2, pbkdf2_with_salt, scrypt, scrypt_with_salt, tlv};
use crate::oracle::Oracle;
use crate::support::{
    EC_PEM, ENCRYPTED_PEM, LEGACY_P12, NoIds, P12, PASSWORD, RSA_PEM, chain, key,
};

fn open(bytes: &[u8], password: &str) -> Result<PrivateKey, KeyError> {
    PrivateKey::read_with(bytes, &mut |_| Some(Password::new(password)))
}

#[test]
fn every_scheme_that_openssl_writes() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    oracle.write("rsa.pem", RSA_PEM);
    for scheme in [
        "",
        "-v2 aes-128-cbc",
        "-v2 aes-192-cbc",
        "-v2 aes-256-cbc -v2prf hmacWithSHA1",
        "-v2 aes-256-cbc -v2prf hmacWithSHA512",
        "-v2 des3",
        "-scrypt",
        "-iter 600000",
        "-v1 PBE-SHA1-3DES",
        "-v1 PBE-SHA1-2DES",
        "-v1 PBE-SHA1-RC2-128 -provider legacy -provider default",
        "-v1 PBE-SHA1-RC2-40 -provider legacy -provider default",
    ] {
        for (form, password) in [("PEM", "secret"), ("DER", "pässwörd ∆")] {
            oracle.run(&format!(
                "openssl pkcs8 -topk8 {scheme} -in rsa.pem -passout 'pass:{password}' -outform {form} -out FILE"
            ));
            let read = open(&oracle.read("FILE"), password);
            let read = read.unwrap_or_else(|error| panic!("{scheme} {form}: {}", chain(&error)));
            assert_eq!(*read.expose_pkcs8_pem(), RSA_PEM, "{scheme} {form}");
            for wrong in ["", "Secret", "secret "] {
                let refused = open(&oracle.read("FILE"), wrong).unwrap_err();
                assert!(
                    matches!(refused, KeyError::WrongPassword { .. }),
                    "{scheme}: {refused:?}"
                );
            }
        }
    }
}

#[test]
fn openssl_decrypts_the_written_keys() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    let password = Password::new("pässwörd ∆");
    for pem in [RSA_PEM, EC_PEM] {
        let text = key(pem).to_encrypted_pkcs8_pem(&password, &OsIds).unwrap();
        assert_eq!(
            *open(text.as_bytes(), "pässwörd ∆")
                .unwrap()
                .expose_pkcs8_pem(),
            pem
        );
        oracle.write("FILE", &text);
        let opened = oracle.run("openssl pkey -in FILE -passin 'pass:pässwörd ∆'");
        assert_eq!(opened, pem);
        let scheme = oracle.run("openssl asn1parse -in FILE");
        for part in [
            "PBES2",
            "PBKDF2",
            "hmacWithSHA256",
            "aes-256-cbc",
            ":0927C0",
        ] {
            assert!(scheme.contains(part), "no {part} in {scheme}");
        }
        let again = key(pem).to_encrypted_pkcs8_pem(&password, &OsIds).unwrap();
        assert_ne!(text, again, "the salt is the same");
    }
    let refused = key(EC_PEM).to_encrypted_pkcs8_der(&Password::new(""), &OsIds);
    assert!(matches!(refused, Err(EncryptError::EmptyPassword)));
    let refused = key(EC_PEM).to_encrypted_pkcs8_der(&password, &NoIds);
    assert!(matches!(refused, Err(EncryptError::Salt(_))));
}

/// The error names a cipher from before 2000, and the command of the hint decrypts it.
#[test]
fn an_unsupported_scheme_is_named() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    oracle.write("rsa.pem", RSA_PEM);
    let legacy = "-provider legacy -provider default";
    oracle.run(&format!(
        "openssl pkcs8 -topk8 -v1 PBE-MD5-DES {legacy} -in rsa.pem -passout pass:secret -out FILE"
    ));
    let error = open(&oracle.read("FILE"), "secret").unwrap_err();
    expect![
        "the encrypted PKCS#8 private key is encrypted or authenticated with pbeWithMD5AndDES-CBC, which is not supported"
    ]
    .assert_eq(&chain(&error));
    let hint = error.hint().unwrap();
    assert!(hint.contains(legacy), "{hint}");
    oracle.run(&format!(
        "openssl pkey -in FILE {legacy} -passin pass:secret -out key.pem"
    ));
    assert_eq!(oracle.read("key.pem"), RSA_PEM.as_bytes());
}

/// RFC 8018 does not limit the length of salts, `pkcs5` does.
#[test]
fn a_salt_over_32_bytes_is_named() {
    for (longest, longer) in [
        (
            pbkdf2_with_salt(2048, &[1; 32]),
            pbkdf2_with_salt(2048, &[1; 33]),
        ),
        (
            scrypt_with_salt(1024, 8, 1, &[1; 32]),
            scrypt_with_salt(1024, 8, 1, &[1; 33]),
        ),
    ] {
        let error = open(&longest, "secret").unwrap_err();
        assert!(matches!(error, KeyError::WrongPassword { .. }), "{error:?}");
        let error = open(&longer, "secret").unwrap_err();
        assert_eq!(
            chain(&error),
            "the salt of the encrypted PKCS#8 private key has 33 bytes, at most 32 are supported"
        );
        let hint = error.hint().unwrap();
        assert!(
            hint.contains("openssl pkey -in FILE -out key.pem"),
            "{hint}"
        );
    }
}

#[test]
fn passwords_are_requested_only_if_needed() {
    let mut requests = 0;
    let mut none = |_: PasswordFor<'_>| {
        requests += 1;
        None
    };
    PrivateKey::read_with(RSA_PEM.as_bytes(), &mut none).unwrap();
    let refused = PrivateKey::read_with(ENCRYPTED_PEM.as_bytes(), &mut none).unwrap_err();
    assert!(matches!(
        refused,
        KeyError::PasswordNeeded {
            format: Format::EncryptedPkcs8
        }
    ));
    assert_eq!(requests, 1);
    let mut wanted = Vec::new();
    PrivateKey::read_with(P12, &mut |what| {
        wanted.push(what.to_string());
        Some(Password::new(PASSWORD))
    })
    .unwrap();
    assert_eq!(wanted, ["the PKCS#12 key store"]);
    let key = open(LEGACY_P12, PASSWORD).unwrap();
    assert_eq!(*key.expose_pkcs8_pem(), RSA_PEM);
}

#[test]
fn a_password_is_one_line() {
    for (input, expected) in [
        ("secret", "secret"),
        ("secret\n", "secret"),
        ("secret\r\nmore\n", "secret"),
        (" spaces stay \n", " spaces stay "),
        ("", ""),
    ] {
        let read = Password::read_line(input.as_bytes()).unwrap();
        assert_eq!(read.expose_password(), expected);
    }
    Password::read_line(vec![b'x'; 4097].as_slice()).unwrap_err();
    Password::read_line(&[0xff, 0xfe][..]).unwrap_err();
    let endless = std::io::repeat(b'x');
    Password::read_line(endless).unwrap_err();
}

const PBE_3DES: &[u8] = b"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03";
const SHROUDED: &[u8] = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02";
const DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
const SHA256: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";

/// A PKCS#12 key store whose MAC requires that many rounds.
fn mac(rounds: u64) -> Vec<u8> {
    let empty = tlv(0x30, &[]);
    let content = tlv(0x30, &[DATA, &tlv(0xa0, &[&tlv(4, &[&empty])])]);
    let digest = tlv(
        0x30,
        &[&tlv(0x30, &[SHA256, &[5, 0]]), &tlv(4, &[&[0; 32]])],
    );
    let mac = tlv(0x30, &[&digest, &tlv(4, &[&[1; 8]]), &number(rounds)]);
    tlv(0x30, &[&number(3), &content, &mac])
}

/// A file that requires too much work or memory is refused before the key derivation.
#[test]
fn hostile_parameters_are_refused() {
    let many_bags = {
        let parameters = tlv(0x30, &[&tlv(4, &[&[1; 8]]), &number(100_000)]);
        let algorithm = tlv(0x30, &[PBE_3DES, &parameters]);
        let key = tlv(0x30, &[&algorithm, &tlv(4, &[&[0; 16]])]);
        let bag = tlv(0x30, &[SHROUDED, &tlv(0xa0, &[&key])]);
        let bags = tlv(0x30, &[&bag.repeat(1000)]);
        let inner = tlv(0x30, &[DATA, &tlv(0xa0, &[&tlv(4, &[&bags])])]);
        let safe = tlv(0x30, &[&inner]);
        let content = tlv(0x30, &[DATA, &tlv(0xa0, &[&tlv(4, &[&safe])])]);
        tlv(0x30, &[&number(3), &content])
    };
    let cases: [(&str, Vec<u8>, &str); 11] = [
        ("usual PBKDF2", pbkdf2(10_000), "wrong"),
        ("PBKDF2, 2^31", pbkdf2(1 << 31), "costly"),
        ("PBKDF2, 2^32 - 1", pbkdf2(u64::from(u32::MAX)), "costly"),
        ("PBKDF2, 2^40", pbkdf2(1 << 40), "malformed"),
        ("usual scrypt", scrypt(16_384, 8, 1), "wrong"),
        ("scrypt, 128 GiB", scrypt(1 << 27, 8, 1), "costly"),
        ("scrypt, cost 2^63", scrypt(1 << 63, 8, 1), "costly"),
        ("scrypt, many lanes", scrypt(16_384, 8, 32_767), "costly"),
        ("scrypt, wide and deep", scrypt(8, 65_535, 3), "costly"),
        ("PKCS#12 MAC, 2^31 - 1", mac((1 << 31) - 1), "costly"),
        ("PKCS#12, many bags", many_bags, "wrong"),
    ];
    for (name, file, expected) in cases {
        let start = Instant::now();
        let refused = open(&file, "secret").unwrap_err();
        let found = match refused {
            KeyError::TooCostly { .. } => "costly",
            KeyError::WrongPassword { .. } => "wrong",
            KeyError::Malformed { .. } => "malformed",
            other => panic!("{name}: {}", chain(&other)),
        };
        assert_eq!(found, expected, "{name}");
        let took = start.elapsed();
        assert!(took < LIMIT, "{name}: {took:?}");
    }
}
