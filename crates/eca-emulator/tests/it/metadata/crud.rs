//! The calls that change components without a package.

use expect_test::expect;

use crate::fixture::{APP, Client, builder, storefront};

const XSI: &str = r#"xsi:type="ExternalClientApplication""#;

#[tokio::test(flavor = "multi_thread")]
async fn a_read_returns_the_deployed_members() {
    let org = storefront(builder()).await;
    let answer = Client(&org).soap(
        "<readMetadata><type>ExtlClntAppGlobalOauthSettings</type><fullNames>Storefront_glbloauth</fullNames><fullNames>Nope</fullNames></readMetadata>",
    );
    assert!(answer.body.contains(
        r#"<records xsi:type="ExtlClntAppGlobalOauthSettings"><fullName>Storefront_glbloauth</fullName>"#
    ));
    assert!(answer.body.contains(r#"<records xsi:nil="true"/>"#));
    assert!(answer.body.contains("<consumerKey>3MVG9"));
    // This API never returns secrets.
    assert!(!answer.body.contains("consumerSecret>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn components_are_created_changed_and_deleted() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let app = |name: &str, more: &str| {
        format!(
            "<metadata {XSI}><fullName>{name}</fullName><contactEmail>a@example.com</contactEmail><distributionState>Local</distributionState>{more}</metadata>"
        )
    };
    for (operation, expected) in [
        (
            format!("<createMetadata>{}</createMetadata>", app("New", "<label>New</label>")),
            expect!["<fullName>New</fullName><success>true</success>"],
        ),
        (
            format!("<createMetadata>{}</createMetadata>", app("New", "<label>New</label>")),
            expect!["<errors><message>This ExternalClientApplication API Name already exists</message><statusCode>DUPLICATE_DEVELOPER_NAME</statusCode></errors><fullName>New</fullName><success>false</success>"],
        ),
        (
            format!("<createMetadata>{}</createMetadata>", app("Other", "<nonsense/>")),
            expect!["<errors><message>Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}nonsense invalid at this location in type ExternalClientApplication</message><statusCode>FIELD_INTEGRITY_EXCEPTION</statusCode></errors><fullName>Other</fullName><success>false</success>"],
        ),
        (
            format!("<updateMetadata>{}</updateMetadata>", app("Nobody", "<label>New</label>")),
            expect!["<errors><message>In field: fullName - no ExternalClientApplication named Nobody found</message><statusCode>INVALID_CROSS_REFERENCE_KEY</statusCode></errors><fullName>Nobody</fullName><success>false</success>"],
        ),
        (
            format!("<upsertMetadata>{}</upsertMetadata>", app("New", "<label>Newer</label>")),
            expect!["<created>false</created><fullName>New</fullName><success>true</success>"],
        ),
        (
            "<renameMetadata><type>ExternalClientApplication</type><oldFullName>New</oldFullName><newFullName>Newest</newFullName></renameMetadata>".to_owned(),
            expect!["<fullName>Newest</fullName><success>true</success>"],
        ),
        (
            "<deleteMetadata><type>ExternalClientApplication</type><fullNames>Newest</fullNames><fullNames>New</fullNames></deleteMetadata>".to_owned(),
            expect![[r#"
                <fullName>Newest</fullName><success>true</success>
                <errors><message>In field: fullName - no ExternalClientApplication named New found</message><statusCode>INVALID_CROSS_REFERENCE_KEY</statusCode></errors><fullName>New</fullName><success>false</success>"#]],
        ),
    ] {
        let answer = client.soap(&operation);
        let results: Vec<_> = answer
            .body
            .split("<result>")
            .skip(1)
            .map(|part| part.split("</result>").next().unwrap())
            .collect();
        expected.assert_eq(&results.join("\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_app_keeps_its_consumer() {
    let org = storefront(builder()).await;
    let key = org.consumer_key(APP).unwrap();
    Client(&org).soap(&format!("<renameMetadata><type>ExternalClientApplication</type><oldFullName>{APP}</oldFullName><newFullName>Shop</newFullName></renameMetadata>"));
    assert_eq!(org.consumer_key("Shop"), Some(key));
    assert_eq!(org.consumer_key(APP), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_have_a_limit() {
    let org = builder().start().await.unwrap();
    let names = "<fullNames>A</fullNames>".repeat(11);
    let answer = Client(&org).soap(&format!(
        "<readMetadata><type>PermissionSet</type>{names}</readMetadata>"
    ));
    assert_eq!(
        answer.element("faultcode"),
        Some("sf:EXCEEDED_ID_LIMIT"),
        "{}",
        answer.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn value_types_come_from_the_schema_of_the_version() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let describe = |version: &str| {
        client
            .soap_with(
                version,
                client.token(),
                "<describeValueType><type>{http://soap.sforce.com/2006/04/metadata}ExtlClntAppOauthSettings</type></describeValueType>",
            )
            .body
    };
    assert!(describe("66.0").contains("<name>isFirstPartyAppEnabled</name>"));
    assert!(!describe("59.0").contains("<name>isFirstPartyAppEnabled</name>"));
    assert!(describe("66.0").contains(
        "<foreignKeyDomain>ExternalClientApplication</foreignKeyDomain><isForeignKey>true</isForeignKey>"
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn legacy_status_knows_deploys_and_retrieves() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let started = client.soap("<retrieve><request><apiVersion>66.0</apiVersion><unpackaged><version>66.0</version></unpackaged></request></retrieve>");
    let id = started.element("id").unwrap();
    let answer = client.soap(&format!(
        "<checkStatus><asyncProcessId>{id}</asyncProcessId></checkStatus>"
    ));
    assert_eq!(answer.element("state"), Some("Completed"));
    assert_eq!(answer.element("done"), Some("true"));
}
