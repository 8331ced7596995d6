//! Secrets do not get into output: the secret types and their owners are formatted.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use eca_attest::{
    AsyncMinter, Bundle, ClientAttestation, Identity, Minter, Password, PrivateKey, SignedJwt,
    UnsignedJwt,
};

use crate::support::{
    CONSUMER_KEY, EC_PEM, FixedIds, P12, PASSWORD, RSA_PEM, SITE, bundle, key, now, signers,
};

/// Does not compile if a type implements a trait: then there are two candidates for `_`.
macro_rules! never {
    ($type:ty: $($bound:path),+) => {$({
        trait Ambiguous<A> {
            fn candidate() {}
        }
        struct Implemented;
        impl<T: ?Sized> Ambiguous<()> for T {}
        impl<T: ?Sized + $bound> Ambiguous<Implemented> for T {}
        <$type as Ambiguous<_>>::candidate();
    })+};
}

#[test]
fn secrets_cannot_be_copied_compared_or_serialized() {
    never!(PrivateKey: Clone, PartialEq, serde::Serialize, std::fmt::Display, AsRef<[u8]>);
    never!(Password: Clone, PartialEq, serde::Serialize, std::fmt::Display, AsRef<str>);
    never!(SignedJwt: Clone, PartialEq, serde::Serialize, std::fmt::Display, AsRef<str>);
    never!(Identity: Clone, PartialEq, serde::Serialize, std::fmt::Display);
    never!(Bundle: Clone, PartialEq, serde::Serialize, std::fmt::Display);
    never!(Minter: Clone, serde::Serialize, std::fmt::Display);
    never!(AsyncMinter: Clone, serde::Serialize, std::fmt::Display);
}

/// A type of a program, with secrets in it.
#[derive(Debug)]
struct Owner {
    #[expect(dead_code, reason = "only formatted")]
    key: Option<PrivateKey>,
    #[expect(dead_code, reason = "only formatted")]
    token: Result<SignedJwt, String>,
    #[expect(dead_code, reason = "only formatted")]
    unsigned: UnsignedJwt,
}

#[test]
fn formatting_shows_no_key_and_no_token() {
    for pem in [RSA_PEM, EC_PEM] {
        let (_, signer) = signers(RSA_PEM).remove(0);
        let attestation =
            ClientAttestation::new(CONSUMER_KEY.parse().unwrap(), SITE.parse().unwrap());
        let token = attestation.sign(&*signer, now(), &FixedIds(1)).unwrap();
        let private = key(pem);

        let mut secrets = vec![token.expose_jwt().rsplit('.').next().unwrap().to_owned()];
        // Eight bytes of the key are a leak, in each of the usual forms.
        let public = private.public_key().spki_der().to_vec();
        for window in private.expose_pkcs8_der()[26..].windows(8) {
            if public.windows(8).any(|part| part == window) {
                continue;
            }
            secrets.push(BASE64_STANDARD.encode(&window[..6]));
            secrets.push(BASE64_URL_SAFE_NO_PAD.encode(&window[..6]));
            secrets.push(format!("{window:02x?}").replace(['[', ']', ',', ' '], ""));
            secrets.push(format!("{window:?}").trim_matches(['[', ']']).to_owned());
        }

        let owner = Owner {
            key: Some(private),
            token: Ok(token),
            unsigned: attestation.prepare(now(), &FixedIds(1)).unwrap(),
        };
        for text in [
            format!("{owner:?}"),
            format!("{owner:#?}"),
            format!("{owner:02x?}"),
        ] {
            assert!(text.contains("PrivateKey([secret])"), "{text}");
            assert!(text.contains("SignedJwt([secret])"), "{text}");
            for secret in &secrets {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
    }
}

#[test]
fn formatting_shows_no_password_and_no_key_store() {
    let password = Password::new("open sesame");
    let read = |text| bundle(P12, text);
    let identity = read(PASSWORD).unwrap().into_identity(None).unwrap();
    let (_, signer) = signers(RSA_PEM).remove(0);
    let attestation = ClientAttestation::new(CONSUMER_KEY.parse().unwrap(), SITE.parse().unwrap());
    let minter = Minter::new(attestation, signer, now, FixedIds(1));
    let token = minter.mint().unwrap();
    let signature = token.expose_jwt().rsplit('.').next().unwrap().to_owned();
    let wrong = read("open sesame").unwrap_err();
    let key = part_of_key(&identity);
    for text in [
        format!("{password:?} {password:#?}"),
        format!("{:?}", read(PASSWORD).unwrap()),
        format!("{identity:?} {identity:#?}"),
        format!("{minter:?}"),
        format!("{wrong:?} {}", crate::support::chain(&wrong)),
    ] {
        assert!(!text.contains("sesame"), "{text}");
        assert!(!text.contains(&signature) && !text.contains(&key), "{text}");
    }
}

/// A part of a private key, as `Debug` formats bytes.
fn part_of_key(identity: &Identity) -> String {
    let part = &identity.key().expose_pkcs8_der()[600..608];
    format!("{part:?}").trim_matches(['[', ']']).to_owned()
}

#[test]
fn errors_quote_no_part_of_a_key() {
    // Each line of the file is damaged in turn. No message quotes any line.
    let lines: Vec<&str> = RSA_PEM.lines().collect();
    for damaged in 1..lines.len() - 1 {
        let mut file = lines.clone();
        let line = format!("!{}", file[damaged]);
        file[damaged] = &line;
        let error = PrivateKey::read(file.join("\n").as_bytes()).unwrap_err();
        let shown = format!("{} {error:?}", crate::support::chain(&error));
        for line in &lines[1..lines.len() - 1] {
            assert!(!shown.contains(line), "{shown}");
        }
    }
}
