//! Deleting components with a deploy.

use expect_test::expect;

use crate::fixture::{APP, Client, builder, failures, storefront, zip};

fn manifest(types: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\">{types}<version>66.0</version></Package>"
    )
}

fn member(kind: &str, name: &str) -> String {
    format!("<types><members>{name}</members><name>{kind}</name></types>")
}

fn package(file: &str, types: &str) -> Vec<u8> {
    zip(&[
        ("package.xml".to_owned(), manifest("")),
        (file.to_owned(), manifest(types)),
    ])
}

const ATOMIC: &str = r#"{"singlePackage":true,"rollbackOnError":true}"#;

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_app_deletes_its_components() {
    let org = storefront(builder()).await;
    let key = org.consumer_key(APP);
    assert!(key.is_some());
    let result = Client(&org).deploy_with(
        &package(
            "destructiveChangesPost.xml",
            &member("ExternalClientApplication", APP),
        ),
        ATOMIC,
    );
    assert_eq!(result["status"], "Succeeded", "{}", failures(&result));
    assert_eq!(result["numberComponentsTotal"], 1);
    let deleted: Vec<_> = result["details"]["componentSuccesses"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["deleted"] == true)
        .collect();
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0]["fullName"], APP);
    assert_eq!(deleted[0]["fileName"], "destructiveChangesPost.xml");
    assert!(org.consumer_key(APP).is_none());
    assert!(
        org.components()
            .iter()
            .all(|component| !component.file.contains("<externalClientApplication>"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn deletions_that_are_refused() {
    let org = storefront(builder()).await;
    let count = org.components().len();
    for (file, types, expected) in [
        (
            "destructiveChanges.xml",
            member("ExternalClientApplication", "*"),
            expect![[r#"
                destructiveChanges.xml:2:65  destructiveChanges.xml: Error Wildcards are not allowed in destructive changes
            "#]],
        ),
        (
            "destructiveChanges.xml",
            member("Nonsense", "A"),
            expect![[r#"
                destructiveChanges.xml:2:85  destructiveChanges.xml: Error Unknown type name 'Nonsense' specified in package.xml
            "#]],
        ),
        (
            "destructiveChangesPre.xml",
            member("ExternalClientApplication", "Nobody"),
            expect![[r#"
                destructiveChangesPre.xml:2:65 ExternalClientApplication Nobody: Warning No ExternalClientApplication named: Nobody found
            "#]],
        ),
        (
            "destructiveChangesPost.xml",
            member("PermissionSet", "Shoppers"),
            expect![[r#"
                destructiveChangesPost.xml:2:65 PermissionSet Shoppers: Error This PermissionSet is referenced elsewhere in salesforce.com. Remove the usage and try again. : ExtlClntAppOauthConfigurablePolicies - Storefront_oauthPlcy.
            "#]],
        ),
    ] {
        let result = Client(&org).deploy_with(&package(file, &types), ATOMIC);
        assert_eq!(result["status"], "Failed");
        expected.assert_eq(&failures(&result));
        assert_eq!(org.components().len(), count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_missing_component_is_a_warning() {
    let org = storefront(builder()).await;
    let result = Client(&org).deploy_with(
        &package(
            "destructiveChanges.xml",
            &member("ExternalClientApplication", "Nobody"),
        ),
        r#"{"singlePackage":true,"rollbackOnError":true,"ignoreWarnings":true}"#,
    );
    assert_eq!(result["status"], "Succeeded");
    let text = result["details"]["componentSuccesses"].to_string();
    assert!(text.contains("No ExternalClientApplication named: Nobody found"));
}
