//! JSON Web Keys, compared with node and RFC 7638.

use eca_attest::{Bundle, JwkError, PrivateKey, PublicKey};
use expect_test::{Expect, expect};
use serde_json::json;

use crate::oracle::Oracle;
use crate::support::{A2_PEM, EC_PEM, RSA_PEM, chain, key};

#[test]
fn node_writes_and_reads_the_same_keys() {
    let Some(oracle) = Oracle::with(&["node"]) else {
        return;
    };
    for pem in [RSA_PEM, EC_PEM] {
        oracle.write("key.pem", pem);
        oracle.run(
            "node -e \"const c = require('crypto'), fs = require('fs');
             const key = c.createPrivateKey(fs.readFileSync('key.pem'));
             fs.writeFileSync('theirs', JSON.stringify(key.export({ format: 'jwk' }), null, 2))\"",
        );
        let theirs = PrivateKey::read(&oracle.read("theirs")).unwrap();
        assert_eq!(*theirs.expose_pkcs8_pem(), pem);
        oracle.write("ours", key(pem).expose_jwk().as_bytes());
        let back = oracle.run(
            "node -e \"const c = require('crypto'), fs = require('fs');
             const key = c.createPrivateKey({ key: JSON.parse(fs.readFileSync('ours')), format: 'jwk' });
             process.stdout.write(key.export({ type: 'pkcs8', format: 'pem' }))\"",
        );
        assert_eq!(back, pem);
    }
}

/// RFC 7638, section 3.1.
#[test]
fn the_thumbprint_of_the_rfc() {
    let jwk = json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
    });
    let key = PublicKey::from_jwk(&jwk).unwrap();
    assert_eq!(
        key.jwk_thumbprint().as_deref(),
        Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    );
}

#[test]
fn a_key_for_another_purpose_is_refused() {
    for (pem, algorithm, other) in [(RSA_PEM, "RS256", "PS256"), (EC_PEM, "ES256", "ES384")] {
        let jwk: serde_json::Value = serde_json::from_str(&key(pem).expose_jwk()).unwrap();
        for (member, value, refused) in [
            ("use", json!("sig"), None),
            ("use", json!("enc"), Some("its `use` is \"enc\"")),
            ("key_ops", json!(["verify", "sign"]), None),
            (
                "key_ops",
                json!(["encrypt", "wrapKey"]),
                Some("its `key_ops` is \"encrypt wrapKey\""),
            ),
            ("key_ops", json!([]), Some("its `key_ops` is \"\"")),
            ("alg", json!(algorithm), None),
            ("alg", json!("none"), Some("its `alg` is \"none\"")),
            ("alg", json!(other), Some("its `alg` is")),
        ] {
            let mut jwk = jwk.clone();
            jwk[member] = value;
            let read = PrivateKey::read(jwk.to_string().as_bytes());
            match (refused, read) {
                (None, Ok(_)) => {}
                (Some(words), Err(error)) if error.to_string().contains(words) => {}
                (_, read) => panic!("{member}: {read:?}"),
            }
        }
    }
}

#[test]
fn public_keys_round_trip_and_private_members_are_refused() {
    for pem in [RSA_PEM, EC_PEM] {
        let public = key(pem).public_key().clone();
        let jwk = public.to_jwk().unwrap();
        assert_eq!(PublicKey::from_jwk(&jwk).unwrap(), public);
        for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
            let mut private = jwk.clone();
            private[member] = json!("AQAB");
            let refused = PublicKey::from_jwk(&private).unwrap_err();
            assert!(matches!(refused, JwkError::Private { member: m } if m == member));
        }
    }
    for (jwk, expected) in [
        (
            json!({}),
            "a JSON Web Key of type \"\" is not supported, only RSA and EC P-256 are",
        ),
        (
            json!({"kty": "EC", "crv": "P-384"}),
            "a JSON Web Key of type \"EC P-384\" is not supported, only RSA and EC P-256 are",
        ),
        (
            json!({"kty": "RSA", "n": "AQAB"}),
            "the JSON Web Key's member \"e\" is missing or malformed",
        ),
        (
            json!({"kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB"}),
            "the JSON Web Key's member \"x\" is missing or malformed",
        ),
    ] {
        assert_eq!(PublicKey::from_jwk(&jwk).unwrap_err().to_string(), expected);
    }
}

