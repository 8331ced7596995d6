//! The ways to break a rule beyond the one that its pair shows.

use eca_lint::lint;
use expect_test::{Expect, expect};

use crate::fixture;

fn check(files: &str, expected: &Expect) {
    let (project, _) = fixture::project(files);
    let report = lint(&project, &fixture::options());
    let lines = report
        .findings()
        .iter()
        .fold(String::new(), |text, finding| {
            text + &format!("{finding:#}\n")
        });
    expected.assert_eq(&lines);
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

#[test]
fn members_of_the_past() {
    let files = "-- extlClntAppOauthSettings/Shop.ecaOauth
<ExtlClntAppOauthSettings>
    <externalClientApplication>Shop</externalClientApplication>
    <isConsumerSecretOptional>true</isConsumerSecretOptional>
    <singleLogoutUrl>https://shop.example/logout</singleLogoutUrl>
</ExtlClntAppOauthSettings>
-- externalClientApps/Shop.eca
<ExternalClientApplication>
</ExternalClientApplication>";
    check(
        files,
        &expect![[r#"
        extlClntAppOauthSettings/Shop.ecaOauth:3:5: warning ECA1005 api-version: isConsumerSecretOptional existed until API version 57.0 only
    "#]],
    );
    let versioned = format!("-- sfdx-project.json\n{{ \"sourceApiVersion\": \"66.0\" }}\n{files}");
    check(
        &versioned,
        &expect![[r#"
        extlClntAppOauthSettings/Shop.ecaOauth:3:5: warning ECA1005 api-version: isConsumerSecretOptional existed until API version 57.0, but the project uses 66.0
    "#]],
    );
}
