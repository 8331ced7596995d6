//! Operations of several requests: lists by three types, reads by ten names.

use bytes::Bytes;
use eca_deploy::{ListQuery, list_metadata, read_metadata};
use eca_http::TransportErrorKind;

use crate::support::{ScriptedOrg, fault, soap};

#[tokio::test]
async fn lists_take_three_types_per_call_and_report_each_failure() {
    // The response depends on the request, since the calls run concurrently.
    let org = ScriptedOrg::with_handler(|request| {
        let body = String::from_utf8_lossy(request.body());
        if body.contains("<type>Bad</type>") {
            let refusal = fault("INVALID_TYPE", "Unknown type:Bad");
            return (500, "text/xml", refusal.into());
        }
        let components: Vec<_> = body
            .split("<type>")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap())
            .map(|kind| format!("<fullName>n</fullName><type>{kind}</type>"))
            .collect();
        let listed = soap("listMetadata", &components.join("</result><result>"));
        (200, "text/xml", Bytes::from(listed))
    });
    let queries = ["D", "Bad", "C", "B", "A"].map(ListQuery::new);
    let inventory = list_metadata(&org.client, &queries, 2).await;
    let components = inventory.components.iter();
    let kinds: Vec<_> = components
        .map(|component| component.kind.as_str())
        .collect();
    assert_eq!(kinds, ["A", "B", "C", "D"]);
    let failures: Vec<_> = inventory
        .failures
        .iter()
        .map(|(query, error)| format!("{}: {}", query.kind, error.api_error().unwrap()))
        .collect();
    assert_eq!(failures, ["Bad: INVALID_TYPE: Unknown type:Bad"]);
    // Two calls, and one for each of the three queries of the refused call.
    assert_eq!(org.requests().len(), 5);
}

#[tokio::test]
async fn a_call_without_a_response_ends_the_listing() {
    let org = ScriptedOrg::new();
    for _ in 0..20 {
        org.transport.fail(TransportErrorKind::Tls);
    }
    let queries = ["A", "B", "C", "D", "E", "F", "G"].map(ListQuery::new);
    let inventory = list_metadata(&org.client, &queries, 1).await;
    let failed: Vec<_> = inventory.failures.iter().map(|(query, _)| query).collect();
    assert_eq!(failed, queries.iter().collect::<Vec<_>>());
    assert_eq!(org.requests().len(), 1);
}

#[tokio::test]
async fn reading_many_takes_several_calls() {
    let org = ScriptedOrg::new();
    for _ in 0..2 {
        let body = soap("readMetadata", "<records><fullName>n</fullName></records>");
        org.xml(200, body);
    }
    let names = vec!["n".to_owned(); 11];
    let read = read_metadata(&org.client, "A", &names).await.unwrap();
    assert_eq!((read.len(), org.requests().len()), (2, 2));
}
