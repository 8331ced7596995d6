//! Private keys in every form, and the errors for other files.

use eca_attest::{Encoding, Format, KeyError, PrivateKey};
use expect_test::{Expect, expect};

use crate::oracle::Oracle;
use crate::support::{
    EC_CERT, EC_PEM, ENCRYPTED_PEM, JKS, LEGACY_P12, P12, PASSWORD, RSA_CERT, RSA_PEM, bundle,
    chain, key,
};

/// RSA and EC keys, and the openssl command that writes them in their traditional format.
const KEYS: [(&str, &str); 2] = [
    (RSA_PEM, "openssl rsa -traditional"),
    (EC_PEM, "openssl ec"),
];

#[test]
fn every_form_that_openssl_writes_is_the_same_key() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    for (pem, traditional) in KEYS {
        oracle.write("pkcs8.pem", pem);
        oracle.run("openssl pkcs8 -topk8 -nocrypt -in pkcs8.pem -outform DER -out pkcs8.der");
        oracle.run(&format!("{traditional} -in pkcs8.pem -out traditional.pem"));
        oracle.run(&format!(
            "{traditional} -in pkcs8.pem -outform DER -out traditional.der"
        ));
        oracle.run("sed 's/$/\\r/' pkcs8.pem > crlf.pem");
        oracle.run("awk '{printf \"%s\\\\n\", $0}' pkcs8.pem > variable.pem");
        oracle.run("(echo Bag Attributes; echo '  friendlyName: x'; cat pkcs8.pem) > bag.pem");
        oracle.write("bundle.pem", [RSA_CERT, pem, EC_CERT].concat());
        // The label is that of PKCS#8, the content is traditional.
        oracle.run("sed 's/ RSA / /;s/ EC / /' traditional.pem > mislabelled.pem");
        let mut forms = vec![
            "pkcs8.pem",
            "pkcs8.der",
            "traditional.pem",
            "traditional.der",
            "crlf.pem",
            "variable.pem",
            "bag.pem",
            "bundle.pem",
            "mislabelled.pem",
        ];
        if pem == EC_PEM {
            oracle.run("openssl ecparam -name prime256v1 -out params.pem");
            oracle.run("cat params.pem traditional.pem > with-params.pem");
            oracle.run("openssl ec -in pkcs8.pem -no_public -out no-public.pem");
            oracle.run("openssl pkcs8 -topk8 -nocrypt -in no-public.pem -out no-public-8.pem");
            forms.extend(["with-params.pem", "no-public.pem", "no-public-8.pem"]);
        }
        for form in forms {
            let read = PrivateKey::read(&oracle.read(form));
            let read = read.unwrap_or_else(|error| panic!("{form}: {}", chain(&error)));
            assert_eq!(*read.expose_pkcs8_pem(), pem, "{form}");
            assert_eq!(read.public_key(), key(pem).public_key(), "{form}");
        }
    }
}

#[test]
fn written_keys_equal_those_of_openssl() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    for (pem, traditional) in KEYS {
        oracle.write("key.pem", pem);
        let run = |command: &str| {
            oracle.run(&format!("{command} -out FILE"));
            oracle.read("FILE")
        };
        let key = key(pem);
        let public = key.public_key();
        let der = run("openssl pkey -in key.pem -pubout -outform DER");
        assert_eq!(public.spki_der(), der);
        let text = run("openssl pkey -in key.pem -pubout");
        assert_eq!(public.to_pem().as_bytes(), text);
        // `None` in the format of the other algorithm.
        let forms = [
            (RSA_PEM, key.expose_pkcs1_pem(), key.expose_pkcs1_der()),
            (EC_PEM, key.expose_sec1_pem(), key.expose_sec1_der()),
        ];
        for (of, text, der) in forms {
            let text = text.map(|text| text.as_bytes().to_vec());
            let der = der.map(|der| der.to_vec());
            let expected = |form: &str| {
                (of == pem).then(|| run(&format!("{traditional} -in key.pem -outform {form}")))
            };
            assert_eq!(text, expected("PEM"));
            assert_eq!(der, expected("DER"));
        }
    }
}

