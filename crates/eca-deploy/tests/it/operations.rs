//! The operations beside deploy and retrieve: golden requests, golden readings of responses, and
//! their drivers.

use bytes::Bytes;
use eca_deploy::wire::{
    CallOptions, Debugging, ListQuery, LogCategory, LogCategoryLevel, LogType, MetadataRecord,
    PerfOption, RequestError, soap,
};
use eca_deploy::{DeployOptions, TestLevel, Zip, list_metadata, read_metadata};
use eca_http::testing::ScriptedTransport;
use eca_http::{Body, HttpClient, TransportErrorKind};
use eca_model::{Document, MetadataType};
use expect_test::{ExpectFile, expect, expect_file};
use http::{Request, Response};

use crate::support::{
    DEPLOY, ScriptedOrg, endpoint, fault, project, show, soap as envelope, token,
};

fn check<B: Into<Body>>(request: Result<Request<B>, RequestError>, golden: ExpectFile) {
    let request = request.unwrap().map(|body| body.into().collect().unwrap());
    golden.assert_eq(&show(&request, &[]));
}

fn xml(body: String) -> Response<Bytes> {
    Response::builder()
        .header("content-type", "text/xml;charset=UTF-8")
        .body(body.into())
        .unwrap()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn records() -> Vec<MetadataRecord> {
    let project = project();
    let of_type = |kind| {
        let mut all = project.components().iter();
        all.find(|component| component.id().kind == kind).unwrap()
    };
    let nested = Document::parse(
        "<x><trustedIpRanges><startIpAddress>10.0.0.1</startIpAddress><endIpAddress>10.0.0.9</endIpAddress>\
         </trustedIpRanges><label>a &lt; b</label><externalClientApplication>Shop</externalClientApplication></x>",
    )
    .unwrap();
    vec![
        MetadataRecord::from_component(of_type(MetadataType::ExtlClntAppOauthSettings)),
        MetadataRecord::from_document("ExtlClntAppOauthSettings", "B & C", &nested),
    ]
}

#[test]
fn requests() {
    let (org, token) = (endpoint(66), token());
    let deploy = DEPLOY.parse().unwrap();
    let debugging = Debugging {
        categories: vec![
            (LogCategory::ApexCode, LogCategoryLevel::Debug),
            (LogCategory::Db, LogCategoryLevel::None),
        ],
        level: LogType::DebugOnly,
    };
    check(
        soap::deploy_recent_validation(&org, &token, &deploy),
        expect_file!["golden/soap_deploy_recent_validation.txt"],
    );
    let mut logged = DeployOptions::default();
    logged.debugging = Some(debugging);
    logged.test_level = Some(TestLevel::NoTestRun);
    check(
        soap::deploy(&org, &token, &logged, &Zip::from("PK")),
        expect_file!["golden/soap_deploy_debugging.txt"],
    );
    check(
        soap::describe_value_type(&org, &token, "ExtlClntAppOauthSettings"),
        expect_file!["golden/soap_describe_value_type.txt"],
    );
    let kind = "ExtlClntAppOauthSettings";
    check(
        soap::crud::read_metadata(&org, &token, kind, &names(&["Shop_oauth", "B & C"])),
        expect_file!["golden/soap_read_metadata.txt"],
    );
    check(
        soap::crud::create_metadata(&org, &token, &records(), true),
        expect_file!["golden/soap_create_metadata.txt"],
    );
    check(
        soap::crud::update_metadata(&org, &token, &records()[..1], false),
        expect_file!["golden/soap_update_metadata.txt"],
    );
    check(
        soap::crud::upsert_metadata(&org, &token, &records()[1..], false),
        expect_file!["golden/soap_upsert_metadata.txt"],
    );
    check(
        soap::crud::delete_metadata(&org, &token, kind, &names(&["Shop_oauth"]), true),
        expect_file!["golden/soap_delete_metadata.txt"],
    );
    let mut options = CallOptions::new("eca/test");
    options.perf_option = PerfOption::Minimum;
    check(
        soap::crud::rename_metadata(
            &org.with_call_options(options),
            &token,
            kind,
            "Shop_oauth",
            "Shop_oauth2",
        ),
        expect_file!["golden/soap_rename_metadata.txt"],
    );
}

#[test]
fn limits_of_a_call() {
    let (org, token) = (endpoint(66), token());
    let eleven = vec!["a".to_owned(); 11];
    let error = soap::crud::read_metadata(&org, &token, "X", &eleven).unwrap_err();
    expect!["readMetadata takes 10 components a call, not 11"].assert_eq(&error.to_string());
    let empty = Document::parse("<x/>").unwrap();
    let record = |kind| MetadataRecord::from_document(kind, "n", &empty);
    let mixed = soap::crud::create_metadata(&org, &token, &[record("A"), record("B")], false);
    expect!["createMetadata takes components of one type a call, not both A and B"]
        .assert_eq(&mixed.unwrap_err().to_string());
    let hostile = soap::crud::create_metadata(&org, &token, &[record("A\"/>")], false);
    expect![[r#""A\"/>" is not the name of a metadata type"#]]
        .assert_eq(&hostile.unwrap_err().to_string());
}

#[test]
fn records_show_no_members() {
    let record = MetadataRecord::from_document(
        "A",
        "n",
        &Document::parse("<x><consumerSecret>FAKE-SECRET</consumerSecret></x>").unwrap(),
    );
    assert!(!format!("{record:?}").contains("FAKE-SECRET"));
    let body = envelope(
        "readMetadata",
        "<records><fullName>n</fullName><consumerSecret>FAKE-SECRET</consumerSecret></records>",
    );
    let read = soap::crud::parse_read_metadata("A", &xml(body)).unwrap();
    assert!(read[0].file.contains("FAKE-SECRET"));
    assert!(!format!("{read:?}").contains("FAKE-SECRET"));
}

#[test]
fn responses() {
    let saved = envelope(
        "upsertMetadata",
        "<created>true</created><fullName>Shop_oauth</fullName><success>true</success></result>\
         <result><created>false</created><errors><extendedErrorDetails><extendedErrorCode>X_1</extendedErrorCode>\
         </extendedErrorDetails><fields>label</fields><fields>fullName</fields><message>no such &lt;app&gt;</message>\
         <statusCode>INVALID_CROSS_REFERENCE_KEY</statusCode></errors><fullName>B</fullName><success>false</success>",
    );
    expect_file!["golden/response_upsert.txt"].assert_eq(&format!(
        "{:#?}\n",
        soap::crud::parse_saved("upsertMetadata", &xml(saved)).unwrap()
    ));
    let read = envelope(
        "readMetadata",
        "<records xsi:type=\"ExtlClntAppOauthSettings\"><fullName>Shop_oauth</fullName>\
         <trustedIpRanges><startIpAddress>1.2.3.4</startIpAddress><endIpAddress>1.2.3.5</endIpAddress></trustedIpRanges>\
         <label>a &amp; b</label></records><records xsi:nil=\"true\"/>\
         <records xsi:type=\"ExtlClntAppOauthSettings\"/>",
    );
    let read = soap::crud::parse_read_metadata("ExtlClntAppOauthSettings", &xml(read)).unwrap();
    assert_eq!(read.len(), 1);
    expect_file!["golden/response_read.xml"].assert_eq(&read[0].file);
    let described = envelope(
        "describeValueType",
        "<apiCreatable>true</apiCreatable><apiDeletable>true</apiDeletable><apiReadable>true</apiReadable>\
         <apiUpdatable>false</apiUpdatable><valueTypeFields><fields><isForeignKey>false</isForeignKey>\
         <isNameField>false</isNameField><minOccurs>1</minOccurs><name>startIpAddress</name><soapType>string</soapType>\
         <valueRequired>true</valueRequired></fields><foreignKeyDomain>ExternalClientApplication</foreignKeyDomain>\
         <isForeignKey>true</isForeignKey><isNameField>false</isNameField><minOccurs>0</minOccurs><name>app</name>\
         <picklistValues><active>true</active><defaultValue>false</defaultValue><label>Eins</label><value>One</value>\
         </picklistValues><soapType>string</soapType><valueRequired>false</valueRequired></valueTypeFields>",
    );
    expect_file!["golden/response_describe_value_type.txt"].assert_eq(&format!(
        "{:#?}\n",
        soap::parse_describe_value_type(&xml(described)).unwrap()
    ));
    let quick = envelope("deployRecentValidation", DEPLOY);
    assert_eq!(
        soap::parse_deploy_recent_validation(&xml(quick))
            .unwrap()
            .as_str(),
        DEPLOY
    );
}

#[test]
fn all_members_of_a_deploy_result() {
    let location =
        "<column>0</column><line>7</line><numExecutions>2</numExecutions><time>-1.5</time>";
    let body = format!(
        "<canceledBy>0055g00000AAAAAAAA</canceledBy><canceledByName>A</canceledByName><checkOnly>true</checkOnly>\
         <completedDate>2026-01-01T00:00:09.000Z</completedDate><createdBy>0055g00000AAAAAAAA</createdBy>\
         <createdByName>B</createdByName><createdDate>2026-01-01T00:00:00.000Z</createdDate><details>\
         <componentFailures><changed>false</changed><columnNumber>3</columnNumber>\
         <componentType>ExternalClientApplication</componentType><created>false</created>\
         <createdDate>2026-01-01T00:00:01.000Z</createdDate><deleted>false</deleted><fileName>a/b.eca</fileName>\
         <fullName>b</fullName><lineNumber>2</lineNumber><problem>p</problem><problemType>Error</problemType>\
         <success>false</success></componentFailures><runTestResult><apexLogId>07L5g00000AAAAAAAA</apexLogId>\
         <codeCoverage><dmlInfo>{location}</dmlInfo><id>01p5g00000AAAAAAAA</id>\
         <locationsNotCovered>{location}</locationsNotCovered><methodInfo>{location}</methodInfo><name>C</name>\
         <namespace xsi:nil=\"true\"/><numLocations>4</numLocations><numLocationsNotCovered>1</numLocationsNotCovered>\
         <soqlInfo>{location}</soqlInfo><soslInfo>{location}</soslInfo><type>Class</type></codeCoverage>\
         <codeCoverageWarnings><id>01p5g00000AAAAAAAA</id><message>low</message><name>C</name>\
         <namespace>ns</namespace></codeCoverageWarnings><failures><id>01p5g00000AAAAAAAA</id><message>m</message>\
         <methodName>t</methodName><name>C</name><namespace xsi:nil=\"true\"/><packageName>P</packageName>\
         <seeAllData>false</seeAllData><stackTrace>s</stackTrace><time>12.0</time><type>Class</type></failures>\
         <flowCoverage><elementsNotCovered>e1</elementsNotCovered><elementsNotCovered>e2</elementsNotCovered>\
         <flowId>301</flowId><flowName>F</flowName><flowNamespace xsi:nil=\"true\"/><numElements>5</numElements>\
         <numElementsNotCovered>2</numElementsNotCovered><processType>Flow</processType></flowCoverage>\
         <flowCoverageWarnings><flowId>301</flowId><flowName>F</flowName><flowNamespace xsi:nil=\"true\"/>\
         <message>low too</message></flowCoverageWarnings><numFailures>1</numFailures><numTestsRun>2</numTestsRun>\
         <successes><id>01p5g00000AAAAAAAA</id><methodName>u</methodName><name>C</name><namespace xsi:nil=\"true\"/>\
         <time>3.25</time></successes><totalTime>15.25</totalTime></runTestResult></details><done>true</done>\
         <errorMessage>e</errorMessage><errorStatusCode>UNKNOWN_EXCEPTION</errorStatusCode><id>{DEPLOY}</id>\
         <ignoreWarnings>true</ignoreWarnings><lastModifiedDate>2026-01-01T00:00:08.000Z</lastModifiedDate>\
         <numberComponentErrors>1</numberComponentErrors><numberComponentsDeployed>2</numberComponentsDeployed>\
         <numberComponentsTotal>3</numberComponentsTotal><numberFiles>4</numberFiles>\
         <numberTestErrors>1</numberTestErrors><numberTestsCompleted>2</numberTestsCompleted>\
         <numberTestsTotal>2</numberTestsTotal><rollbackOnError>true</rollbackOnError>\
         <runTestsEnabled>true</runTestsEnabled><startDate>2026-01-01T00:00:01.000Z</startDate>\
         <stateDetail>s</stateDetail><status>Failed</status><success>false</success><zipSize>5</zipSize>"
    );
    let body = envelope("checkDeployStatus", &body).replace(
        "<soapenv:Body>",
        "<soapenv:Header><DebuggingInfo><debugLog>the log</debugLog></DebuggingInfo></soapenv:Header><soapenv:Body>",
    );
    let result = soap::parse_check_deploy_status(&xml(body)).unwrap();
    expect_file!["golden/response_deploy_result.json"]
        .assert_eq(&(serde_json::to_string_pretty(&result).unwrap() + "\n"));
}

fn component(kind: &str, name: &str) -> String {
    format!("<fullName>{name}</fullName><type>{kind}</type>")
}

#[tokio::test]
async fn lists_three_a_call_with_a_reason_for_each_failure() {
    // By content and not by order: the calls run side by side.
    let transport = std::sync::Arc::new(ScriptedTransport::with_handler(|request| {
        let body = String::from_utf8_lossy(request.body()).into_owned();
        let mut response = if body.contains("<type>Bad</type>") {
            let mut refused = xml(fault("INVALID_TYPE", "Unknown type:Bad"));
            *refused.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
            refused
        } else {
            let found: Vec<_> = body
                .split("<type>")
                .skip(1)
                .map(|rest| rest.split('<').next().unwrap().to_owned())
                .map(|kind| component(&kind, "n"))
                .collect();
            xml(envelope("listMetadata", &found.join("</result><result>")))
        };
        response.extensions_mut().clear();
        Some(Ok(response))
    }));
    let stage = ScriptedOrg::new();
    let org = eca_deploy::Client::new(
        endpoint(66),
        HttpClient::new(transport.clone(), stage.timer.clone()),
        std::sync::Arc::new(eca_oauth::StaticToken::new(token())),
    );
    let queries = ["D", "Bad", "C", "B", "A"].map(ListQuery::new);
    let inventory = list_metadata(&org, &queries, 2).await;
    let kinds: Vec<_> = inventory
        .components
        .iter()
        .map(|found| found.kind.as_str())
        .collect();
    assert_eq!(kinds, ["A", "B", "C", "D"]);
    let failures: Vec<_> = inventory
        .failures
        .iter()
        .map(|(query, error)| format!("{}: {}", query.kind, error.api_error().unwrap()))
        .collect();
    assert_eq!(failures, ["Bad: INVALID_TYPE: Unknown type:Bad"]);
    // Two calls, and the refused one again in three parts.
    assert_eq!(transport.requests().len(), 5);
}

#[tokio::test]
async fn an_org_that_does_not_answer_is_not_asked_in_parts() {
    let stage = ScriptedOrg::new();
    for _ in 0..20 {
        stage.transport.fail(TransportErrorKind::Tls);
    }
    let inventory = list_metadata(&stage.client, &["A", "B"].map(ListQuery::new), 0).await;
    assert_eq!(inventory.failures.len(), 2);
    assert_eq!(stage.requests().len(), 1);
}

#[tokio::test]
async fn reading_many_takes_several_calls() {
    let stage = ScriptedOrg::new();
    for _ in 0..2 {
        let body = envelope("readMetadata", "<records><fullName>n</fullName></records>");
        stage.transport.answer(200, "text/xml", body);
    }
    let names = vec!["n".to_owned(); 11];
    let read = read_metadata(&stage.client, "A", &names).await.unwrap();
    assert_eq!((read.len(), stage.requests().len()), (2, 2));
}
