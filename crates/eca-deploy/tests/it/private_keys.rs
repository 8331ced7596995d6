//! No package has a private key in it.

use eca_deploy::{CertificatePair, Package, PackageBuilder};
use eca_model::text::SecretText;
use eca_model::{ComponentName, FieldPath, MetadataType, Project};

use crate::support::files;

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n";
const META: &str = "<Certificate xmlns=\"http://soap.sforce.com/2006/04/metadata\"/>";
const CERTIFICATE: &str = "force-app/main/default/certs/Shop.crt";
const PUSH: &str = "force-app/main/default/extlClntAppPushSettings/Shop_push.ecaPush-meta.xml";

fn push(members: &str) -> String {
    format!(
        "<ExtlClntAppPushSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n<applePushConfig>\n\
         <environment>Sandbox</environment>\n{members}</applePushConfig>\n\
         <externalClientApplication>Shop</externalClientApplication>\n</ExtlClntAppPushSettings>\n"
    )
}

fn check(more: &[(&str, &[u8])], build: fn(PackageBuilder<'_>) -> PackageBuilder<'_>) -> String {
    let mut files = files("Local");
    files.extend(
        more.iter()
            .map(|(path, content)| ((*path).to_owned(), content.to_vec())),
    );
    let project = Project::from_entries(files);
    match build(Package::builder(&project)).build() {
        Ok(_) => "built".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_file_with_a_private_key_is_refused_by_name() {
    let meta = format!("{CERTIFICATE}-meta.xml");
    let ecdsa = "-----BEGIN EC PRIVATE KEY-----";
    let jwk = r#"{"kty":"RSA","n":"AQ","e":"AQAB","d":"AQ"}"#;
    let store: &[u8] = &[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2];
    let der: &[u8] = &[0x30, 0x82, 4, 0xbd, 2, 1, 0, 0x30, 0x0d, 6, 9];
    let chain = format!("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n{KEY}");
    for (content, what) in [
        (KEY.as_bytes(), "PKCS#8 private key"),
        (chain.as_bytes(), "PKCS#8 private key"),
        (ecdsa.as_bytes(), "SEC1 EC private key"),
        (b"PuTTY-User-Key-File-2: ssh-rsa", "PuTTY private key"),
        (jwk.as_bytes(), "JSON Web Key with its private part"),
        (store, "Java key store (JKS)"),
        (der, "PKCS#8 private key"),
    ] {
        let refused = check(&[(CERTIFICATE, content), (&meta, META.as_bytes())], |all| {
            all
        });
        assert_eq!(
            refused,
            format!("{CERTIFICATE} has a private key in it ({what})")
        );
    }
    let refused = check(
        &[(
            PUSH,
            push(&format!("<keyIdentifier>{KEY}</keyIdentifier>\n")).as_bytes(),
        )],
        |all| all,
    );
    assert_eq!(
        refused,
        format!("{PUSH} has a private key in it (PKCS#8 private key)")
    );
    // Beside the project.
    let refused = check(&[], |all| {
        all.certificate(CertificatePair::new("Own.crt", KEY, META).unwrap())
    });
    assert_eq!(
        refused,
        "Own.crt has a private key in it (PKCS#8 private key)"
    );
}

#[test]
fn a_key_in_a_secret_is_removed_or_injected() {
    let signing_key = push(&format!("<signingKey>{KEY}</signingKey>\n"));
    assert_eq!(check(&[(PUSH, signing_key.as_bytes())], |all| all), "built");
    let built = check(&[(PUSH, signing_key.as_bytes())], |all| {
        let push = ComponentName::new(MetadataType::ExtlClntAppPushSettings, "Shop_push");
        let path: FieldPath = "applePushConfig.signingKey".parse().unwrap();
        all.secret(push, path, SecretText::from(KEY.to_owned()))
    });
    assert_eq!(built, "built");
}
