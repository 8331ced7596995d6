//! The rules about certificates and private keys, on each element that holds one.

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use eca_lint::{Options, PreviousState, certificates, lint};
use eca_model::CertificateUse;
use expect_test::{Expect, expect};

use crate::fixture;

/// The findings of the rules about certificates and private keys.
fn check(files: &str, options: &Options, expected: &Expect) {
    let (project, _) = fixture::project(files);
    let report = lint(&project, options);
    let lines = report
        .findings()
        .iter()
        .filter(|finding| {
            let id = finding.rule.id().number();
            (1300..1400).contains(&id) || id == 1402
        })
        .fold(String::new(), |text, finding| {
            text + &format!("{finding:#}\n")
        });
    expected.assert_eq(&lines);
}

const APP: &str = "-- externalClientApps/Shop.eca
<ExternalClientApplication>
    <label>Shop</label>
</ExternalClientApplication>
";

fn saml(members: &str) -> String {
    format!(
        "{APP}-- extlClntAppSamlConfigurablePolicies/Shop.ecaSamlPlcy
<ExtlClntAppSamlConfigurablePolicies>
    <acsUrl>https://sp.example/acs</acsUrl>
{members}
    <entityUrl>https://sp.example</entityUrl>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppSamlConfigurablePolicies>
"
    )
}

fn org(name: &str, key_size: u32, content: &str) -> String {
    format!(
        "-- certs/{name}.crt-meta.xml
<Certificate>
    <caSigned>false</caSigned>
    <keySize>{key_size}</keySize>
    <masterLabel>{name}</masterLabel>
</Certificate>
-- certs/{name}.crt
{content}
"
    )
}

fn pem(name: &str) -> String {
    format!("-----BEGIN CERTIFICATE-----\n@cert:{name}@\n-----END CERTIFICATE-----")
}

