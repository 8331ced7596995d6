//! Strict decoding of tokens.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
use eca_attest::{inspect, jwt};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::support::chain;

fn token(header: &str, claims: &str) -> String {
    jwt::compact(&jwt::signing_input(header, claims), b"signature")
}

fn check(token: &str, expected: &Expect) {
    expected.assert_eq(&chain(&inspect(token).unwrap_err()));
}

const HEADER: &str = r#"{"alg":"RS256"}"#;

#[test]
fn a_text_that_is_not_a_token_is_refused() {
    check("", &expect!["the token has 1 parts instead of three"]);
    check("a.b", &expect!["the token has 2 parts instead of three"]);
    check(
        "a.b.c.d",
        &expect!["the token has 4 parts instead of three"],
    );
    check(
        "e30.e30.*",
        &expect!["the token's signature part is not base64url without padding"],
    );
    check(
        "e30.e3 0.",
        &expect!["the token's claims part is not base64url without padding"],
    );
    check(
        &token(HEADER, &format!("{{\"a\":\"{}\"}}", "b".repeat(20_000))),
        &expect!["the token of 26712 bytes is longer than 16384"],
    );
}

#[test]
fn a_part_that_is_not_one_object_is_refused() {
    check(
        &token("[]", "{}"),
        &expect![[r#"
            the token's header part is not one JSON object without duplicate members
              the JSON value is not an object"#]],
    );
    check(
        &token(HEADER, "\"text\""),
        &expect![[r#"
            the token's claims part is not one JSON object without duplicate members
              the JSON value is not an object"#]],
    );
    check(
        &token(HEADER, "{} {}"),
        &expect![[r#"
            the token's claims part is not one JSON object without duplicate members
              trailing characters at line 1 column 4"#]],
    );
    check(
        &token(HEADER, "{\"a\":1"),
        &expect![[r#"
            the token's claims part is not one JSON object without duplicate members
              EOF while parsing an object at line 1 column 6"#]],
    );
    check(
        &token(r#"{"alg":"RS256","alg":"none"}"#, "{}"),
        &expect![[r#"
            the token's header part is not one JSON object without duplicate members
              duplicate member "alg" at line 1 column 28"#]],
    );
    check(
        &token(HEADER, r#"{"a":[{"b":1,"\u0062":2}]}"#),
        &expect![[r#"
            the token's claims part is not one JSON object without duplicate members
              duplicate member "b" at line 1 column 24"#]],
    );
    check(
        &token(HEADER, &"[".repeat(5000)),
        &expect![[r#"
            the token's claims part is not one JSON object without duplicate members
              recursion limit exceeded at line 1 column 128"#]],
    );
    let not_utf8 = BASE64_URL_SAFE_NO_PAD.encode(b"{\"a\":\"\xff\"}");
    check(
        &format!("e30.{not_utf8}."),
        &expect![[r#"
            the token's claims part is not one JSON object without duplicate members
              invalid utf-8 sequence of 1 bytes from index 6"#]],
    );
}

#[test]
fn only_one_form_of_base64_is_accepted() {
    // "?>" differs in the two alphabets; 10 bytes need padding.
    let claims = r#"{"a":"??>>"}x"#;
    let claims = &claims[..12];
    let valid = token(r#"{"alg":"x"}"#, claims);
    assert!(inspect(&valid).is_ok());
    let header = "e30";
    for invalid in [
        BASE64_STANDARD.encode(r#"{"a":"?>?>"}"#).replace('=', ""),
        BASE64_URL_SAFE.encode(r#"{"a": 1}"#),
        // Bits of the last character that must be zero are not.
        "e31".to_owned(),
        "e30\n".to_owned(),
    ] {
        let error = inspect(&format!("{header}.{invalid}.")).unwrap_err();
        assert!(
            matches!(error, jwt::JwtError::Base64 { .. }),
            "{invalid}: {error}"
        );
    }
}

#[test]
fn claims_are_read() {
    let token = token(
        r#"{"alg":"RS256","kid":"7"}"#,
        r#"{"iss":"i","sub":"s","aud":["a","b"],"exp":1795262400.75,"nbf":0,"jti":"j","x":null}"#,
    );
    let token = inspect(&token).unwrap();
    assert_eq!(token.algorithm(), Some("RS256"));
    assert_eq!(token.header_json(), r#"{"alg":"RS256","kid":"7"}"#);
    let claims = token.unverified_claims();
    assert_eq!(claims.issuer(), Ok(Some("i")));
    assert_eq!(claims.subject(), Ok(Some("s")));
    assert_eq!(claims.id(), Ok(Some("j")));
    assert_eq!(claims.audiences().unwrap(), ["a", "b"]);
    assert_eq!(
        claims.expires_at().unwrap().unwrap().seconds(),
        1_795_262_400
    );
    assert_eq!(claims.not_before().unwrap().unwrap().seconds(), 0);
    assert_eq!(claims.issued_at(), Ok(None));
    assert!(claims.has("x") && !claims.has("y"));
}

#[test]
fn claims_of_the_wrong_type_are_errors() {
    for (claims, name) in [
        (r#"{"iss":1}"#, "iss"),
        (r#"{"sub":null}"#, "sub"),
        (r#"{"jti":[]}"#, "jti"),
        (r#"{"aud":["a",1]}"#, "aud"),
        (r#"{"aud":{}}"#, "aud"),
        (r#"{"exp":"1795262400"}"#, "exp"),
        (r#"{"exp":1795262400000}"#, "exp"),
        (r#"{"exp":-1}"#, "exp"),
        (r#"{"exp":1e300}"#, "exp"),
        (r#"{"nbf":true}"#, "nbf"),
        (r#"{"iat":{}}"#, "iat"),
    ] {
        let token = inspect(&token("{}", claims)).unwrap();
        let read = token.unverified_claims();
        let errors = [
            read.issuer().err(),
            read.subject().err(),
            read.id().err(),
            read.audiences().err(),
            read.expires_at().err(),
            read.not_before().err(),
            read.issued_at().err(),
        ];
        let errors: Vec<_> = errors.iter().flatten().collect();
        assert_eq!(errors.len(), 1, "{claims}");
        assert_eq!(errors[0].claim(), name, "{claims}");
    }
}

proptest! {
    #[test]
    fn any_text_causes_no_panic(text in any::<String>()) {
        let _ = inspect(&text);
    }

    #[test]
    fn any_three_parts_cause_no_panic(
        header in any::<Vec<u8>>(),
        claims in "[\\[\\]{}\":,a-f0-9.eE+-]{0,64}",
        signature in any::<Vec<u8>>(),
    ) {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let signature = encode(&signature);
        let _ = inspect(&format!("{}.e30.{signature}", encode(&header)));
        if let Ok(token) = inspect(&format!("e30.{}.{signature}", encode(claims.as_bytes()))) {
            prop_assert_eq!(token.unverified_claims().as_json(), claims);
            let _ = token.unverified_claims().expires_at();
        }
    }

    #[test]
    fn encoded_claims_are_decoded(claim in any::<String>()) {
        let claims = serde_json::json!({ "jti": claim }).to_string();
        let decoded = inspect(&token(r#"{"alg":"RS256"}"#, &claims)).unwrap();
        prop_assert_eq!(decoded.unverified_claims().as_json(), &claims);
        prop_assert_eq!(decoded.unverified_claims().id().unwrap(), Some(claim.as_str()));
    }
}
