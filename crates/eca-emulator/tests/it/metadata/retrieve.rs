//! Retrieves.

use std::fmt::Write as _;

use expect_test::expect_file;

use crate::fixture::{APP_CERTIFICATE, Client, body, builder, storefront};

const EVERYTHING: &str = "<types><members>*</members><name>ExternalClientApplication</name></types><types><name>ExtlClntAppOauthSettings</name><members>*</members></types><types><members>*</members><name>ExtlClntAppGlobalOauthSettings</name></types><types><members>*</members><name>ExtlClntAppOauthConfigurablePolicies</name></types><types><members>*</members><name>ExtlClntAppConfigurablePolicies</name></types><types><members>Shoppers</members><name>PermissionSet</name></types><types><members>*</members><name>ExternalCredential</name></types><types><members>*</members><name>ExternalAuthIdentityProvider</name></types><types><members>*</members><name>NamedCredential</name></types>";

/// The canonical form: order, escapes, always-present and generated members, no secrets.
#[tokio::test(flavor = "multi_thread")]
async fn files_are_written_in_the_canonical_form() {
    let org = storefront(builder()).await;
    for version in ["66.0", "59.0"] {
        let mut text = String::new();
        for (path, file) in Client(&org).retrieve(version, EVERYTHING) {
            let _ = write!(text, "==> {path}\n{file}");
        }
        let secret = org.consumer_secret("Storefront").unwrap();
        assert!(!text.contains(secret.expose_secret()));
        let text = text.replace(&body(APP_CERTIFICATE), "CERTIFICATE");
        expect_file![format!("../../data/retrieved-{version}.txt")].assert_eq(&text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retrieved_package_deploys_again() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let before = org.components();
    let files = client.retrieve("66.0", EVERYTHING);
    let result = client.deploy_with(
        &crate::fixture::zip(&files),
        r#"{"singlePackage":true,"rollbackOnError":true}"#,
    );
    assert_eq!(
        result["status"],
        "Succeeded",
        "{}",
        crate::fixture::failures(&result)
    );
    for (old, new) in before.iter().zip(org.components()) {
        assert_eq!(
            (&old.name, &old.record_id, &old.file),
            (&new.name, &new.record_id, &new.file)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_component_is_a_message_and_the_zip_is_returned_once() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let started = client.soap("<retrieve><request><apiVersion>66.0</apiVersion><unpackaged><types><members>*</members><name>ExternalClientApplication</name></types><types><members>Nope</members><name>NamedCredential</name></types><types><members>*</members><name>ApexKlass</name></types><version>66.0</version></unpackaged></request></retrieve>");
    let id = started.element("id").unwrap();
    assert!(id.starts_with("09S") && id.len() == 18);
    let look = |extra: &str| {
        client.soap(&format!("<checkRetrieveStatus><asyncProcessId>{id}</asyncProcessId>{extra}</checkRetrieveStatus>"))
    };
    let without = look("<includeZip>false</includeZip>");
    assert_eq!(without.element("done"), Some("true"));
    assert!(without.body.contains(r#"<zipFile xsi:nil="true"/>"#));
    let with = look("");
    assert_eq!(with.element("status"), Some("Succeeded"));
    assert_eq!(with.element("success"), Some("true"));
    assert_eq!(
        with.element("messages"),
        Some(
            "<fileName>unpackaged/package.xml</fileName><problem>Entity of type 'NamedCredential' named 'Nope' cannot be found</problem>"
        )
    );
    assert!(with.body.contains("Entity type 'ApexKlass' is unknown"));
    assert!(with.element("zipFile").is_some());
    assert!(
        with.body
            .contains("<fileName>unpackaged/externalClientApps/Storefront.eca</fileName>")
    );
    assert!(look("").body.contains(r#"<zipFile xsi:nil="true"/>"#));
}
