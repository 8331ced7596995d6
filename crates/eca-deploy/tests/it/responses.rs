//! Responses: both spellings of a status, refusals, and every member of a result.

use eca_deploy::{
    Client, DeployApi, DeployResult, Deployment, Error, ListQuery, MetadataRecord, ResponseError,
    RetrieveError, RetrieveOptions, StartError, describe_metadata, describe_value_type,
    list_metadata, read_metadata, retrieve, upsert_metadata,
};
use eca_model::{ApiVersion, Document, Manifest};
use expect_test::{Expect, expect, expect_file};

use crate::support::{DEPLOY, ScriptedOrg, fault, package, soap};

fn json(status: u16, body: &str) -> Client {
    ScriptedOrg::always(status, "application/json;charset=UTF-8", body.to_owned()).client
}

fn xml(status: u16, body: impl Into<String>) -> Client {
    ScriptedOrg::always(status, "text/xml;charset=UTF-8", body.into())
        .client
        .with_deploy_api(DeployApi::Soap)
}

async fn start(client: &Client) -> Result<Deployment, StartError> {
    client.deploy(&package()).start().await
}

async fn status(client: &Client) -> Result<DeployResult, Error> {
    let deployment = Deployment::attach(client, DEPLOY.parse().unwrap());
    deployment.status_with_retry().await
}

