//! The REST data API, the clock and the pace.

use std::time::{Duration, SystemTime};

use expect_test::expect;
use serde_json::json;

use crate::fixture::{Client, Package, builder, storefront};
use crate::oauth::login::{NOW, at_noon, clock};

#[tokio::test(flavor = "multi_thread")]
async fn queries_of_clients_that_log_in() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let query = |api: &str, text: &str| {
        let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        client.rest(
            "GET",
            &format!("/services/data/v66.0/{api}query?q={text}"),
            "",
        )
    };
    let organization = query("", "SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization").json();
    assert_eq!(organization["totalSize"], 1);
    assert_eq!(organization["records"][0]["IsSandbox"], false);
    assert_eq!(organization["records"][0]["Id"], json!(null));
    let user = query(
        "",
        "SELECT Id FROM User WHERE Username = 'ADMIN@embedded.example'",
    )
    .json();
    let id = user["records"][0]["Id"].as_str().unwrap().to_owned();
    // Old versions of the API answer simple requests.
    let record = client
        .rest(
            "GET",
            &format!("/services/data/v51.0/sobjects/User/{id}"),
            "",
        )
        .json();
    assert_eq!(record["Username"], "admin@embedded.example");
    let deploys = query(
        "tooling/",
        "SELECT Id, Status FROM DeployRequest ORDER BY CreatedDate DESC LIMIT 1",
    )
    .json();
    assert_eq!(deploys["records"][0]["Status"], "Succeeded");
    for (text, expected) in [
        (
            "SELECT Id FROM ScratchOrgInfo limit 1",
            expect!["400 INVALID_TYPE: sObject type 'ScratchOrgInfo' is not supported."],
        ),
        (
            "SELECT Shoes FROM User",
            expect!["400 INVALID_FIELD: No such column 'Shoes' on entity 'User'."],
        ),
        (
            "SELECT FROM User",
            expect!["400 MALFORMED_QUERY: unexpected token: expecting FROM"],
        ),
    ] {
        expected.assert_eq(&query("", text).error());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_describe_themselves() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let get = |path: &str| client.rest("GET", &format!("/services/data/v66.0/{path}"), "");
    let names = |list: &serde_json::Value| -> Vec<String> {
        let list = list.as_array().unwrap().iter();
        list.map(|row| row["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = get("sobjects").json();
    assert_eq!(
        names(&all["sobjects"]),
        [
            "ExternalClientApplication",
            "LoginHistory",
            "Network",
            "OauthToken",
            "Organization",
            "PermissionSetAssignment",
            "PermissionSetGroupComponent",
            "SetupAuditTrail",
            "SetupEntityAccess",
            "User"
        ]
    );
    let tooling = get("tooling/sobjects").json();
    assert_eq!(
        names(&tooling["sobjects"]),
        ["DeployRequest", "LoginHistory"]
    );
    let user = get("sobjects/user/describe").json();
    assert_eq!(user["name"], "User");
    assert!(names(&user["fields"]).contains(&"Username".to_owned()));
    // Typed clients require members that no one reads.
    for member in ["activateable", "keyPrefix", "urls", "labelPlural"] {
        assert!(all["sobjects"][0].get(member).is_some(), "{member}");
        assert!(user.get(member).is_some(), "{member}");
    }
    for member in [
        "soapType",
        "length",
        "picklistValues",
        "referenceTo",
        "type",
    ] {
        assert!(user["fields"][0].get(member).is_some(), "{member}");
    }
    assert_eq!(get("sobjects/Account/describe").status, 404);
    let history = get("tooling/query?q=SELECT+Status+FROM+LoginHistory");
    assert_eq!(history.status, 200, "{}", history.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_come_in_pages() {
    let org = storefront(builder()).await;
    let client = Client(&org);
    let query = "/services/data/v66.0/query?q=SELECT+Id+FROM+User";
    let before = client.rest("GET", query, "").json()["totalSize"].clone();
    let rows = usize::try_from(before.as_u64().unwrap()).unwrap() + 450;
    for number in 0..450 {
        org.create_integration_user(&format!("bot{number}@example.com"))
            .unwrap();
    }
    let mut url = query.to_owned();
    let mut seen = std::collections::BTreeSet::new();
    let mut sizes = Vec::new();
    loop {
        let page = client
            .rest_with(
                "GET",
                &url,
                "",
                &[("Sforce-Query-Options", "batchSize=200")],
            )
            .json();
        assert_eq!(page["totalSize"], rows);
        let records = page["records"].as_array().unwrap();
        sizes.push(records.len());
        seen.extend(records.iter().map(|row| row["Id"].to_string()));
        let Some(next) = page["nextRecordsUrl"].as_str() else {
            assert_eq!(page["done"], true);
            break;
        };
        assert_eq!(page["done"], false);
        url = next.to_owned();
    }
    assert_eq!((seen.len(), sizes.len()), (rows, rows.div_ceil(200)));
    for locator in ["01g000000000000009-200", "nope", "-", "01g-"] {
        let path = format!("/services/data/v66.0/query/{locator}");
        let refused = client.rest("GET", &path, "");
        assert_eq!(
            refused.error(),
            "400 INVALID_QUERY_LOCATOR: invalid query locator"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn soap_login_is_refused_as_a_login() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    for (path, namespace, words) in [
        (
            "u/66.0",
            "urn:fault.partner.soap.sforce.com",
            "not available in API version 66.0",
        ),
        (
            "u/59.0/00D",
            "urn:fault.partner.soap.sforce.com",
            "this org has no SOAP API login()",
        ),
        (
            "c/60.0",
            "urn:fault.enterprise.soap.sforce.com",
            "use OAuth",
        ),
    ] {
        let reply = client.rest("POST", &format!("/services/Soap/{path}"), "<x/>");
        assert_eq!(reply.status, 500, "{path}");
        for expected in [namespace, words, "<sf:exceptionCode>INVALID_OPERATION<"] {
            assert!(reply.body.contains(expected), "{path}: {}", reply.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_begins_at_the_given_time() {
    let start = SystemTime::UNIX_EPOCH + Duration::from_hours(499_656);
    let org = builder().starts_at(start).start().await.unwrap();
    let now = Client(&org).rest("GET", "/_org/clock", "").json();
    let now = now["now"].as_str().unwrap();
    assert!(now.starts_with("2027-01-01T00:0"), "{now}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_can_be_moved_over_http() {
    let clock = clock();
    let org = at_noon(&clock).start().await.unwrap();
    let client = Client(&org);
    let moved = client.rest("POST", "/_org/clock", r#"{"advance_seconds":3600}"#);
    assert_eq!(moved.status, 200, "{}", moved.body);
    let since = org
        .now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    assert_eq!(since.as_secs(), NOW + 3600);
    let set = client.rest("POST", "/_org/clock", r#"{"now":"2027-01-01T00:00:00Z"}"#);
    assert_eq!(set.json()["now"], "2027-01-01T00:00:00.000Z");
    assert_eq!(
        client.rest("GET", "/_org/clock", "").json()["now"],
        "2027-01-01T00:00:00.000Z"
    );
    assert_eq!(client.rest("POST", "/_org/clock", "{}").status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pace_can_be_changed_over_http() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    assert_eq!(
        client.rest("POST", "/_org/pace", r#"{"polls":2}"#).status,
        200
    );
    let started = client.start_deploy(
        &Package::storefront().zip(),
        r#"{"singlePackage":true,"rollbackOnError":true}"#,
    );
    let id = started.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(client.deploy_status(&id)["done"], false);
    assert_eq!(client.deploy_status(&id)["done"], true);
    assert_eq!(client.rest("POST", "/_org/pace", "{}").status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_org_can_be_filled_before_clients_connect() {
    let org = builder().start().await.unwrap();
    org.deploy(&Package::storefront().zip()).unwrap();
    assert_eq!(org.apps(), ["Storefront"]);
    let broken = Package::storefront().replace(crate::fixture::SETTINGS, "Api", "Telepathy");
    let refused = org.deploy(&broken.zip()).unwrap_err();
    assert_eq!(refused.reasons.len(), 1, "{refused}");
    assert!(refused.reasons[0].contains("Telepathy"));
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_resources_that_do_not_exist() {
    let org = builder().start().await.unwrap();
    let client = Client(&org);
    let rest = |method: &str, path: &str| client.rest(method, path, "{}");
    let listed = rest("GET", "/services/data/v66.0").json();
    let limits = rest("GET", listed["limits"].as_str().unwrap()).json();
    assert_eq!(limits["DailyApiRequests"]["Max"], 15_000);
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        for path in [
            "nowhere",
            "limits/x",
            "tooling/limits",
            "sobjects/User/x/y",
            "tooling/nowhere",
        ] {
            let answer = rest(method, &format!("/services/data/v66.0/{path}"));
            let expected = "404 NOT_FOUND: The requested resource does not exist";
            assert_eq!(answer.error(), expected, "{method} {path}");
        }
    }
    for path in ["limits", "query", "sobjects"] {
        let answer = rest("POST", &format!("/services/data/v66.0/{path}"));
        assert_eq!(answer.status, 405, "{path}");
    }
}
