//! Client attestations, with each step of their encoding.

use eca_attest::{ClientAttestation, IssuedAt, Jti, MintError, OsIds, Provider, inspect};
use expect_test::expect_file;

use crate::support::{
    CONSUMER_KEY, EC_PEM, FixedIds, NoIds, RSA_PEM, SITE, at, chain, data, key, now, signers,
};

fn attestation() -> ClientAttestation {
    ClientAttestation::new(CONSUMER_KEY.parse().unwrap(), SITE.parse().unwrap())
}

/// Header, claims, signing input and token of each variant, equal for all providers.
#[test]
fn golden_tokens() {
    let variants = [
        ("plain", attestation()),
        ("fresh-jti", attestation().id(Jti::Fresh)),
        (
            "everything",
            attestation()
                .subject("äöü \"quoted\"")
                .id(Jti::Given("given-id".to_owned()))
                .lifetime(std::time::Duration::from_mins(5).try_into().unwrap()),
        ),
        ("without-iat", attestation().issued_at(IssuedAt::Absent)),
    ];
    for (name, attestation) in variants {
        for (provider, signer) in signers(RSA_PEM) {
            let signed = attestation.sign(&*signer, now(), &FixedIds(7)).unwrap();
            assert_eq!(signed.header(), ClientAttestation::HEADER);
            let jwt = signed.expose_jwt();
            assert!(jwt.starts_with("eyJhbGciOiJSUzI1NiJ9."), "{provider}");
            expect_file![data(&format!("attestation-{name}.golden"))].assert_eq(&format!(
                "header\n{}\n\nclaims\n{}\n\nsigning input\n{}\n\njwt\n{jwt}\n",
                signed.header(),
                signed.claims(),
                signed.signing_input(),
            ));
            let decoded = inspect(jwt).unwrap();
            assert_eq!(decoded.header_json(), ClientAttestation::HEADER);
            assert_eq!(decoded.unverified_claims().as_json(), signed.claims());
        }
    }
}

#[test]
fn each_fresh_jti_is_different() {
    let (_, signer) = signers(RSA_PEM).remove(0);
    let fresh = attestation().id(Jti::Fresh);
    let ids: std::collections::HashSet<String> = (0..4)
        .map(|_| fresh.sign(&*signer, now(), &OsIds).unwrap())
        .map(|signed| signed.id().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|id| id.len() == 22), "128 bits: {ids:?}");
    assert_eq!(
        attestation().sign(&*signer, now(), &NoIds).unwrap().id(),
        None
    );
}

/// The key can be outside of the process.
#[test]
fn a_prepared_token_with_a_signature_is_the_same_token() {
    let (_, signer) = signers(RSA_PEM).remove(0);
    let unsigned = attestation().prepare(now(), &NoIds).unwrap();
    let signature = signer.sign(unsigned.signing_input().as_bytes()).unwrap();
    let completed = unsigned.with_signature(&signature);
    let whole = attestation().sign(&*signer, now(), &NoIds).unwrap();
    assert_eq!(completed.expose_jwt(), whole.expose_jwt());
    assert_eq!(
        completed.expires_at().unwrap().to_string(),
        "2026-11-21T12:03:00Z"
    );
}

#[test]
fn errors_are_named() {
    let (_, rsa) = signers(RSA_PEM).remove(0);
    let ec = Provider::default().signer(&key(EC_PEM)).unwrap();
    let fail = |attestation: ClientAttestation, signer, now| {
        chain(&attestation.sign(signer, now, &NoIds).unwrap_err())
    };
    assert_eq!(
        fail(attestation(), &*ec, now()),
        "client attestation requires RS256, the signer uses ES256"
    );
    assert_eq!(
        fail(attestation().id(Jti::Fresh), &*rsa, now()),
        "the token's jti could not be made\n  the source of random identifiers failed\n  the entropy pool is empty"
    );
    assert_eq!(
        fail(attestation().id(Jti::Given(String::new())), &*rsa, now()),
        "the token's jti is empty"
    );
    assert_eq!(
        fail(attestation().subject(""), &*rsa, now()),
        "the token's sub is empty"
    );
    let clock = attestation().sign(&*rsa, at(1_795_262_400_000), &NoIds);
    assert!(matches!(clock.unwrap_err(), MintError::Clock(_)));
}
