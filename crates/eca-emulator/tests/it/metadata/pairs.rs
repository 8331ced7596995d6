//! Certificates: two files that are one component.

use expect_test::{Expect, expect};

use crate::fixture::{APP_CERTIFICATE, Client, builder, failures, zip};

const CONTENT: &str = "certs/Shop.crt";
const MEMBERS: &str = "certs/Shop.crt-meta.xml";
const OPTIONS: &str = r#"{"singlePackage":true,"rollbackOnError":true}"#;

fn package(files: &[(&str, &str)]) -> Vec<u8> {
    let manifest = "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\"><types><members>Shop</members><name>Certificate</name></types><version>66.0</version></Package>";
    let manifest = ("package.xml", manifest);
    let files = [&[manifest], files].concat();
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    zip(&files)
}

fn members() -> &'static str {
    r#"<?xml version="1.0" encoding="UTF-8"?>
<Certificate xmlns="http://soap.sforce.com/2006/04/metadata">
    <caSigned>true</caSigned>
    <masterLabel>Shop</masterLabel>
</Certificate>
"#
}

#[tokio::test(flavor = "multi_thread")]
async fn both_files_are_deployed_and_retrieved() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let zip = package(&[(CONTENT, APP_CERTIFICATE), (MEMBERS, members())]);
    for changed in [true, false] {
        let result = client.deploy_with(&zip, OPTIONS);
        assert_eq!(result["status"], "Succeeded", "{result}");
        let successes = result["details"]["componentSuccesses"].as_array().unwrap();
        let own = successes
            .iter()
            .find(|record| record["fullName"] == "Shop")
            .unwrap();
        assert_eq!(own["fileName"], CONTENT);
        assert_eq!(own["changed"], changed, "{own}");
    }
    let types = "<types><members>*</members><name>Certificate</name></types>";
    let mut files = client.retrieve("66.0", types);
    files.retain(|(path, _)| !path.ends_with("package.xml"));
    files.sort();
    let texts: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    assert_eq!(
        texts,
        [
            ("certs/Shop.crt", APP_CERTIFICATE),
            ("certs/Shop.crt-meta.xml", members())
        ]
    );
}

async fn check(files: &[(&str, &str)], expected: Expect) {
    let org = builder().start().await.unwrap();
    let result = Client(&org).deploy_with(&package(files), OPTIONS);
    assert_eq!(result["status"], "Failed");
    assert!(org.components().is_empty());
    expected.assert_eq(&failures(&result));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_file_of_a_pair_is_refused() {
    check(&[(MEMBERS, members())], expect![[r#"
        certs/Shop.crt-meta.xml:-:-  Shop.crt-meta.xml: Error The file certs/Shop.crt is missing
        package.xml:1:65  Shop: Error An object 'Shop' of type Certificate was named in package.xml, but was not found in zipped directory
    "#]]).await;
    check(&[(CONTENT, APP_CERTIFICATE)], expect![[r#"
        certs/Shop.crt:-:-  Shop.crt: Error The file certs/Shop.crt-meta.xml is missing
        package.xml:1:65  Shop: Error An object 'Shop' of type Certificate was named in package.xml, but was not found in zipped directory
    "#]]).await;
    check(
        &[(CONTENT, "no certificate"), (MEMBERS, members())],
        expect![[r#"
            certs/Shop.crt:-:- Certificate Shop: Error The certificate is not valid: the certificate is neither PEM nor DER nor base64
        "#]],
    )
    .await;
}
