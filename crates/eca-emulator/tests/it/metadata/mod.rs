//! The Metadata API for its clients: sessions, versions, faults, and deviating requests.

pub(crate) mod crud;
pub(crate) mod deploy;
pub(crate) mod destructive;
pub(crate) mod jobs;
pub(crate) mod pairs;
pub(crate) mod retrieve;
pub(crate) mod semantics;
pub(crate) mod strict;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fixture::{Client, Package, bot, builder, storefront};
use crate::server::http::{Answer, send};

#[tokio::test(flavor = "multi_thread")]
async fn deploys_over_soap_in_the_form_of_real_clients() {
    let zip = STANDARD.encode(Package::storefront().zip());
    for deploy in [
        // sf and jsforce
        format!(
            "<deploy><ZipFile>{zip}</ZipFile><DeployOptions><rollbackOnError>true</rollbackOnError><ignoreWarnings>false</ignoreWarnings><checkOnly>false</checkOnly><singlePackage>true</singlePackage><purgeOnDelete>false</purgeOnDelete></DeployOptions></deploy>"
        ),
        // ForceCLI and CumulusCI
        format!(
            "<deploy><zipFile>{zip}</zipFile><DeployOptions><runAllTests>false</runAllTests><singlePackage>true</singlePackage></DeployOptions></deploy>"
        ),
        // simple-salesforce
        format!(
            "<met:deploy xmlns:met=\"http://soap.sforce.com/2006/04/metadata\"><met:ZipFile>{zip}</met:ZipFile><met:DeployOptions><met:singlePackage>true</met:singlePackage></met:DeployOptions></met:deploy>"
        ),
    ] {
        let org = builder().start().await.unwrap();
        let client = Client(&org);
        let started = client.soap(&deploy);
        assert_eq!(started.element("state"), Some("Queued"), "{}", started.body);
        let id = started.element("id").unwrap();
        let done = client.soap(&format!("<checkDeployStatus><asyncProcessId>{id}</asyncProcessId><includeDetails>true</includeDetails></checkDeployStatus>"));
        assert_eq!(done.element("status"), Some("Succeeded"), "{}", done.body);
        assert!(
            done.body
                .contains("<componentType></componentType><created>false</created>")
        );
        assert!(done.body.contains("<fullName>package.xml</fullName>"));
        assert_eq!(done.element("numberComponentsDeployed"), Some("9"));
        assert_eq!(org.components().len(), 9);
    }
}

