//! Files with keys and certificates: PKCS#12, JKS, PEM.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use eca_attest::{Bundle, Format, KeyError, Password, PasswordFor, PrivateKey};
use expect_test::expect;

use crate::oracle::Oracle;
use crate::support::{
    EC_CERT, EC_PEM, JKS, LEGACY_P12, P12, PASSWORD, RSA_CERT, RSA_PEM, bundle, certificate, chain,
    key,
};

#[track_caller]
fn check(name: &str, bytes: &[u8], password: &str) {
    let read = bundle(bytes, password);
    let read = read.map_err(|error| format!("{name}: {}", chain(&error)));
    let read = read.unwrap();
    let identity = read.into_identity(None).unwrap();
    assert_eq!(*identity.key().expose_pkcs8_pem(), RSA_PEM, "{name}");
    assert_eq!(
        identity.certificate(),
        Some(&certificate(RSA_CERT)),
        "{name}"
    );
}

#[test]
fn the_key_stores_of_the_repository() {
    for (name, store, alias) in [
        ("modern", P12, "Storefront"),
        ("legacy", LEGACY_P12, "Storefront"),
        ("jks", JKS, "storefront"),
    ] {
        check(name, store, PASSWORD);
        // In base64, as in metadata files and CI variables, on one line or several.
        let base64 = BASE64_STANDARD.encode(store);
        check(name, base64.as_bytes(), PASSWORD);
        check(name, base64.replace('A', "A\n").as_bytes(), PASSWORD);
        let read = bundle(store, PASSWORD).unwrap();
        assert_eq!(read.aliases().collect::<Vec<_>>(), [alias], "{name}");
        let named = read.into_identity(Some("STOREFRONT")).unwrap();
        assert_eq!(named.alias(), Some(alias), "{name}");
        let unknown = bundle(store, PASSWORD).unwrap().into_identity(Some("x"));
        assert_eq!(
            unknown.unwrap_err().to_string(),
            format!("the private key input has no key named \"x\", it has: {alias}")
        );
        let wrong = bundle(store, "other").unwrap_err();
        assert!(matches!(wrong, KeyError::WrongPassword { .. }), "{name}");
        let none = PrivateKey::read(store).unwrap_err();
        assert!(matches!(none, KeyError::PasswordNeeded { .. }), "{name}");
    }
}

#[test]
fn every_form_of_pkcs12_that_openssl_writes() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    oracle.write("rsa.pem", RSA_PEM);
    oracle.write("cert.pem", RSA_CERT);
    for options in [
        "",
        "-legacy",
        "-nomac",
        "-macalg sha1",
        "-macalg sha384",
        "-macalg sha512",
        "-keypbe NONE -certpbe NONE",
        "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES",
        "-keypbe aes-128-cbc -certpbe NONE",
        "-iter 100000 -maciter",
        "-noiter -nomaciter",
        "-name 'Zoë ∆'",
        "-nocerts",
    ] {
        for password in ["secret", "", "pässwörd ∆"] {
            oracle.run(&format!(
                "openssl pkcs12 -export {options} -inkey rsa.pem -in cert.pem -passout 'pass:{password}' -out FILE"
            ));
            let name = format!("{options} {password:?}");
            if options == "-nocerts" {
                let read = bundle(&oracle.read("FILE"), password).unwrap();
                assert_eq!(
                    (read.key_count(), read.certificates().len()),
                    (1, 0),
                    "{name}"
                );
            } else {
                check(&name, &oracle.read("FILE"), password);
            }
            if password.is_empty() {
                PrivateKey::read(&oracle.read("FILE")).unwrap();
            }
        }
    }
}

