use bytes::Bytes;
use eca_deploy::wire::{ListQuery, RequestError, ResponseError, rest, soap};
use eca_deploy::{DeployOptions, TestLevel, Zip};
use eca_http::Body;
use eca_model::Manifest;
use eca_oauth::AccessToken;
use expect_test::{ExpectFile, expect, expect_file};
use http::{Request, Response};

use crate::support::{
    DEPLOY, RETRIEVE, bytes, endpoint, fault, package, show, soap as envelope, token,
};

fn check<B: Into<Body>>(request: Result<Request<B>, RequestError>, golden: ExpectFile) {
    let zip = bytes(&package());
    let request = request.unwrap().map(|body| body.into().collect().unwrap());
    golden.assert_eq(&show(&request, &zip));
}

fn answer(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response<Bytes> {
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(body.into())
        .unwrap()
}

fn json(status: u16, body: &str) -> Response<Bytes> {
    answer(status, "application/json;charset=UTF-8", body.to_owned())
}

fn xml(status: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    answer(status, "text/xml;charset=UTF-8", body)
}

fn options() -> DeployOptions {
    let mut options = DeployOptions::check_only();
    options.run_tests = vec!["A_Test".to_owned(), "B & C".to_owned()];
    options.test_level = Some(TestLevel::RunSpecifiedTests);
    options
}

fn manifest() -> Manifest {
    let mut manifest = Manifest::new(eca_model::ApiVersion::new(66));
    manifest.insert("ExtlClntAppOauthSettings", "Shop_oauth");
    manifest.insert("ExternalClientApplication", "Shop");
    manifest.insert("ExternalClientApplication", "Back <office>");
    manifest
}

#[test]
fn requests() {
    let (org, token) = (endpoint(66), token());
    let (deploy, retrieve) = (DEPLOY.parse().unwrap(), RETRIEVE.parse().unwrap());
    let package = package();
    let zip = package.zip();
    check(
        rest::start(&org, &token, &DeployOptions::default(), zip),
        expect_file!["golden/rest_start.txt"],
    );
    check(
        rest::start(&org, &token, &options(), zip),
        expect_file!["golden/rest_start_tests.txt"],
    );
    check(
        rest::status(&org, &token, &deploy, true),
        expect_file!["golden/rest_status.txt"],
    );
    check(
        rest::cancel(&org, &token, &deploy),
        expect_file!["golden/rest_cancel.txt"],
    );
    check(
        rest::quick_deploy(&org, &token, &deploy),
        expect_file!["golden/rest_quick.txt"],
    );
    check(
        soap::deploy(&org, &token, &options(), &Zip::from("PK")),
        expect_file!["golden/soap_deploy.txt"],
    );
    check(
        soap::check_deploy_status(&org, &token, &deploy, true),
        expect_file!["golden/soap_check_deploy_status.txt"],
    );
    check(
        soap::cancel_deploy(&org, &token, &deploy),
        expect_file!["golden/soap_cancel_deploy.txt"],
    );
    check(
        soap::retrieve(&org, &token, &manifest()),
        expect_file!["golden/soap_retrieve.txt"],
    );
    let mut inside = ListQuery::new("Report");
    inside.folder = Some("Sales".to_owned());
    check(
        soap::list_metadata(
            &org,
            &token,
            &[ListQuery::new("ExternalClientApplication"), inside],
        ),
        expect_file!["golden/soap_list_metadata.txt"],
    );
    check(
        soap::describe_metadata(&org, &token),
        expect_file!["golden/soap_describe_metadata.txt"],
    );
    check(
        soap::check_retrieve_status(&org, &token, &retrieve, false),
        expect_file!["golden/soap_check_retrieve_status.txt"],
    );
}

#[test]
fn the_token_is_marked_as_sensitive() {
    let request = rest::status(&endpoint(66), &token(), &DEPLOY.parse().unwrap(), false).unwrap();
    assert!(!format!("{request:?}").contains("FAKE.TOKEN"));
}

#[test]
fn soap_refuses_a_jwt_below_68() {
    let jwt = AccessToken::new("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln").unwrap();
    let error = soap::retrieve(&endpoint(67), &jwt, &manifest()).unwrap_err();
    assert!(matches!(error, RequestError::JwtOnSoap { .. }));
    expect![[r#"SOAP in API version 67.0 does not take access tokens in JWT format (from 68.0 on it does): switch off "Issue JSON Web Token (JWT)-based access tokens for named users" for this app, or raise the API version"#]].assert_eq(&error.to_string());
    assert!(soap::retrieve(&endpoint(68), &jwt, &manifest()).is_ok());
    assert!(rest::status(&endpoint(58), &jwt, &DEPLOY.parse().unwrap(), false).is_ok());
}

#[test]
fn ids_of_started_deploys() {
    for body in [
        format!(r#"{{"id":"{DEPLOY}","deployOptions":{{}},"deployResult":null}}"#),
        format!(r#"{{"deployResult":{{"id":"{DEPLOY}"}}}}"#),
    ] {
        assert_eq!(
            rest::parse_start(&json(201, &body)).unwrap().as_str(),
            DEPLOY
        );
    }
    let body = envelope(
        "deploy",
        &format!("<done>false</done><id>{DEPLOY}</id><state>Queued</state>"),
    );
    assert_eq!(
        soap::parse_deploy(&xml(200, body)).unwrap().as_str(),
        DEPLOY
    );
    for body in ["{}", r#"{"id":"x"}"#, r#"{"id":null}"#, "[]", "", "<html>"] {
        let error = rest::parse_start(&json(201, body)).unwrap_err();
        assert!(matches!(error, ResponseError::Unreadable { .. }), "{body}");
    }
}

#[test]
fn a_status_in_both_spellings() {
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
    let rest = rest::parse_status(&json(200, &stringly)).unwrap();
    let soap =
        soap::parse_check_deploy_status(&xml(200, envelope("checkDeployStatus", &soap_body)))
            .unwrap();
    assert_eq!(rest, soap);
    assert!(!rest.done && rest.run_tests_enabled);
    expect_file!["golden/status.json"].assert_eq(&serde_json::to_string_pretty(&rest).unwrap());
}

#[test]
fn done_is_what_the_org_says_it_is() {
    let read = |body: &str| rest::parse_status(&json(200, body)).unwrap();
    assert!(read(r#"{"deployResult":{"status":"Hibernating","done":true}}"#).done);
    assert!(!read(r#"{"deployResult":{"status":"Succeeded","done":false}}"#).done);
    // Left out, as in some of the guide's examples.
    assert!(read(r#"{"deployResult":{"status":"Succeeded"}}"#).done);
    assert!(!read(r#"{"deployResult":{"status":"Hibernating"}}"#).done);
}

#[test]
fn refusals_keep_salesforces_words() {
    let check = |error: ResponseError, expected: expect_test::Expect| {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        expected.assert_eq(&format!(
            "{error} | {} | auth {} retry {}",
            source.unwrap_or_default(),
            error.is_auth(),
            error.is_retryable()
        ));
    };
    let body = r#"[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]"#;
    check(
        rest::parse_start(&json(401, body)).unwrap_err(),
        expect![
            "the org refused the REST deployRequest request (HTTP 401) | INVALID_SESSION_ID: Session expired or invalid | auth true retry false"
        ],
    );
    let body = r#"[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]"#;
    check(
        rest::parse_status(&json(404, body)).unwrap_err(),
        expect![
            "the org refused the REST deployRequest status request (HTTP 404) | NOT_FOUND: The requested resource does not exist | auth false retry false"
        ],
    );
    let body = fault(
        "INVALID_SESSION_ID",
        "Invalid Session ID found in SessionHeader",
    );
    for status in [200, 500] {
        let error = soap::parse_retrieve(&xml(status, body.clone())).unwrap_err();
        assert!(error.is_auth());
    }
    check(
        soap::parse_retrieve(&xml(500, body)).unwrap_err(),
        expect![
            "the org refused the retrieve request (HTTP 500) | INVALID_SESSION_ID: Invalid Session ID found in SessionHeader | auth true retry false"
        ],
    );
    let body = fault("ALREADY_IN_PROCESS", "the org is locked &amp; busy");
    check(
        soap::parse_deploy(&xml(500, body)).unwrap_err(),
        expect![
            "the org refused the deploy request (HTTP 500) | ALREADY_IN_PROCESS: the org is locked & busy | auth false retry true"
        ],
    );
    let html = answer(
        503,
        "text/html; charset=utf-8",
        "<html><body>down<br></html>",
    );
    check(
        rest::parse_status(&html).unwrap_err(),
        expect![
            "the answer to the REST deployRequest status request (HTTP 503, text/html) is not the API's: it is no list of errors | the body is not well-formed JSON | auth false retry true"
        ],
    );
    check(
        soap::parse_retrieve(&html).unwrap_err(),
        expect![
            "the answer to the retrieve request (HTTP 503, text/html) is not the API's: it is no SOAP envelope | the body is not well-formed XML at byte 20 | auth false retry true"
        ],
    );
    let partner = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><e:Fault>\
        <faultcode>e:Server</faultcode><faultstring>limit</faultstring><detail><f:UnexpectedErrorFault xmlns:f=\"urn:f\">\
        <f:exceptionCode>REQUEST_LIMIT_EXCEEDED</f:exceptionCode></f:UnexpectedErrorFault></detail></e:Fault></e:Body>\
        </e:Envelope>";
    check(
        soap::parse_retrieve(&xml(500, partner)).unwrap_err(),
        expect![
            "the org refused the retrieve request (HTTP 500) | REQUEST_LIMIT_EXCEEDED: limit | auth false retry false"
        ],
    );
}

#[test]
fn a_retrieve_with_its_zip() {
    let body = envelope(
        "checkRetrieveStatus",
        &format!(
            "<done>true</done><fileProperties><fileName>unpackaged/externalClientApps/Shop.eca</fileName>\
             <fullName>Shop</fullName><id></id><type>ExternalClientApplication</type></fileProperties>\
             <id>{RETRIEVE}</id><messages><fileName>unpackaged/package.xml</fileName>\
             <problem>Entity of type 'NamedCredential' named 'Nope' cannot be found</problem></messages>\
             <status>Succeeded</status><success>true</success><zipFile>UEsF\nBgAA\r\n</zipFile>"
        ),
    );
    let result = soap::parse_check_retrieve_status(&xml(200, body)).unwrap();
    assert_eq!(result.zip_file.as_deref(), Some(&b"PK\x05\x06\0\0"[..]));
    assert_eq!(result.messages.len(), 1);
    assert_eq!(result.file_properties[0].kind, "ExternalClientApplication");
    assert!(format!("{result:?}").contains("zip_file_bytes: Some(6)"));

    let body = envelope(
        "checkRetrieveStatus",
        "<done>false</done><status>Pending</status><zipFile xsi:nil=\"true\"/>",
    );
    let result = soap::parse_check_retrieve_status(&xml(200, body)).unwrap();
    assert!(!result.done && result.zip_file.is_none());
}

#[test]
fn lists_and_descriptions() {
    let queries = vec![ListQuery::new("Report"); 4];
    let error = soap::list_metadata(&endpoint(66), &token(), &queries).unwrap_err();
    expect!["listMetadata takes 3 queries a call, not 4"].assert_eq(&error.to_string());

    let body = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><listMetadataResponse>\
        <result><fullName>Shop</fullName><type>ExternalClientApplication</type></result>\
        <result><fullName>Back_office</fullName></result></listMetadataResponse></e:Body></e:Envelope>";
    let found = soap::parse_list_metadata(&xml(200, body)).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(
        (&*found[0].full_name, &*found[0].kind),
        ("Shop", "ExternalClientApplication")
    );

    let body = envelope(
        "describeMetadata",
        "<metadataObjects><childXmlNames>CustomField</childXmlNames><childXmlNames>Index</childXmlNames>\
         <directoryName>objects</directoryName><inFolder>false</inFolder><metaFile>false</metaFile>\
         <suffix>object</suffix><xmlName>CustomObject</xmlName></metadataObjects>\
         <organizationNamespace></organizationNamespace><partialSaveAllowed>true</partialSaveAllowed>",
    );
    let result = soap::parse_describe_metadata(&xml(200, body)).unwrap();
    assert_eq!(
        result.metadata_objects[0].child_xml_names,
        ["CustomField", "Index"]
    );
    assert!(result.partial_save_allowed && result.organization_namespace.is_none());
}