/// Checks that an operation fails with this code; returns the text of the fault.
fn check_fault(
    client: &Client<'_>,
    version: &str,
    session: &str,
    operation: &str,
    code: &str,
) -> String {
    let answer = client.soap_with(version, session, operation);
    assert_eq!(answer.status, 500, "{operation}");
    let expected = format!("sf:{code}");
    assert_eq!(
        answer.element("faultcode"),
        Some(expected.as_str()),
        "{operation}"
    );
    let text = answer.element("faultstring").unwrap();
    assert!(text.starts_with(code), "{text}");
    text.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_sessions_and_versions() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let jwt = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";
    for (version, session, code) in [
        ("66.0", "00D!wrong", "INVALID_SESSION_ID"),
        ("67.0", jwt, "INVALID_SESSION_ID"),
        ("57.0", client.token(), "UNSUPPORTED_API_VERSION"),
        ("99.0", client.token(), "UNSUPPORTED_API_VERSION"),
    ] {
        let text = check_fault(&client, version, session, "<describeMetadata/>", code);
        let names_the_version = text.contains("API version 68.0");
        assert_eq!(names_the_version, session == jwt, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_operations() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    for (operation, code) in [
        ("<deploy><DeployOptions/></deploy>", "INVALID_OPERATION"),
        ("<frobnicate/>", "INVALID_OPERATION"),
        (
            "<checkDeployStatus><asyncProcessId>0Af000000000001AAA</asyncProcessId></checkDeployStatus>",
            "INVALID_CROSS_REFERENCE_KEY",
        ),
        ("<checkRetrieveStatus/>", "MALFORMED_ID"),
        (
            "<listMetadata><queries><type>Nope</type></queries></listMetadata>",
            "INVALID_TYPE",
        ),
        ("<a><b></a>", "INVALID_SOAP_HEADER"),
    ] {
        check_fault(&client, "66.0", client.token(), operation, code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_errors() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let path = "/services/data/v66.0/metadata/deployRequest";
    for (method, path, token, expected) in [
        ("GET", path, "wrong", "401 INVALID_SESSION_ID"),
        ("GET", "/services/data/v66.0", "", "401 INVALID_SESSION_ID"),
        ("GET", path, client.token(), "405 METHOD_NOT_ALLOWED"),
        (
            "GET",
            &format!("{path}/0Af000000000000AAA"),
            client.token(),
            "404 NOT_FOUND",
        ),
        (
            "GET",
            "/services/data/v57.0/metadata/deployRequest/0Af",
            client.token(),
            "404 NOT_FOUND",
        ),
        (
            "GET",
            "/services/data/v66.0/tooling/sobjects/SourceMember/describe",
            client.token(),
            "404 NOT_FOUND",
        ),
        ("POST", path, client.token(), "400 JSON_PARSER_ERROR"),
        ("GET", "/nowhere", client.token(), "404 NOT_FOUND"),
    ] {
        let bearer = format!("Bearer {token}");
        let answer = send(
            client.address(),
            method,
            path,
            &[("Authorization", &bearer)],
            b"",
        );
        let error = answer.error();
        assert!(error.starts_with(expected), "{method} {path}: {error}");
    }
    let answer = client.start_deploy(b"zip", r#"{"checkOnly":7}"#);
    assert_eq!(
        answer.error(),
        "400 JSON_PARSER_ERROR: deployOptions.checkOnly has a value of another type"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn listing_and_describing() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let list = client.soap("<listMetadata><queries><type>ExternalClientApplication</type></queries><queries><type>NamedCredential</type></queries><asOfVersion>66.0</asOfVersion></listMetadata>");
    assert_eq!(list.body.matches("<result>").count(), 2);
    assert_eq!(
        list.element("fileName"),
        Some("externalClientApps/Storefront.eca")
    );
    let empty = client.soap(
        "<listMetadata><queries><type>ExternalClientApplication</type></queries></listMetadata>",
    );
    assert_eq!(empty.status, 200);
    let describe =
        client.soap("<describeMetadata><asOfVersion>66.0</asOfVersion></describeMetadata>");
    assert!(describe.body.contains("<metadataObjects><directoryName>externalClientApps</directoryName><inFolder>false</inFolder><metaFile>false</metaFile><suffix>eca</suffix><xmlName>ExternalClientApplication</xmlName></metadataObjects>"));
    let versions = client.rest("GET", "/services/data", "").json();
    assert_eq!(
        versions.as_array().unwrap().last().unwrap()["version"],
        "68.0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metadata_api_needs_a_permission() {
    const MESSAGE: &str = "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions";
    for (granted, is_welcome) in [
        (vec!["ExternalClientAppDeveloper"], false),
        (vec!["ModifyMetadata"], true),
        (vec!["ModifyAllData"], true),
    ] {
        let org = storefront(builder()).await;
        let client = Client(&org);
        let token = bot(&org, &granted);
        let bearer = format!("Bearer {token}");
        let path = "/services/data/v66.0/metadata/deployRequest/0Af000000000001AAA";
        let rest = send(
            org.address(),
            "GET",
            path,
            &[("Authorization", &bearer)],
            b"",
        );
        let soap = client.soap_with("66.0", &token, "<describeMetadata/>");
        // The data API does not need the permission.
        let path = "/services/data/v66.0/query?q=SELECT+Id+FROM+Organization";
        let data = send(
            org.address(),
            "GET",
            path,
            &[("Authorization", &bearer)],
            b"",
        );
        assert_eq!(data.status, 200);
        if is_welcome {
            assert_eq!((rest.status, soap.status), (404, 200), "{granted:?}");
        } else {
            assert_eq!(rest.error(), format!("403 INSUFFICIENT_ACCESS: {MESSAGE}"));
            assert_eq!(soap.element("faultcode"), Some("sf:INSUFFICIENT_ACCESS"));
            let text = format!("INSUFFICIENT_ACCESS: {MESSAGE}");
            assert_eq!(soap.element("faultstring"), Some(text.as_str()));
        }
    }
}

/// A request with the administrator's session in the form of a client: path below
/// `/services/Soap/m`, SOAPAction, the operation.
fn soap_in_form(client: &Client<'_>, path: &str, action: &str, operation: &str) -> Answer {
    let body = format!(
        r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:met="http://soap.sforce.com/2006/04/metadata"><e:Header><met:CallOptions><met:client>c</met:client></met:CallOptions><met:SessionHeader><met:sessionId>{}</met:sessionId></met:SessionHeader></e:Header><e:Body>{operation}</e:Body></e:Envelope>"#,
        client.token()
    );
    let path = format!("/services/Soap/m/{path}");
    let headers = [("Content-Type", "text/xml"), ("SOAPAction", action)];
    send(client.address(), "POST", &path, &headers, body.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn deviations_of_real_clients() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let zip = STANDARD.encode(Package::storefront().zip());
    let types =
        "<types><members>Storefront</members><name>ExternalClientApplication</name></types>";
    let turned =
        "<types><name>ExternalClientApplication</name><members>Storefront</members></types>";
    // DEPLOY and RETRIEVE are ids of such jobs.
    for (who, path, action, operation, expected) in [
        ("sf", "66.0", "\"\"", format!("<retrieve><request><apiVersion>66.0</apiVersion><unpackaged>{turned}<version>66.0</version></unpackaged></request></retrieve>"), "<state>Queued</state>"),
        ("sf, without includeZip", "66.0", "\"\"", "<checkRetrieveStatus><asyncProcessId>RETRIEVE</asyncProcessId></checkRetrieveStatus>".to_owned(), "<zipFile>UEs"),
        ("sf, options in an order of its own", "66.0", "\"\"", format!("<deploy><ZipFile>{zip}</ZipFile><DeployOptions><singlePackage>true</singlePackage><purgeOnDelete>false</purgeOnDelete><checkOnly>true</checkOnly></DeployOptions></deploy>"), "<state>Queued</state>"),
        ("sf, the name of the id", "66.0", "\"\"", "<cancelDeploy><id>DEPLOY</id></cancelDeploy>".to_owned(), "<cancelDeployResponse>"),
        ("cirrus, the name of the id", "66.0", "cancelDeploy", "<met:cancelDeploy><met:asyncProcessId>DEPLOY</met:asyncProcessId></met:cancelDeploy>".to_owned(), "<cancelDeployResponse>"),
        ("the WSDL, the name of the id", "66.0", "\"\"", "<met:cancelDeploy><met:String>DEPLOY</met:String></met:cancelDeploy>".to_owned(), "<cancelDeployResponse>"),
        ("cirrus, the name of the request", "66.0", "retrieve", format!("<met:retrieve><met:RetrieveRequest><met:apiVersion>66.0</met:apiVersion><met:unpackaged>{types}</met:unpackaged></met:RetrieveRequest></met:retrieve>").replace("<types>", "<met:types>").replace("</types>", "</met:types>").replace("members>", "met:members>").replace("</met:met:", "</met:").replace("name>", "met:name>"), "<state>Queued</state>"),
        ("the WSDL, the name of the request", "66.0", "\"\"", format!("<retrieve><retrieveRequest><apiVersion>66.0</apiVersion><singlePackage>true</singlePackage><unpackaged>{types}<version>66.0</version></unpackaged></retrieveRequest></retrieve>"), "<state>Queued</state>"),
        ("cirrus, empty options", "66.0", "deploy", format!("<met:deploy><met:ZipFile>{zip}</met:ZipFile><met:DeployOptions/></met:deploy>"), "<state>Queued</state>"),
        ("ForceCLI, the name of the zip", "66.0", "\"\"", format!("<deploy><zipFile>{zip}</zipFile><DeployOptions><singlePackage>true</singlePackage></DeployOptions></deploy>"), "<state>Queued</state>"),
        ("CumulusCI, an option that is gone, the org in the path", "66.0/ORG", "deploy", format!("<deploy><ZipFile>{zip}</ZipFile><DeployOptions><allowMissingFiles>false</allowMissingFiles><runAllTests>false</runAllTests><singlePackage>true</singlePackage></DeployOptions></deploy>"), "<state>Queued</state>"),
        ("busbar, an option that is gone", "66.0/", "\"\"", format!("<deploy><ZipFile>{zip}</ZipFile><DeployOptions><runAllTests>false</runAllTests><ignoreWarnings>true</ignoreWarnings></DeployOptions></deploy>"), "<state>Queued</state>"),
        ("simple-salesforce, REST's path and Python's words", "66.0/deployRequest", "deploy", format!("<met:deploy><met:ZipFile>{zip}</met:ZipFile><met:DeployOptions><met:checkOnly>False</met:checkOnly><met:singlePackage>True</met:singlePackage>None None</met:DeployOptions></met:deploy>"), "<state>Queued</state>"),
        ("simple-salesforce, the id in the path", "66.0/deployRequest/DEPLOY", "checkDeployStatus", "<met:checkDeployStatus><met:asyncProcessId>DEPLOY</met:asyncProcessId><met:includeDetails>true</met:includeDetails></met:checkDeployStatus>".to_owned(), "<componentSuccesses>"),
        ("no option at all for details", "66.0", "\"\"", "<checkDeployStatus><asyncProcessId>DEPLOY</asyncProcessId></checkDeployStatus>".to_owned(), "<numberComponentsDeployed>9<"),
    ] {
        let id = |operation: &str| {
            client.soap(operation).element("id").unwrap().to_owned()
        };
        let deploy = id(&format!("<deploy><ZipFile>{zip}</ZipFile><DeployOptions><singlePackage>true</singlePackage></DeployOptions></deploy>"));
        if !operation.contains("cancelDeploy") {
            client.soap(&format!("<checkDeployStatus><asyncProcessId>{deploy}</asyncProcessId></checkDeployStatus>"));
        }
        let retrieve = id(&format!("<retrieve><request><apiVersion>66.0</apiVersion><unpackaged>{types}</unpackaged></request></retrieve>"));
        let fill = |text: &str| {
            text.replace("DEPLOY", &deploy).replace("RETRIEVE", &retrieve).replace("ORG", org.org_id().as_str())
        };
        let answer = soap_in_form(&client, &fill(path), action, &fill(&operation));
        assert_eq!(answer.status, 200, "{who}: {}", answer.body);
        assert!(answer.body.contains(expected), "{who}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deploy_over_rest_in_the_form_of_cumulusci() {
    // The options come first, booleans are text, and the part names differ.
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let mut body = b"--XX\r\nContent-Disposition: form-data; name=\"json\"; filename=\"\"\r\nContent-Type: application/json\r\n\r\n".to_vec();
    body.extend(br#"{"deployOptions":{"allowMissingFiles":"false","checkOnly":"false","rollbackOnError":"true","singlePackage":"true","testLevel":"NoTestRun"}}"#);
    body.extend(b"\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"metadata.zip\"\r\nContent-Type: application/zip\r\n\r\n");
    body.extend(Package::storefront().zip());
    body.extend(b"\r\n--XX--\r\n");
    let bearer = format!("Bearer {}", client.token());
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "multipart/form-data; boundary=XX"),
    ];
    let path = "/services/data/v66.0/metadata/deployRequest";
    let started = send(client.address(), "POST", path, &headers, &body);
    assert_eq!(started.status, 201, "{}", started.body);
    let result = client.deploy_status(started.json()["id"].as_str().unwrap());
    assert_eq!(result["status"], "Succeeded");
    assert_eq!(result["rollbackOnError"], true);
    assert_eq!(org.components().len(), 9);
}