/// Commands that write the RSA key in another format, this format, and the option with the password
/// for the command of the hint.
const UNREADABLE: [(&str, Format, Encoding, &str); 8] = [
    (
        "openssl pkcs8 -topk8 -in rsa.pem -passout pass:secret -out FILE",
        Format::EncryptedPkcs8,
        Encoding::Pem,
        "-passin pass:secret",
    ),
    (
        "openssl pkcs8 -topk8 -in rsa.pem -passout pass:secret -outform DER -out FILE",
        Format::EncryptedPkcs8,
        Encoding::Binary,
        "-passin pass:secret",
    ),
    (
        "openssl rsa -traditional -aes128 -in rsa.pem -passout pass:secret -out FILE",
        Format::EncryptedLegacyPem,
        Encoding::Pem,
        "-passin pass:secret",
    ),
    (
        "openssl pkcs12 -export -inkey rsa.pem -in cert.pem -passout pass:secret -out FILE",
        Format::Pkcs12,
        Encoding::Binary,
        "-passin pass:secret",
    ),
    (
        "cp rsa.pem FILE; chmod 600 FILE; ssh-keygen -q -p -N '' -f FILE",
        Format::OpenSsh,
        Encoding::Pem,
        "",
    ),
    (
        "openssl pkcs12 -export -inkey rsa.pem -in cert.pem -passout pass:secret -name k \
         -out in.p12; keytool -importkeystore -srckeystore in.p12 -srcstoretype PKCS12 \
         -srcstorepass secret -destkeystore FILE -deststoretype JKS -deststorepass secret",
        Format::Jks,
        Encoding::Binary,
        "-passin pass:secret",
    ),
    (
        "keytool -importkeystore -srckeystore in.p12 -srcstoretype PKCS12 \
         -srcstorepass secret -destkeystore FILE -deststoretype JCEKS -deststorepass secret",
        Format::Jceks,
        Encoding::Binary,
        "-passin pass:secret",
    ),
    (
        "iconv -f UTF-8 -t UTF-16 rsa.pem > FILE",
        Format::Utf16Text,
        Encoding::Text,
        "",
    ),
];

/// The hint of each format is a command that converts the key to PEM.
#[test]
fn hints_convert_the_key() {
    let tools = ["openssl", "ssh-keygen", "keytool", "iconv"];
    let Some(oracle) = Oracle::with(&tools) else {
        return;
    };
    oracle.write("rsa.pem", RSA_PEM);
    oracle.write("cert.pem", RSA_CERT);
    for (make, format, encoding, password) in UNREADABLE {
        oracle.run("rm -f FILE key.pem key.p12");
        oracle.run(make);
        let error = PrivateKey::read(&oracle.read("FILE")).unwrap_err();
        match error {
            KeyError::PasswordNeeded { format: f } => assert_eq!(f, format, "{make}"),
            KeyError::Unsupported {
                format: f,
                encoding: e,
            } => assert_eq!((f, e), (format, encoding), "{make}"),
            other => panic!("{make}: {other:?}"),
        }
        let hint = error.hint().unwrap();
        let (_, command) = hint.split_once(": ").unwrap();
        let command = command.split(" (").next().unwrap();
        // Users type the passwords; the test gives them as options.
        let command = format!("{command} {password}").replace(
            "-importkeystore",
            "-importkeystore -srcstorepass secret -deststorepass secret",
        );
        oracle.run(&command);
        let read = PrivateKey::read(&oracle.read("key.pem"));
        let read = read.unwrap_or_else(|error| panic!("{command}: {}", chain(&error)));
        assert_eq!(*read.expose_pkcs8_pem(), RSA_PEM, "{command}");
    }
}