const SYMMETRIC: &str = r#"{"kty":"oct","k":"AQAB"}"#;
const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"AQAB","x":"AQAB"}"#;

/// A set of these keys, each with its `kid`.
fn set(members: &[(&str, &str)]) -> String {
    let keys: Vec<_> = members
        .iter()
        .map(|(kid, jwk)| jwk.replacen('{', &format!("{{\"kid\":\"{kid}\","), 1))
        .collect();
    format!("{{\n  \"keys\": [{}]\n}}\n", keys.join(", "))
}

fn public_jwk() -> String {
    key(A2_PEM).public_key().to_jwk().unwrap().to_string()
}

fn read(text: &str) -> Bundle {
    Bundle::read(text.as_bytes(), &mut |_| None).unwrap()
}

#[test]
fn the_only_private_key_of_a_set_is_read() {
    let rsa = key(RSA_PEM).expose_jwk();
    let one = set(&[
        ("public", &public_jwk()),
        ("rsa", &rsa),
        ("hmac", SYMMETRIC),
    ]);
    let identity = read(&one).into_identity(None).unwrap();
    assert_eq!(identity.alias(), Some("rsa"));
    assert_eq!(*identity.key().expose_pkcs8_pem(), RSA_PEM);
    let key = PrivateKey::read(one.as_bytes()).unwrap();
    assert_eq!(*key.expose_pkcs8_pem(), RSA_PEM);
    // A key that is not in a set may have a name too.
    let alone = rsa.replacen('{', "{\"kid\":\"rsa\",", 1);
    assert_eq!(read(&alone).aliases().collect::<Vec<_>>(), ["rsa"]);
}

