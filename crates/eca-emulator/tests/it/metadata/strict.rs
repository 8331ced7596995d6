//! `--strict`: deviations of real clients, which only a strict org refuses.

use expect_test::{Expect, expect};

use crate::fixture::{Client, Package, builder};
use crate::server::http::send;

const ID: &str = "0Af000000000001AAA";

#[tokio::test(flavor = "multi_thread")]
async fn each_deviation_from_the_schema_is_named() {
    let strict = builder().strict(true).start().await.unwrap();
    let lenient = builder().start().await.unwrap();
    let app = |members: &str| {
        format!(
            r#"<createMetadata><metadata xsi:type="ExternalClientApplication">{members}</metadata></createMetadata>"#
        )
    };
    let cases: Vec<(String, Expect)> = vec![
        ("<retrieve><request><apiVersion>66.0</apiVersion><singlePackage>true</singlePackage></request></retrieve>".into(), expect!["retrieve: request is not in the schema"]),
        ("<retrieve><retrieveRequest><singlePackage>true</singlePackage></retrieveRequest></retrieve>".into(), expect!["retrieve/retrieveRequest: apiVersion is missing before singlePackage"]),
        ("<retrieve><retrieveRequest><apiVersion>66.0</apiVersion><singlePackage>true</singlePackage><unpackaged><types><name>T</name><members>*</members></types><version>66.0</version></unpackaged></retrieveRequest></retrieve>".into(), expect!["retrieve/retrieveRequest/unpackaged/types: members is out of order"]),
        (format!("<cancelDeploy><id>{ID}</id></cancelDeploy>"), expect!["cancelDeploy: id is not in the schema"]),
        (format!("<checkDeployStatus><asyncProcessId>{ID}</asyncProcessId></checkDeployStatus>"), expect!["checkDeployStatus: includeDetails is missing"]),
        ("<checkDeployStatus><asyncProcessId>0Af1</asyncProcessId><includeDetails>true</includeDetails></checkDeployStatus>".into(), expect!["checkDeployStatus/asyncProcessId: the value is not a valid ID of 18 characters"]),
        (format!("<checkDeployStatus><asyncProcessId>{ID}</asyncProcessId><includeDetails>yes</includeDetails></checkDeployStatus>"), expect!["checkDeployStatus/includeDetails: the value is not a valid xsd:boolean"]),
        ("<deploy><ZipFile>UEs=</ZipFile><DeployOptions><checkOnly>true</checkOnly><allowMissingFiles>true</allowMissingFiles></DeployOptions></deploy>".into(), expect!["deploy/DeployOptions: allowMissingFiles is missing before checkOnly"]),
        ("<deploy xmlns=\"urn:other\"><ZipFile/></deploy>".into(), expect![[r#"deploy: the namespace is "urn:other", expected "http://soap.sforce.com/2006/04/metadata""#]]),
        ("<listMetadata><queries><type>T</type><type>T</type></queries><asOfVersion>66.0</asOfVersion></listMetadata>".into(), expect!["listMetadata/queries: type may occur only once"]),
        (app("<label>A</label><fullName>A</fullName>"), expect!["createMetadata/metadata: fullName is not its first element"]),
        (app("<fullName>A</fullName><label>A</label><contactEmail>a@example.com</contactEmail>"), expect!["createMetadata/metadata: contactEmail is out of order"]),
        (app("<fullName>A</fullName><color>red</color>"), expect!["createMetadata/metadata: color is not in the schema"]),
        ("<flyToTheMoon/>".into(), expect!["flyToTheMoon is not a valid operation of this version"]),
    ];
    for (operation, expected) in cases {
        // The test's own CallOptions have only a client, like those of every real client.
        let body = envelope(&strict, &operation);
        let answer = post(&strict, &body);
        assert_eq!(
            answer.element("faultcode"),
            Some("sf:SCHEMA_VIOLATION"),
            "{operation}: {}",
            answer.body
        );
        let text = answer.element("faultstring").unwrap();
        let text = text.replace("&quot;", "\"");
        expected.assert_eq(text.trim_start_matches("SCHEMA_VIOLATION: "));
        let answer = post(&lenient, &envelope(&lenient, &operation));
        assert!(!answer.body.contains("SCHEMA_VIOLATION"), "{}", answer.body);
    }
    let answer = Client(&strict)
        .soap("<describeMetadata><asOfVersion>66.0</asOfVersion></describeMetadata>");
    assert!(
        answer.body.contains("CallOptions: perfOption is missing"),
        "{}",
        answer.body
    );
}

fn envelope(org: &eca_emulator::Org, operation: &str) -> String {
    let session = org.admin_access_token().expose_secret();
    format!(
        r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Header><SessionHeader xmlns="http://soap.sforce.com/2006/04/metadata"><sessionId>{session}</sessionId></SessionHeader></soapenv:Header><soapenv:Body xmlns="http://soap.sforce.com/2006/04/metadata">{operation}</soapenv:Body></soapenv:Envelope>"#
    )
}

fn post(org: &eca_emulator::Org, body: &str) -> crate::server::http::Answer {
    send(
        org.address(),
        "POST",
        "/services/Soap/m/66.0",
        &[("Content-Type", "text/xml")],
        body.as_bytes(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_follow_the_schema_pass() {
    let org = builder().strict(true).start().await.unwrap();
    for operation in [
        "<describeMetadata><asOfVersion>66.0</asOfVersion></describeMetadata>",
        "<listMetadata><queries><type>ExternalClientApplication</type></queries><queries><type>ExtlClntAppOauthSettings</type></queries><asOfVersion>66.0</asOfVersion></listMetadata>",
        r#"<createMetadata><metadata xsi:type="ExternalClientApplication"><fullName>A</fullName><contactEmail>a@example.com</contactEmail><distributionState>Local</distributionState><label>A</label></metadata></createMetadata>"#,
        "<retrieve><retrieveRequest><apiVersion>66.0</apiVersion><singlePackage>true</singlePackage><unpackaged><types><members>*</members><name>ExternalClientApplication</name></types><version>66.0</version></unpackaged></retrieveRequest></retrieve>",
    ] {
        let answer = post(&org, &envelope(&org, operation));
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
    }
    assert_eq!(org.components().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_deploys_are_checked_too() {
    let org = builder().strict(true).start().await.unwrap();
    let client = Client(&org);
    let answer = client.start_deploy(&Package::storefront().zip(), "{}");
    assert_eq!(answer.status, 400);
    assert!(
        answer
            .body
            .contains("the parts are file, entity_content, expected json, file"),
        "{}",
        answer.body
    );
    let bearer = format!("Bearer {}", client.token());
    for (options, expected) in [
        (
            r#"{"runAllTests":true}"#,
            "runAllTests is not in the schema",
        ),
        (
            r#"{"checkOnly":"true"}"#,
            "deployOptions/checkOnly: the value has another type",
        ),
        (r#"{"checkOnly":true}"#, "\"Pending\""),
    ] {
        let mut body = format!("--XX\r\nContent-Disposition: form-data; name=\"json\"\r\nContent-Type: application/json\r\n\r\n{{\"deployOptions\":{options}}}\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.zip\"\r\nContent-Type: application/zip\r\n\r\n").into_bytes();
        body.extend(Package::storefront().zip());
        body.extend(b"\r\n--XX--\r\n");
        let answer = send(
            org.address(),
            "POST",
            "/services/data/v66.0/metadata/deployRequest",
            &[
                ("Authorization", &bearer),
                ("Content-Type", "multipart/form-data; boundary=XX"),
            ],
            &body,
        );
        assert!(answer.body.contains(expected), "{options}: {}", answer.body);
    }
}