/// `puttygen` is rarely installed, so its hint has a separate test. It reads passwords only from a
/// terminal, so the key has none.
#[test]
fn the_hint_for_putty_converts_the_key() {
    let Some(oracle) = Oracle::with(&["openssl", "ssh-keygen", "puttygen"]) else {
        return;
    };
    oracle.write("rsa.pem", RSA_PEM);
    for version in [2, 3] {
        oracle.run("rm -f FILE key.pem");
        oracle.run("openssl rsa -traditional -in rsa.pem -out old.pem");
        let parameter = format!("--ppk-param version={version}");
        oracle.run(&format!("puttygen old.pem -O private {parameter} -o FILE"));
        let error = PrivateKey::read(&oracle.read("FILE")).unwrap_err();
        assert!(
            matches!(
                error,
                KeyError::Unsupported {
                    format: Format::Putty,
                    ..
                }
            ),
            "{error:?}"
        );
        let (_, command) = error.hint().unwrap().split_once(": ").unwrap();
        oracle.run(command);
        let read = PrivateKey::read(&oracle.read("key.pem"));
        let read = read.unwrap_or_else(|error| panic!("{command}: {}", chain(&error)));
        // puttygen swaps the primes: the same key in other bytes.
        assert_eq!(
            read.public_key(),
            key(RSA_PEM).public_key(),
            "PPK {version}"
        );
    }
}

/// The hint for a wrong password is a command that accepts only the right password.
#[test]
fn hints_check_the_password() {
    let Some(oracle) = Oracle::with(&["openssl", "keytool"]) else {
        return;
    };
    for (file, option, program) in [
        (ENCRYPTED_PEM.as_bytes(), "-passin pass:", "openssl pkey"),
        (P12, "-passin pass:", "openssl pkcs12"),
        (LEGACY_P12, "-passin pass:", "openssl pkcs12"),
        (JKS, "-storepass ", "keytool"),
    ] {
        oracle.write("FILE", file);
        let error = bundle(file, "wrong").unwrap_err();
        assert!(matches!(error, KeyError::WrongPassword { .. }), "{error:?}");
        let (_, hint) = error.hint().unwrap().split_once(": ").unwrap();
        assert!(hint.starts_with(program), "{hint}");
        let command = hint.split(" (").next().unwrap();
        let legacy = if file == LEGACY_P12 { "-legacy" } else { "" };
        oracle.run(&format!("{command} {legacy} {option}{PASSWORD}"));
        oracle.run(&format!("! {command} {legacy} {option}wrong1"));
    }
}

fn check(input: impl AsRef<[u8]>, expected: &Expect) {
    let error = PrivateKey::read(input.as_ref()).unwrap_err();
    let hint = error.hint().map(|hint| format!("\nhint: {hint}"));
    expected.assert_eq(&(chain(&error) + &hint.unwrap_or_default()));
}

