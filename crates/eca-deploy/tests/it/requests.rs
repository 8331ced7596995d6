//! Golden files of each operation's requests. `cargo xtask interop wsdl` validates those over SOAP
//! against Salesforce's WSDL.

use eca_deploy::{
    CallOptions, Client, ConnectError, Debugging, DeployOptions, Deployment, Error, ListQuery,
    LogCategory, LogCategoryLevel, LogType, MetadataRecord, PerfOption, RequestError,
    RetrieveError, RetrieveOptions, TestLevel, create_metadata, delete_metadata, describe_metadata,
    describe_value_type, list_metadata, read_metadata, rename_metadata, retrieve, update_metadata,
    upsert_metadata,
};
use eca_model::{ComponentName, Document, Manifest, MetadataType};
use eca_oauth::AccessToken;
use expect_test::{ExpectFile, expect, expect_file};

use crate::support::{
    DEPLOY, RETRIEVE, ScriptedOrg, bytes, endpoint, package, project, show, soap, token,
};

const OAUTH: &str = "ExtlClntAppOauthSettings";

/// Compares the last request of a call with a golden file. The script ends there, so the call
/// itself fails.
async fn check<T>(org: ScriptedOrg, call: impl AsyncFnOnce(&Client) -> T, golden: ExpectFile) {
    call(&org.client).await;
    let requests = org.transport.requests();
    golden.assert_eq(&show(requests.last().unwrap(), &bytes(&package())));
}

fn deployment(client: &Client) -> Deployment {
    Deployment::attach(client, DEPLOY.parse().unwrap())
}

fn with_tests() -> DeployOptions {
    let mut options = DeployOptions::check_only();
    options.run_tests = vec!["A_Test".to_owned(), "B & C".to_owned()];
    options.test_level = Some(TestLevel::RunSpecifiedTests);
    options
}

fn with_debugging() -> DeployOptions {
    let mut debugging = Debugging::new(LogType::DebugOnly);
    debugging.categories = vec![
        (LogCategory::ApexCode, LogCategoryLevel::Debug),
        (LogCategory::Db, LogCategoryLevel::None),
    ];
    let mut options = DeployOptions::default();
    options.debugging = Some(debugging);
    options.test_level = Some(TestLevel::NoTestRun);
    options
}