#[test]
fn every_key_store_that_keytool_writes() {
    let Some(oracle) = Oracle::with(&["openssl", "keytool"]) else {
        return;
    };
    oracle.write("rsa.pem", RSA_PEM);
    oracle.write("cert.pem", RSA_CERT);
    oracle.run("openssl pkcs12 -export -name k -inkey rsa.pem -in cert.pem -passout pass:secret -out in.p12");
    for (target, options) in [
        ("PKCS12", ""),
        ("PKCS12", "-J-Dkeystore.pkcs12.legacy"),
        ("JKS", ""),
        ("JKS", "-destkeypass another"),
    ] {
        oracle.run(&format!(
            "rm -f FILE; keytool -importkeystore -srckeystore in.p12 -srcstoretype PKCS12 -srcstorepass secret \
             -srcalias k -destkeystore FILE -deststoretype {target} -deststorepass secret {options}"
        ));
        if options.contains("another") {
            let mut requests = Vec::new();
            let key = PrivateKey::read_with(&oracle.read("FILE"), &mut |what| {
                requests.push(what.to_string());
                Some(Password::new(match what {
                    PasswordFor::Entry { .. } => "another",
                    _ => "secret",
                }))
            });
            assert_eq!(*key.unwrap().expose_pkcs8_pem(), RSA_PEM);
            expect![[r#"
                [
                    "the Java key store (JKS)",
                    "the key \"k\" in the Java key store (JKS)",
                ]
            "#]]
            .assert_debug_eq(&requests);
        } else {
            check(target, &oracle.read("FILE"), "secret");
        }
    }
}

#[test]
fn key_stores_with_two_keys_and_without_keys() {
    let Some(oracle) = Oracle::with(&["keytool"]) else {
        return;
    };
    for target in ["JKS", "PKCS12"] {
        let store = format!("-keystore {target} -storetype {target} -storepass secret");
        for (alias, kind) in [
            ("one", "-keyalg RSA -keysize 2048"),
            ("two", "-keyalg EC -groupname secp256r1"),
        ] {
            oracle.run(&format!(
                "keytool -genkeypair {store} -keypass secret -alias {alias} -dname CN={alias} {kind}"
            ));
        }
        let read = || bundle(&oracle.read(target), "secret").unwrap();
        assert_eq!(read().key_count(), 2, "{target}");
        assert_eq!(read().certificates().len(), 2, "{target}");
        let several = read().into_identity(None).unwrap_err();
        assert!(
            matches!(several, KeyError::Several { count: 2, .. }),
            "{target}"
        );
        for alias in ["one", "two"] {
            let identity = read().into_identity(Some(alias)).unwrap();
            let leaf = identity.certificate().unwrap();
            assert_eq!(leaf.subject(), format!("CN={alias}"), "{target}");
            assert!(leaf.matches(identity.key().public_key()), "{target}");
        }
        oracle.run(&format!(
            "keytool -exportcert {store} -alias one -file cert; \
             keytool -importcert -noprompt -file cert -keystore trust.{target} -storetype {target} -storepass secret -alias c"
        ));
        let trust = oracle.read(format!("trust.{target}"));
        let read = bundle(&trust, "secret").unwrap();
        assert_eq!(
            (read.key_count(), read.certificates().len()),
            (0, 1),
            "{target}"
        );
        let none = read.into_identity(None).unwrap_err();
        assert!(matches!(none, KeyError::NoKey { .. }), "{target}: {none}");
    }
}

#[test]
fn the_chain_is_in_order_for_pem_in_any_order() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    oracle.write("rsa.pem", RSA_PEM);
    oracle.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -subj /CN=Root -out root.crt
         openssl req -new -newkey rsa:2048 -nodes -keyout mid.key -subj /CN=Mid -out mid.csr
         openssl x509 -req -in mid.csr -CA root.crt -CAkey root.key -CAcreateserial -out mid.crt
         openssl req -new -key rsa.pem -subj /CN=Leaf -out leaf.csr
         openssl x509 -req -in leaf.csr -CA mid.crt -CAkey mid.key -CAcreateserial -out leaf.crt",
    );
    for order in [
        "rsa.pem leaf.crt mid.crt root.crt",
        "root.crt mid.crt leaf.crt rsa.pem",
        "mid.crt rsa.pem root.crt leaf.crt leaf.crt",
    ] {
        oracle.run(&format!("cat {order} > FILE"));
        let identity = bundle(&oracle.read("FILE"), "")
            .unwrap()
            .into_identity(None)
            .unwrap();
        let subjects: Vec<_> = identity
            .chain()
            .iter()
            .map(|c| c.subject().to_owned())
            .collect();
        assert_eq!(subjects, ["CN=Leaf", "CN=Mid", "CN=Root"], "{order}");
    }
    oracle.run(
        "cat leaf.crt mid.crt root.crt > chain.pem
         openssl pkcs12 -export -inkey rsa.pem -in chain.pem -passout pass:secret -out FILE",
    );
    let identity = bundle(&oracle.read("FILE"), "secret")
        .unwrap()
        .into_identity(None)
        .unwrap();
    assert_eq!(identity.chain().len(), 3);
}