#[test]
fn messages_name_the_input() {
    check(
        "",
        &expect![[r#"
        the private key input is empty
        hint: make a key: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem"#]],
    );
    check(
        " \r\n\t",
        &expect![[r#"
        the private key input is empty
        hint: make a key: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem"#]],
    );
    check(
        "just some text",
        &expect![[r#"
            the private key input is not recognised: neither PEM, nor complete DER, nor a key store
            hint: export the key again, as PEM, PKCS#12, Java key store or JSON Web Key; check PEM or DER: openssl pkey -in FILE -noout"#]],
    );
    check(
        RSA_CERT,
        &expect![[r#"
            the private key input is not an unencrypted private key but another format: certificate
            hint: a certificate has no private key; for a certificate made in Setup, export both: Certificate and Key Management > Export to Keystore"#]],
    );
    check(
        [RSA_PEM, EC_PEM].concat(),
        &expect![[r#"
            the private key input holds 2 private keys
            hint: split the file so that it holds one private key"#]],
    );
}

#[test]
fn messages_name_the_damage() {
    check(
        "-----BEGIN PRIVATE KEY-----\nMIIE",
        &expect![[r#"
        the private key input is damaged PEM
          the block "PRIVATE KEY" has no -----END line
        hint: export the key again, as PEM, PKCS#12, Java key store or JSON Web Key; check PEM or DER: openssl pkey -in FILE -noout"#]],
    );
    check(
        "-----BEGIN PRIVATE KEY-----\nMI*E\n-----END PRIVATE KEY-----\n",
        &expect![[r#"
            the private key input is damaged PEM
              the block "PRIVATE KEY" is not base64
            hint: export the key again, as PEM, PKCS#12, Java key store or JSON Web Key; check PEM or DER: openssl pkey -in FILE -noout"#]],
    );
    check(
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
        &expect![[r#"
            the PKCS#8 private key is damaged
              ASN.1 DER message is incomplete: expected 4, actual 3 at DER byte 3
            hint: export the key again, as PEM, PKCS#12, Java key store or JSON Web Key; check PEM or DER: openssl pkey -in FILE -noout"#]],
    );
}

#[test]
fn messages_name_the_format() {
    check(
        "ssh-rsa AAAAB3NzaC1yc2E= user@host",
        &expect![[r#"
            the private key input is not an unencrypted private key but another format: public key
            hint: this is only a public key; give its private key (to compare: openssl pkey -in KEY -pubout)"#]],
    );
    check(
        r#"{"kty":"RSA","n":"AQAB"}"#,
        &expect![[r#"
            the private key input is not an unencrypted private key but another format: public key
            hint: this is only a public key; give its private key (to compare: openssl pkey -in KEY -pubout)"#]],
    );
    check(
        "PuTTY-User-Key-File-3: ssh-rsa\n",
        &expect![[r#"
            the private key input is not an unencrypted private key but another format: PuTTY private key
            hint: convert it: puttygen FILE -O private-openssh -o key.pem && ssh-keygen -p -N '' -m PKCS8 -f key.pem"#]],
    );
    check(
        vec![b'x'; eca_attest::MAX_INPUT_LEN + 1],
        &expect![[r#"
            the private key input of 1048577 bytes is longer than 1048576
            hint: give a file that contains only the key"#]],
    );
}

#[test]
fn other_files_and_other_algorithms_are_named() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    oracle.write("rsa.pem", RSA_PEM);
    let check = |make: &str, expected: Expect| {
        oracle.run(make);
        check(oracle.read("FILE"), &expected);
    };
    check(
        "openssl rsa -in rsa.pem -pubout -out FILE",
        expect![[r#"
            the private key input is not an unencrypted private key but another format: public key
            hint: this is only a public key; give its private key (to compare: openssl pkey -in KEY -pubout)"#]],
    );
    check(
        "openssl rsa -in rsa.pem -RSAPublicKey_out -outform DER -out FILE",
        expect![[r#"
            the private key input is not an unencrypted private key but another format: public key
            hint: this is only a public key; give its private key (to compare: openssl pkey -in KEY -pubout)"#]],
    );
    check(
        "openssl req -new -key rsa.pem -subj /CN=x -out FILE",
        expect![[r#"
            the private key input is not an unencrypted private key but another format: certificate signing request
            hint: a signing request has no private key; give the key that it was made with"#]],
    );
    check(
        "openssl req -new -key rsa.pem -subj /CN=x -outform DER -out FILE",
        expect![[r#"
            the private key input is not an unencrypted private key but another format: certificate signing request
            hint: a signing request has no private key; give the key that it was made with"#]],
    );
    check(
        "openssl genpkey -algorithm ED25519 -out FILE",
        expect![[r#"
            private keys of type Ed25519 are not supported, only RSA and EC P-256 are
            hint: client attestation takes RSA keys: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem"#]],
    );
    check(
        "openssl ecparam -name secp384r1 -genkey -noout -out FILE",
        expect![[r#"
            private keys of type EC P-384 are not supported, only RSA and EC P-256 are
            hint: client attestation takes RSA keys: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem"#]],
    );
    check(
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
         -pkeyopt ec_param_enc:explicit -out FILE",
        expect![[r#"
            private keys of type EC with explicit parameters are not supported, only RSA and EC P-256 are
            hint: client attestation takes RSA keys: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem"#]],
    );
}