#[test]
fn a_key_of_a_set_is_chosen_by_its_kid() {
    let (rsa, ec) = (key(RSA_PEM).expose_jwk(), key(EC_PEM).expose_jwk());
    let three = set(&[("r", &rsa), ("e", &ec), ("o", ED25519)]);
    assert_eq!(read(&three).key_count(), 3);
    for (kid, pem) in [("r", RSA_PEM), ("e", EC_PEM)] {
        let identity = read(&three).into_identity(Some(kid)).unwrap();
        assert_eq!(*identity.key().expose_pkcs8_pem(), pem);
    }
    let refused = |kid| chain(&read(&three).into_identity(kid).unwrap_err());
    expect!["the private key input holds 3 private keys: r, e, o"].assert_eq(&refused(None));
    expect![[r#"the private key input has no key named "x", it has: r, e, o"#]]
        .assert_eq(&refused(Some("x")));
    expect!["private keys of type Ed25519 are not supported, only RSA and EC P-256 are"]
        .assert_eq(&refused(Some("o")));
}

#[test]
fn errors_of_sets_are_named() {
    check(
        &set(&[("public", &public_jwk())]),
        &expect!["the JSON Web Key Set holds no private key"],
    );
    check(
        r#"{"keys":[]}"#,
        &expect!["the JSON Web Key Set holds no private key"],
    );
    check(
        r#"{"keys":{}}"#,
        &expect![[r#"
        the JSON Web Key Set is damaged
          its JSON has a wrong structure at line 1, column 8"#]],
    );
    check(
        r#"{"keys":[{"kid":"a"}]}"#,
        &expect![[r#"
        the JSON Web Key Set is damaged
          its JSON has a wrong structure at line 1, column 20"#]],
    );
    check(
        r#"{"keys":[{"kid":"a","kty":"EC","crv":"P-256","d":"*","x":"","y":""}]}"#,
        &expect![[r#"
            the JSON Web Key is damaged
              its member "d" is not base64url"#]],
    );
}

fn check(input: &str, expected: &Expect) {
    expected.assert_eq(&chain(&PrivateKey::read(input.as_bytes()).unwrap_err()));
}

#[test]
fn errors_of_keys_are_named() {
    let good = key(EC_PEM).expose_jwk();
    check(
        r#"{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB"}"#,
        &expect![[r#"
            the RSA JSON Web Key has no primes, and they cannot be computed from its n, e and d"#]],
    );
    check(
        r#"{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB","q":"AQAB"}"#,
        &expect![[r#"
            the JSON Web Key is damaged
              it has no member "p""#]],
    );
    check(
        r#"{"kty":"EC","crv":"P-384","d":"AQAB"}"#,
        &expect!["private keys of type P-384 are not supported, only RSA and EC P-256 are"],
    );
    check(
        r#"{"kty":"oct","k":"AQAB","d":"AQAB"}"#,
        &expect!["private keys of type oct are not supported, only RSA and EC P-256 are"],
    );
    check(
        &good.replace("\"d\":\"", "\"d\":\"*"),
        &expect![[r#"
        the JSON Web Key is damaged
          its member "d" is not base64url"#]],
    );
    check(
        &good.replace("\"d\":\"", "\"d\":\"AA"),
        &expect![[r#"
        the JSON Web Key is damaged
          its member "d" is not base64url"#]],
    );
    check(
        &good.replace('{', "{\"kty\":\"EC\","),
        &expect![[r#"
            the JSON Web Key is damaged
              its JSON has a wrong structure at line 1, column 31"#]],
    );
}

/// A JSON Web Key with only `n`, `e` and `d`, which RFC 7518, section 6.3.2, allows.
#[cfg(feature = "rustcrypto")]
mod without_primes {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use eca_attest::KeyError;
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn bare(pem: &str) -> Value {
        let mut jwk: Value = serde_json::from_str(&key(pem).expose_jwk()).unwrap();
        for member in ["p", "q", "dp", "dq", "qi"] {
            jwk.as_object_mut().unwrap().remove(member).unwrap();
        }
        jwk
    }

    fn read(jwk: &Value) -> Result<PrivateKey, KeyError> {
        PrivateKey::read(jwk.to_string().as_bytes())
    }

    #[test]
    fn the_primes_are_computed() {
        for pem in [RSA_PEM, A2_PEM] {
            let read = read(&bare(pem)).unwrap();
            assert_eq!(read.public_key(), key(pem).public_key());
            for provider in eca_attest::Provider::available() {
                let sign = |key: &PrivateKey| provider.signer(key).unwrap().sign(b"m").unwrap();
                assert_eq!(sign(&read), sign(&key(pem)), "{provider}");
            }
        }
    }

    /// Some tools write numbers with a leading zero, as in DER.
    #[test]
    fn leading_zeros_are_ignored() {
        let mut jwk = bare(RSA_PEM);
        for member in ["n", "d"] {
            let number = BASE64_URL_SAFE_NO_PAD.decode(jwk[member].as_str().unwrap());
            let number = [&[0], number.unwrap().as_slice()].concat();
            jwk[member] = json!(BASE64_URL_SAFE_NO_PAD.encode(number));
        }
        let read = read(&jwk).unwrap();
        assert_eq!(read.public_key(), key(RSA_PEM).public_key());
    }

    #[test]
    fn openssl_confirms_the_computed_key() {
        let Some(oracle) = Oracle::with(&["openssl"]) else {
            return;
        };
        oracle.write("key.pem", read(&bare(RSA_PEM)).unwrap().expose_pkcs8_pem());
        let output = oracle.run("openssl pkey -in key.pem -check -noout");
        assert!(output.contains("is valid"), "{output}");
    }

    #[test]
    fn inconsistent_numbers_are_refused() {
        let check = |member: &str, value: &[u8]| {
            let mut jwk = bare(RSA_PEM);
            jwk[member] = json!(BASE64_URL_SAFE_NO_PAD.encode(value));
            let refused = read(&jwk).unwrap_err();
            assert!(
                matches!(refused, KeyError::NoPrimes),
                "{member}: {refused:?}"
            );
            assert!(refused.hint().unwrap().contains("p, q, dp, dq and qi"));
        };
        for member in ["n", "e", "d"] {
            check(member, b"");
            check(member, &[0]);
            check(member, &[0; 256]);
            check(member, &[1]);
            check(member, &[3]);
            check(member, &[0xff; 256]);
            check(member, &vec![0xff; 100_000]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn any_private_exponent(d in prop::collection::vec(any::<u8>(), 1..300)) {
            let mut jwk = bare(RSA_PEM);
            jwk["d"] = json!(BASE64_URL_SAFE_NO_PAD.encode(&d));
            prop_assert!(read(&jwk).is_err());
        }

        #[test]
        fn any_modulus(n in prop::collection::vec(any::<u8>(), 255..300)) {
            let mut jwk = bare(RSA_PEM);
            jwk["n"] = json!(BASE64_URL_SAFE_NO_PAD.encode(&n));
            prop_assert!(read(&jwk).is_err());
        }
    }
}
