//! The Metadata API's manners: sessions, versions, faults, and what real clients get wrong.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    fixture::{Client, Package, bot, builder, storefront},
    http::send,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_deploy_over_soap_in_the_shapes_of_real_clients() {
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

#[tokio::test(flavor = "multi_thread")]
async fn faults() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let jwt = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";
    for (version, session, operation, fault) in [
        (
            "66.0",
            "00D!wrong",
            "<describeMetadata/>",
            "INVALID_SESSION_ID",
        ),
        ("67.0", jwt, "<describeMetadata/>", "INVALID_SESSION_ID"),
        (
            "57.0",
            client.token(),
            "<describeMetadata/>",
            "UNSUPPORTED_API_VERSION",
        ),
        (
            "99.0",
            client.token(),
            "<describeMetadata/>",
            "UNSUPPORTED_API_VERSION",
        ),
        (
            "66.0",
            client.token(),
            "<deploy><DeployOptions/></deploy>",
            "INVALID_OPERATION",
        ),
        ("66.0", client.token(), "<frobnicate/>", "INVALID_OPERATION"),
        (
            "66.0",
            client.token(),
            "<checkDeployStatus><asyncProcessId>0Af000000000001AAA</asyncProcessId></checkDeployStatus>",
            "INVALID_CROSS_REFERENCE_KEY",
        ),
        (
            "66.0",
            client.token(),
            "<checkRetrieveStatus/>",
            "MALFORMED_ID",
        ),
        (
            "66.0",
            client.token(),
            "<listMetadata><queries><type>Nope</type></queries></listMetadata>",
            "INVALID_TYPE",
        ),
        ("66.0", client.token(), "<a><b></a>", "INVALID_SOAP_HEADER"),
    ] {
        let answer = client.soap_with(version, session, operation);
        assert_eq!(answer.status, 500, "{operation}");
        assert_eq!(
            answer.element("faultcode"),
            Some(format!("sf:{fault}").as_str()),
            "{operation}"
        );
        assert!(answer.element("faultstring").unwrap().starts_with(fault));
    }
    assert!(
        client
            .soap_with("66.0", jwt, "<describeMetadata/>")
            .body
            .contains("API version 68.0")
    );
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
async fn the_metadata_api_asks_for_a_permission() {
    const WORDS: &str = "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions";
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
        // Data is another matter.
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
            assert_eq!(rest.error(), format!("403 INSUFFICIENT_ACCESS: {WORDS}"));
            assert_eq!(soap.element("faultcode"), Some("sf:INSUFFICIENT_ACCESS"));
            let text = format!("INSUFFICIENT_ACCESS: {WORDS}");
            assert_eq!(soap.element("faultstring"), Some(text.as_str()));
        }
    }
}