fn manifest() -> Manifest {
    let mut manifest = Manifest::new(eca_model::ApiVersion::new(66));
    manifest.insert(&ComponentName::new(OAUTH, "Shop_oauth"));
    manifest.insert(&ComponentName::new("ExternalClientApplication", "Shop"));
    manifest.insert(&ComponentName::new(
        "ExternalClientApplication",
        "Back <office>",
    ));
    manifest
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn records() -> [MetadataRecord; 2] {
    let project = project();
    let mut components = project.components().iter();
    let oauth = components
        .find(|component| component.kind() == MetadataType::ExtlClntAppOauthSettings)
        .unwrap();
    let nested = Document::parse(
        "<x><trustedIpRanges><startIpAddress>10.0.0.1</startIpAddress><endIpAddress>10.0.0.9</endIpAddress>\
         </trustedIpRanges><label>a &lt; b</label><externalClientApplication>Shop</externalClientApplication></x>",
    )
    .unwrap();
    [
        MetadataRecord::from_component(oauth),
        MetadataRecord::from_document(OAUTH, "B & C", &nested),
    ]
}

#[tokio::test]
async fn deploys_over_rest() {
    let (package, id) = (package(), DEPLOY.parse().unwrap());
    check(
        ScriptedOrg::new(),
        async |client| client.deploy(&package).start().await,
        expect_file!["golden/rest_start.txt"],
    )
    .await;
    check(
        ScriptedOrg::new(),
        async |client| client.deploy(&package).options(with_tests()).start().await,
        expect_file!["golden/rest_start_tests.txt"],
    )
    .await;
    check(
        ScriptedOrg::new(),
        async |client| client.quick_deploy(&id).start().await,
        expect_file!["golden/rest_quick.txt"],
    )
    .await;
    check(
        ScriptedOrg::new(),
        async |client| deployment(client).status_with_retry().await,
        expect_file!["golden/rest_status.txt"],
    )
    .await;
    check(
        ScriptedOrg::new(),
        async |client| deployment(client).cancel().await,
        expect_file!["golden/rest_cancel.txt"],
    )
    .await;
}

#[tokio::test]
async fn deploys_over_soap() {
    let (package, id) = (package(), DEPLOY.parse().unwrap());
    check(
        ScriptedOrg::over_soap(),
        async |client| client.deploy(&package).options(with_tests()).start().await,
        expect_file!["golden/soap_deploy.txt"],
    )
    .await;
    check(
        ScriptedOrg::over_soap(),
        async |client| {
            client
                .deploy(&package)
                .options(with_debugging())
                .start()
                .await
        },
        expect_file!["golden/soap_deploy_debugging.txt"],
    )
    .await;
    check(
        ScriptedOrg::over_soap(),
        async |client| client.quick_deploy(&id).start().await,
        expect_file!["golden/soap_deploy_recent_validation.txt"],
    )
    .await;
    check(
        ScriptedOrg::over_soap(),
        async |client| deployment(client).status_with_retry().await,
        expect_file!["golden/soap_check_deploy_status.txt"],
    )
    .await;
    check(
        ScriptedOrg::over_soap(),
        async |client| deployment(client).cancel().await,
        expect_file!["golden/soap_cancel_deploy.txt"],
    )
    .await;
}

#[tokio::test]
async fn retrieves() {
    let (manifest, options) = (manifest(), RetrieveOptions::default());
    let run = async |client: &Client| retrieve(client, &manifest, &options).await;
    check(
        ScriptedOrg::over_soap(),
        run,
        expect_file!["golden/soap_retrieve.txt"],
    )
    .await;
    let org = ScriptedOrg::over_soap();
    let result = format!("<done>false</done><id>{RETRIEVE}</id><state>Queued</state>");
    org.xml(200, soap("retrieve", &result));
    check(
        org,
        run,
        expect_file!["golden/soap_check_retrieve_status.txt"],
    )
    .await;
}

#[tokio::test]
async fn lists_and_descriptions() {
    let mut reports = ListQuery::new("Report");
    reports.folder = Some("Sales".to_owned());
    let queries = [ListQuery::new("ExternalClientApplication"), reports];
    check(
        ScriptedOrg::over_soap(),
        async |client| list_metadata(client, &queries, 1).await,
        expect_file!["golden/soap_list_metadata.txt"],
    )
    .await;
    check(
        ScriptedOrg::over_soap(),
        async |client| describe_metadata(client).await,
        expect_file!["golden/soap_describe_metadata.txt"],
    )
    .await;
    check(
        ScriptedOrg::over_soap(),
        async |client| describe_value_type(client, OAUTH).await,
        expect_file!["golden/soap_describe_value_type.txt"],
    )
    .await;
}

#[tokio::test]
async fn single_records() {
    let records = records();
    check(
        ScriptedOrg::over_soap(),
        async |client| read_metadata(client, OAUTH, &names(&["Shop_oauth", "B & C"])).await,
        expect_file!["golden/soap_read_metadata.txt"],
    )
    .await;
    check(
        ScriptedOrg::over_soap(),
        async |client| create_metadata(client, &records, true).await,
        expect_file!["golden/soap_create_metadata.txt"],
    )
    .await;
    check(
        ScriptedOrg::over_soap(),
        async |client| update_metadata(client, &records[..1], false).await,
        expect_file!["golden/soap_update_metadata.txt"],
    )
    .await;
    check(
        ScriptedOrg::over_soap(),
        async |client| upsert_metadata(client, &records[1..], false).await,
        expect_file!["golden/soap_upsert_metadata.txt"],
    )
    .await;
    check(
        ScriptedOrg::over_soap(),
        async |client| delete_metadata(client, OAUTH, &names(&["Shop_oauth"]), true).await,
        expect_file!["golden/soap_delete_metadata.txt"],
    )
    .await;
    let mut options = CallOptions::new("eca/test");
    options.perf_option = PerfOption::Minimum;
    check(
        ScriptedOrg::at(endpoint(66).with_call_options(options), token()),
        async |client| rename_metadata(client, OAUTH, "Shop_oauth", "Shop_oauth2").await,
        expect_file!["golden/soap_rename_metadata.txt"],
    )
    .await;
}

#[tokio::test]
async fn the_token_is_marked_as_sensitive() {
    let org = ScriptedOrg::new();
    let _ = deployment(&org.client).status_with_retry().await;
    let request = &org.transport.requests()[0];
    assert!(!format!("{request:?}").contains("FAKE.TOKEN"));
}

#[tokio::test]
async fn soap_refuses_a_jwt_below_68() {
    let jwt = || AccessToken::new("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln").unwrap();
    let run = async |version| {
        let org = ScriptedOrg::at(endpoint(version), jwt());
        let retrieved = retrieve(&org.client, &manifest(), &RetrieveOptions::default()).await;
        (org.requests().len(), retrieved.unwrap_err())
    };
    let (requests, RetrieveError::Call(error)) = run(67).await else {
        panic!("another error");
    };
    assert_eq!(requests, 0);
    assert!(matches!(
        error,
        Error::Request(RequestError::JwtOnSoap { .. })
    ));
    expect![[r#"SOAP in API version 67.0 does not take access tokens in JWT format (from 68.0 on it does): switch off "Issue JSON Web Token (JWT)-based access tokens for named users" for this app, or raise the API version"#]].assert_eq(&error.to_string());
    assert!(run(68).await.0 > 0);

    let org = ScriptedOrg::at(endpoint(58), jwt());
    let _ = deployment(&org.client).status_with_retry().await;
    assert!(!org.requests().is_empty(), "REST takes either format");
}

#[test]
fn an_instance_url_that_cannot_be_used_is_refused() {
    let error = Client::connect("http://acme.my.salesforce.com", token()).unwrap_err();
    let ConnectError::InstanceUrl(source) = error else {
        panic!("{error}");
    };
    expect!["instance url acme.my.salesforce.com cannot be used"].assert_eq(&source.to_string());
}

#[tokio::test]
async fn records_that_no_request_can_contain() {
    let empty = Document::parse("<x/>").unwrap();
    let record = |kind| MetadataRecord::from_document(kind, "n", &empty);
    let org = ScriptedOrg::new();
    for (records, expected) in [
        (
            vec![record("A"); 11],
            expect!["createMetadata takes 10 components per call, not 11"],
        ),
        (
            vec![record("A"), record("B")],
            expect!["createMetadata takes components of one type per call, not both A and B"],
        ),
        (
            vec![record("A\"/>")],
            expect![[r#""A\"/>" is not the name of a metadata type"#]],
        ),
    ] {
        let created = create_metadata(&org.client, &records, false).await;
        expected.assert_eq(&created.unwrap_err().to_string());
    }
    assert!(org.requests().is_empty());
}