#[tokio::test]
async fn ids_of_started_deploys() {
    for client in [
        json(
            201,
            &format!(r#"{{"id":"{DEPLOY}","deployOptions":{{}},"deployResult":null}}"#),
        ),
        json(201, &format!(r#"{{"deployResult":{{"id":"{DEPLOY}"}}}}"#)),
        xml(
            200,
            soap(
                "deploy",
                &format!("<done>false</done><id>{DEPLOY}</id><state>Queued</state>"),
            ),
        ),
    ] {
        assert_eq!(start(&client).await.unwrap().id().as_str(), DEPLOY);
    }
    let client = xml(200, soap("deployRecentValidation", DEPLOY));
    let validated = "0Af5g00000VALIDATE".parse().unwrap();
    let quick = client.quick_deploy(&validated).start().await.unwrap();
    assert_eq!(quick.id().as_str(), DEPLOY);
    for body in ["{}", r#"{"id":"x"}"#, r#"{"id":null}"#, "[]", "", "<html>"] {
        let error = start(&json(201, body)).await.unwrap_err();
        assert!(
            matches!(
                error.error(),
                Error::Response(ResponseError::Unreadable { .. })
            ),
            "{body}"
        );
    }
}

/// Reading them could take gigabytes of memory; asking again gets the same.
#[tokio::test]
async fn responses_with_too_many_members_are_not_read() {
    let large = |start: &str, item: &str, end: &str| [start, &item.repeat(1_000_001), end].concat();
    for (api, http_status, body) in [
        (DeployApi::Rest, 200, large("{\"a\":[0", ",0", "]}")),
        (DeployApi::Rest, 400, large("[0", ",0", "]")),
        (DeployApi::Soap, 200, large("<a>", "<b/>", "</a>")),
    ] {
        let org = ScriptedOrg::always(http_status, "text/plain", body);
        let error = status(&org.client.clone().with_deploy_api(api)).await;
        let error = error.unwrap_err();
        assert!(!error.is_retryable() && error.may_have_taken_effect());
        assert_eq!(org.requests().len(), 1);
        let limit = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(limit, "the body has more than 1000000 members");
        assert!(
            matches!(error, Error::Response(ResponseError::TooLarge { .. })),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_status_in_both_spellings() {
    let stringly = format!(
        r#"{{"id":"{DEPLOY}","deployResult":{{"status":"FinalizingDeploy","isRunTestsEnabled":"true",
        "checkOnly":"false","numberComponentsTotal":"3","numberComponentsDeployed":2.0,"zipSize":12345678901,
        "stateDetail":"a \"b\"","surprise":{{"x":[1,[2,{{}}]]}},"details":{{"componentFailures":{{"fullName":"Shop",
        "problem":"Tom & Jerry","lineNumber":"5","columnNumber":0}},"runTestResults":{{"numRun":"2"}}}}}}}}"#
    );
    let soap_body = format!(
        "<checkOnly>false</checkOnly><details><componentFailures><columnNumber>0</columnNumber>\
         <fullName>Shop</fullName><lineNumber>5</lineNumber><problem>Tom &amp; Jerry</problem></componentFailures>\
         <runTestResult><numTestsRun>2</numTestsRun></runTestResult></details><id>{DEPLOY}</id>\
         <numberComponentsDeployed>2</numberComponentsDeployed><numberComponentsTotal>3</numberComponentsTotal>\
         <runTestsEnabled>1</runTestsEnabled><stateDetail>a \"b\"</stateDetail><status>Finalizing</status>\
         <surprise><x/></surprise><zipSize>12345678901</zipSize>"
    );
    let rest = status(&json(200, &stringly)).await.unwrap();
    let over_soap = status(&xml(200, soap("checkDeployStatus", &soap_body))).await;
    assert_eq!(rest, over_soap.unwrap());
    assert!(!rest.done && rest.run_tests_enabled);
    expect_file!["golden/status.json"].assert_eq(&serde_json::to_string_pretty(&rest).unwrap());
}

#[tokio::test]
async fn done_is_the_orgs_flag() {
    for (body, done) in [
        (
            r#"{"deployResult":{"status":"Hibernating","done":true}}"#,
            true,
        ),
        (
            r#"{"deployResult":{"status":"Succeeded","done":false}}"#,
            false,
        ),
        // Missing, as in some of the guide's examples.
        (r#"{"deployResult":{"status":"Succeeded"}}"#, true),
        (r#"{"deployResult":{"status":"Hibernating"}}"#, false),
    ] {
        assert_eq!(status(&json(200, body)).await.unwrap().done, done, "{body}");
    }
}

/// Compares the error, its cause and its properties.
fn check(error: &Error, expected: Expect) {
    let source = std::error::Error::source(error).map(ToString::to_string);
    expected.assert_eq(&format!(
        "{error} | {} | auth {} retry {}",
        source.unwrap_or_default(),
        error.is_auth(),
        error.is_retryable()
    ));
}

#[tokio::test]
async fn refusals_over_rest() {
    let body = r#"[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]"#;
    check(
        start(&json(401, body)).await.unwrap_err().error(),
        expect![
            "the org refused the REST deployRequest request (HTTP 401) | INVALID_SESSION_ID: Session expired or invalid | auth true retry false"
        ],
    );
    let body = r#"[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]"#;
    check(
        &status(&json(404, body)).await.unwrap_err(),
        expect![
            "the org refused the REST deployRequest status request (HTTP 404) | NOT_FOUND: The requested resource does not exist | auth false retry false"
        ],
    );
    let html = "<html><body>down<br></html>";
    let org = ScriptedOrg::always(503, "text/html; charset=utf-8", html.to_owned());
    check(
        &status(&org.client).await.unwrap_err(),
        expect![
            "the response to the REST deployRequest status request (HTTP 503, text/html) is not the API's: it is not a list of errors | the body is not well-formed JSON | auth false retry true"
        ],
    );
}

#[tokio::test]
async fn refusals_over_soap() {
    let session = fault(
        "INVALID_SESSION_ID",
        "Invalid Session ID found in SessionHeader",
    );
    let refused = describe_metadata(&xml(200, session.clone())).await;
    assert!(refused.unwrap_err().is_auth(), "whatever the HTTP status");
    check(
        &describe_metadata(&xml(500, session)).await.unwrap_err(),
        expect![
            "the org refused the describeMetadata request (HTTP 500) | INVALID_SESSION_ID: Invalid Session ID found in SessionHeader | auth true retry false"
        ],
    );
    let locked = xml(
        500,
        fault("ALREADY_IN_PROCESS", "the org is locked &amp; busy"),
    );
    check(
        start(&locked).await.unwrap_err().error(),
        expect![
            "the org refused the deploy request (HTTP 500) | ALREADY_IN_PROCESS: the org is locked & busy | auth false retry true"
        ],
    );
    let html = xml(503, "<html><body>down<br></html>");
    check(
        &describe_metadata(&html).await.unwrap_err(),
        expect![
            "the response to the describeMetadata request (HTTP 503, text/xml) is not the API's: it is not a SOAP envelope | the body is not well-formed XML at byte 20 | auth false retry true"
        ],
    );
    let partner = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><e:Fault>\
        <faultcode>e:Server</faultcode><faultstring>limit</faultstring><detail><f:UnexpectedErrorFault xmlns:f=\"urn:f\">\
        <f:exceptionCode>REQUEST_LIMIT_EXCEEDED</f:exceptionCode></f:UnexpectedErrorFault></detail></e:Fault></e:Body>\
        </e:Envelope>";
    let manifest = Manifest::new(ApiVersion::new(66));
    let client = xml(500, partner);
    let retrieved = retrieve(&client, &manifest, &RetrieveOptions::default()).await;
    let Err(RetrieveError::Call(error)) = retrieved else {
        panic!("{retrieved:?}");
    };
    check(
        &error,
        expect![
            "the org refused the retrieve request (HTTP 500) | REQUEST_LIMIT_EXCEEDED: limit | auth false retry false"
        ],
    );
}

#[tokio::test]
async fn lists_and_descriptions() {
    let body = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><listMetadataResponse>\
        <result><fullName>Shop</fullName><type>ExternalClientApplication</type></result>\
        <result><fullName>Back_office</fullName></result></listMetadataResponse></e:Body></e:Envelope>";
    let inventory = list_metadata(&xml(200, body), &[ListQuery::new("X")], 1).await;
    let components = inventory.components.iter();
    let components: Vec<_> = components
        .map(|component| (&*component.kind, &*component.full_name))
        .collect();
    let expected = [("", "Back_office"), ("ExternalClientApplication", "Shop")];
    assert_eq!(components, expected);

    let body = soap(
        "describeMetadata",
        "<metadataObjects><childXmlNames>CustomField</childXmlNames><childXmlNames>Index</childXmlNames>\
         <directoryName>objects</directoryName><inFolder>false</inFolder><metaFile>false</metaFile>\
         <suffix>object</suffix><xmlName>CustomObject</xmlName></metadataObjects>\
         <organizationNamespace></organizationNamespace><partialSaveAllowed>true</partialSaveAllowed>",
    );
    let result = describe_metadata(&xml(200, body)).await.unwrap();
    assert_eq!(
        result.metadata_objects[0].child_xml_names,
        ["CustomField", "Index"]
    );
    assert!(result.partial_save_allowed && result.organization_namespace.is_none());

    let body = soap(
        "describeValueType",
        "<apiCreatable>true</apiCreatable><apiDeletable>true</apiDeletable><apiReadable>true</apiReadable>\
         <apiUpdatable>false</apiUpdatable><valueTypeFields><fields><isForeignKey>false</isForeignKey>\
         <isNameField>false</isNameField><minOccurs>1</minOccurs><name>startIpAddress</name><soapType>string</soapType>\
         <valueRequired>true</valueRequired></fields><foreignKeyDomain>ExternalClientApplication</foreignKeyDomain>\
         <isForeignKey>true</isForeignKey><isNameField>false</isNameField><minOccurs>0</minOccurs><name>app</name>\
         <picklistValues><active>true</active><defaultValue>false</defaultValue><label>Eins</label><value>One</value>\
         </picklistValues><soapType>string</soapType><valueRequired>false</valueRequired></valueTypeFields>",
    );
    let described = describe_value_type(&xml(200, body), "X").await.unwrap();
    expect_file!["golden/response_describe_value_type.txt"].assert_eq(&format!("{described:#?}\n"));
}

#[tokio::test]
async fn single_records() {
    let saved = soap(
        "upsertMetadata",
        "<created>true</created><fullName>Shop_oauth</fullName><success>true</success></result>\
         <result><created>false</created><errors><extendedErrorDetails><extendedErrorCode>X_1</extendedErrorCode>\
         </extendedErrorDetails><fields>label</fields><fields>fullName</fields><message>no such &lt;app&gt;</message>\
         <statusCode>INVALID_CROSS_REFERENCE_KEY</statusCode></errors><fullName>B</fullName><success>false</success>",
    );
    let saved = upsert_metadata(&xml(200, saved), &[], false).await.unwrap();
    expect_file!["golden/response_upsert.txt"].assert_eq(&format!("{saved:#?}\n"));
    let read = soap(
        "readMetadata",
        "<records xsi:type=\"ExtlClntAppOauthSettings\"><fullName>Shop_oauth</fullName>\
         <trustedIpRanges><startIpAddress>1.2.3.4</startIpAddress><endIpAddress>1.2.3.5</endIpAddress></trustedIpRanges>\
         <label>a &amp; b</label></records><records xsi:nil=\"true\"/>\
         <records xsi:type=\"ExtlClntAppOauthSettings\"/>",
    );
    let names = ["Shop_oauth".to_owned()];
    let read = read_metadata(&xml(200, read), "ExtlClntAppOauthSettings", &names).await;
    let [record] = &read.unwrap()[..] else {
        panic!("not one record");
    };
    expect_file!["golden/response_read.xml"].assert_eq(&record.file);
}

#[tokio::test]
async fn the_debug_output_of_a_record_has_no_members() {
    let document = Document::parse("<x><consumerSecret>FAKE-SECRET</consumerSecret></x>").unwrap();
    let record = MetadataRecord::from_document("A", "n", &document);
    assert!(!format!("{record:?}").contains("FAKE-SECRET"));
    let body = soap(
        "readMetadata",
        "<records><fullName>n</fullName><consumerSecret>FAKE-SECRET</consumerSecret></records>",
    );
    let read = read_metadata(&xml(200, body), "A", &["n".to_owned()]).await;
    let read = read.unwrap();
    assert!(read[0].file.contains("FAKE-SECRET"));
    assert!(!format!("{read:?}").contains("FAKE-SECRET"));
}

/// A `RunTestsResult` with every member of WSDL 66.0.
const TESTS: &str = "<apexLogId>07L5g00000AAAAAAAA</apexLogId>\
    <codeCoverage><dmlInfo>LOCATION</dmlInfo><id>01p5g00000AAAAAAAA</id>\
    <locationsNotCovered>LOCATION</locationsNotCovered><methodInfo>LOCATION</methodInfo><name>C</name>\
    <namespace xsi:nil=\"true\"/><numLocations>4</numLocations><numLocationsNotCovered>1</numLocationsNotCovered>\
    <soqlInfo>LOCATION</soqlInfo><soslInfo>LOCATION</soslInfo><type>Class</type></codeCoverage>\
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
    <time>3.25</time></successes><totalTime>15.25</totalTime>";

/// A `DeployResult` with every member of WSDL 66.0.
const RESULT: &str = "<canceledBy>0055g00000AAAAAAAA</canceledBy><canceledByName>A</canceledByName>\
    <checkOnly>true</checkOnly>\
    <completedDate>2026-01-01T00:00:09.000Z</completedDate><createdBy>0055g00000AAAAAAAA</createdBy>\
    <createdByName>B</createdByName><createdDate>2026-01-01T00:00:00.000Z</createdDate><details>\
    <componentFailures><changed>false</changed><columnNumber>3</columnNumber>\
    <componentType>ExternalClientApplication</componentType><created>false</created>\
    <createdDate>2026-01-01T00:00:01.000Z</createdDate><deleted>false</deleted><fileName>a/b.eca</fileName>\
    <fullName>b</fullName><lineNumber>2</lineNumber><problem>p</problem><problemType>Error</problemType>\
    <success>false</success></componentFailures><runTestResult>TESTS</runTestResult></details><done>true</done>\
    <errorMessage>e</errorMessage><errorStatusCode>UNKNOWN_EXCEPTION</errorStatusCode><id>0Af5g00000AAAAAAAA</id>\
    <ignoreWarnings>true</ignoreWarnings><lastModifiedDate>2026-01-01T00:00:08.000Z</lastModifiedDate>\
    <numberComponentErrors>1</numberComponentErrors><numberComponentsDeployed>2</numberComponentsDeployed>\
    <numberComponentsTotal>3</numberComponentsTotal><numberFiles>4</numberFiles>\
    <numberTestErrors>1</numberTestErrors><numberTestsCompleted>2</numberTestsCompleted>\
    <numberTestsTotal>2</numberTestsTotal><rollbackOnError>true</rollbackOnError>\
    <runTestsEnabled>true</runTestsEnabled><startDate>2026-01-01T00:00:01.000Z</startDate>\
    <stateDetail>s</stateDetail><status>Failed</status><success>false</success><zipSize>5</zipSize>";

#[tokio::test]
async fn all_members_of_a_deploy_result() {
    let location =
        "<column>0</column><line>7</line><numExecutions>2</numExecutions><time>-1.5</time>";
    let result = RESULT.replace("TESTS", TESTS).replace("LOCATION", location);
    let body = soap("checkDeployStatus", &result).replace(
        "<soapenv:Body>",
        "<soapenv:Header><DebuggingInfo><debugLog>the log</debugLog></DebuggingInfo></soapenv:Header><soapenv:Body>",
    );
    let result = status(&xml(200, body)).await.unwrap();
    expect_file!["golden/response_deploy_result.json"]
        .assert_eq(&(serde_json::to_string_pretty(&result).unwrap() + "\n"));
}