#[test]
fn certificates_of_the_org() {
    check(
        &[
            org("Chain", 2048, &[pem("rsa-2048"), pem("expired")].join("\n")),
            org("Copy", 2048, &pem("rsa-2048")),
            org("Other_size", 4096, &pem("expires-soon")),
            org("Text", 2048, "MIIC"),
            org("Short", 2048, &pem("rsa-1024")),
        ]
        .concat(),
        &fixture::options(),
        &expect![[r#"
            certs/Chain.crt:1:1: warning ECA1303 cert-expiry: "CN=test": the certificate expired at 2026-11-21T19:04:09Z
            certs/Copy.crt:1:1: warning ECA1305 cert-shared: Copy has the same certificate as Chain
              help: the other one is in certs/Chain.crt; generate a key for each
            certs/Other_size.crt:1:1: info ECA1303 cert-expiry: "CN=test": the certificate expires at 2027-01-09T19:04:09Z
            certs/Other_size.crt-meta.xml:3:5: error ECA1307 cert-pair: keySize is 4096, but the key of certs/Other_size.crt has 2048 bits
              help: retrieve the certificate again; both files come together
            certs/Short.crt:1:1: warning ECA1302 cert-form: "CN=test": the certificate's RSA key has 1024 bits, at least 2048 are needed
            certs/Short.crt-meta.xml:3:5: error ECA1307 cert-pair: keySize is 2048, but the key of certs/Short.crt has 1024 bits
              help: retrieve the certificate again; both files come together
            certs/Text.crt:1:1: error ECA1302 cert-form: the certificate is damaged
              help: export the certificate again, as PEM or DER, and check it: openssl x509 -in FILE -noout -subject
        "#]],
    );
}

/// The private key of a throw-away pair, in the file that should hold the certificate.
#[test]
fn a_key_in_the_place_of_the_orgs_certificate() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../eca-attest/tests/data");
    let key = std::fs::read_to_string(data.join("test-only-p256.pem")).unwrap();
    check(
        &org("Shop", 2048, &[pem("rsa-2048"), key].join("\n")),
        &fixture::options(),
        &expect![[r#"
            certs/Shop.crt:4:1: error ECA1402 private-key-in-source: a private key is in the file: PKCS#8 private key
              help: remove it, generate a new key, and register its certificate
        "#]],
    );
}

#[test]
fn a_key_in_place_of_its_certificate() {
    let key = eca_attest::Provider::default()
        .generate(eca_attest::KeyKind::P256)
        .unwrap();
    let pem = key.expose_pkcs8_pem();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let file = |certificate: &str| {
        format!(
            "-- externalClientApps/Shop.eca
<ExternalClientApplication>
</ExternalClientApplication>
-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <clientAssertionCertificate>{certificate}</clientAssertionCertificate>
    <externalClientApplication>Shop</externalClientApplication>
</ExtlClntAppOauthSettings>"
        )
    };
    for certificate in [&body, &*pem] {
        let (project, _) = fixture::project(&file(certificate));
        let report = lint(&project, &fixture::options());
        let rules: Vec<_> = report
            .findings()
            .iter()
            .map(|finding| finding.rule.name())
            .collect();
        assert!(rules.contains(&"private-key-in-source"), "{rules:?}");
        assert!(rules.contains(&"cert-form"), "{rules:?}");
        assert!(!format!("{report:?}").contains(&body[60..120]));
    }
}

fn push(password: &str) -> String {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../eca-attest/tests/data");
    let archive = BASE64_STANDARD.encode(std::fs::read(data.join("test-only.p12")).unwrap());
    format!(
        "{APP}-- extlClntAppPushSettings/Shop.ecaPush
<ExtlClntAppPushSettings>
    <applePushConfig>
        <applicationBundle>com.acme.shop</applicationBundle>
        <certificate>{archive}</certificate>
        <environment>Production</environment>
        <password>{password}</password>
    </applePushConfig>
    <externalClientApplication>Shop</externalClientApplication>
    <pushServiceType>Apple</pushServiceType>
</ExtlClntAppPushSettings>
"
    )
}

#[test]
fn certificates_of_push_notifications() {
    let mut years_later = fixture::options();
    years_later.now += std::time::Duration::from_hours(24 * 365 * 200);
    check(&push("test-only"), &fixture::options(), &expect![[""]]);
    check(
        &push("test-only"),
        &years_later,
        &expect![[r#"
        extlClntAppPushSettings/Shop.ecaPush:4:9: warning ECA1303 cert-expiry: the certificate expired at 2126-10-27T19:04:56Z
    "#]],
    );
    // Not opened, since the password comes at deploy time.
    check(&push("${PUSH_PASSWORD}"), &years_later, &expect![[""]]);
    check(
        &push("another"),
        &years_later,
        &expect![[r#"
        extlClntAppPushSettings/Shop.ecaPush:4:9: error ECA1302 cert-form: applePushConfig.certificate: the password does not open the PKCS#12 key store
          help: check the password: openssl pkcs12 -in FILE -noout (add -legacy if OpenSSL 3 refuses an old file)
    "#]],
    );
}

#[test]
fn neither_archive_nor_password_is_shown() {
    let files = push("hunter2hunter2");
    let (project, _) = fixture::project(&files);
    let shown = format!("{:?}", certificates(&project));
    assert!(shown.contains("WrongPassword"), "{shown}");
    assert!(
        !shown.contains("hunter2") && !shown.contains("MII"),
        "{shown}"
    );
}

#[test]
fn certificates_are_listed() {
    let files = [
        saml("    <certificate>${SP_CERTIFICATE}</certificate>"),
        org("Shop", 2048, &pem("rsa-2048")),
    ]
    .concat();
    let (project, _) = fixture::project(&files);
    let entries: Vec<_> = certificates(&project)
        .into_iter()
        .map(|entry| {
            (
                entry.path.to_owned(),
                entry.purpose,
                entry.certificate.is_ok(),
            )
        })
        .collect();
    assert_eq!(
        entries,
        [
            ("certs/Shop.crt".to_owned(), CertificateUse::Org, true),
            (
                "extlClntAppSamlConfigurablePolicies/Shop.ecaSamlPlcy".to_owned(),
                CertificateUse::SamlRequests,
                false
            ),
        ]
    );
}

/// OAuth settings of an app, with this member.
fn oauth(app: &str, member: &str) -> String {
    format!(
        "-- extlClntAppOauthSettings/{app}.ecaOauth
<ExtlClntAppOauthSettings>
{member}
    <externalClientApplication>{app}</externalClientApplication>
</ExtlClntAppOauthSettings>
"
    )
}

/// OAuth settings and SAML policies that have lost certificates, changed them, or use placeholders.
fn after_losses() -> String {
    let member = "clientAssertionCertificate";
    let with = |value: &str| format!("    <{member}>{value}</{member}>");
    [
        oauth("Emptied", &format!("    <{member}/>")),
        oauth("Later", &with("${CERTIFICATE}")),
        oauth("Missing", ""),
        oauth("New", ""),
        oauth("Other", &with("@cert:expires-soon@")),
        saml(""),
    ]
    .concat()
}

#[test]
fn lost_certificates_are_found_with_an_earlier_state() {
    let with = "    <clientAssertionCertificate>@cert:rsa-2048@</clientAssertionCertificate>";
    let names = ["Emptied", "Gone", "Later", "Missing", "Other"];
    let before: String = names.iter().map(|name| oauth(name, with)).collect();
    let (before, _) =
        fixture::project(&(before + &saml("    <certificate>@cert:p-256@</certificate>")));
    let mut options = fixture::options();
    options.previous = Some(PreviousState::new(&before, "origin/main"));
    check(
        &after_losses(),
        &options,
        &expect![[r#"
        extlClntAppOauthSettings/Emptied.ecaOauth:2:5: error ECA1308 cert-lost: clientAssertionCertificate is missing, but origin/main has it: a deploy removes the certificate from the org
          help: restore the certificate, or a placeholder that the deploy fills in
        extlClntAppOauthSettings/Missing.ecaOauth:1:1: error ECA1308 cert-lost: clientAssertionCertificate is missing, but origin/main has it: a deploy removes the certificate from the org
          help: restore the certificate, or a placeholder that the deploy fills in
        extlClntAppOauthSettings/Other.ecaOauth:2:5: info ECA1303 cert-expiry: the certificate expires at 2027-01-09T19:04:09Z
        extlClntAppSamlConfigurablePolicies/Shop.ecaSamlPlcy:1:1: error ECA1308 cert-lost: certificate is missing, but origin/main has it: a deploy removes the certificate from the org
          help: restore the certificate, or a placeholder that the deploy fills in
    "#]],
    );
}

#[test]
fn only_emptied_certificates_are_found_without_an_earlier_state() {
    check(
        &after_losses(),
        &fixture::options(),
        &expect![[r#"
        extlClntAppOauthSettings/Emptied.ecaOauth:2:5: warning ECA1306 cert-dropped: clientAssertionCertificate is empty, so a deploy removes the org's certificate
          help: restore the certificate, or a placeholder that the deploy fills in
        extlClntAppOauthSettings/Other.ecaOauth:2:5: info ECA1303 cert-expiry: the certificate expires at 2027-01-09T19:04:09Z
    "#]],
    );
}