#[test]
fn a_key_or_certificate_alone_is_a_bundle() {
    let none = |bytes: &[u8]| Bundle::read(bytes, &mut |_| None);
    let body = certificate(RSA_CERT).to_body();
    for file in [
        RSA_CERT.as_bytes(),
        certificate(RSA_CERT).der(),
        body.as_bytes(),
    ] {
        let read = none(file).unwrap();
        assert_eq!(read.certificates(), [certificate(RSA_CERT)]);
        let refused = read.into_identity(None).unwrap_err();
        assert!(matches!(
            refused,
            KeyError::Unsupported {
                format: Format::Certificate,
                ..
            }
        ));
    }
    let unrelated = none([RSA_PEM, EC_CERT].concat().as_bytes()).unwrap();
    let identity = unrelated.into_identity(None).unwrap();
    assert_eq!((identity.certificate(), identity.chain().len()), (None, 0));
    let several = none([RSA_PEM, EC_PEM].concat().as_bytes()).unwrap_err();
    assert!(matches!(several, KeyError::Several { count: 2, .. }));
    // A damaged certificate does not matter if only the key is read.
    let damaged = RSA_CERT.replacen("MII", "MI*", 1);
    let both = [RSA_PEM, &damaged].concat();
    PrivateKey::read(both.as_bytes()).unwrap();
    assert!(matches!(
        none(both.as_bytes()).unwrap_err(),
        KeyError::Certificate(_)
    ));
}

/// Keys as variables of pipelines hold them, and as `openssl enc` leaves them.
#[test]
fn forms_of_pipelines() {
    let Some(oracle) = Oracle::with(&["openssl"]) else {
        return;
    };
    oracle.write("rsa.pem", RSA_PEM);
    for command in [
        "openssl base64 -A -in rsa.pem -out FILE",
        "openssl base64 -in rsa.pem -out FILE",
        "grep -v -- ----- rsa.pem | tr -d '\\n' > FILE",
        "openssl pkey -in rsa.pem -traditional -outform DER | openssl base64 -A -out FILE",
        "openssl pkcs8 -topk8 -in rsa.pem -passout pass:secret -outform DER | openssl base64 -A -out FILE",
    ] {
        oracle.run(command);
        let read = bundle(&oracle.read("FILE"), "secret").unwrap();
        let found = read.into_identity(None).unwrap();
        assert_eq!(
            found.key().public_key(),
            key(RSA_PEM).public_key(),
            "{command}"
        );
    }
    for (form, option) in [("", ""), (" -a", " -a")] {
        oracle.run(&format!(
            "openssl enc -aes-256-cbc -pbkdf2{form} -pass pass:secret -in rsa.pem -out FILE"
        ));
        let error = bundle(&oracle.read("FILE"), "secret").unwrap_err();
        let words = "file encrypted by openssl enc";
        assert!(error.to_string().contains(words), "{error}");
        let hint = format!("openssl enc -d{option} -aes-256-cbc");
        assert!(error.hint().unwrap().contains(&hint), "{:?}", error.hint());
    }
}
