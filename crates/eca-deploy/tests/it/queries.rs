//! What an org is asked beside the Metadata API: requests, pages, and what a response may say.

use eca_deploy::{
    Client, CredentialPrincipal, Error, app_access, app_records, credential_principals,
    has_oauth_users, has_user_permission, oauth_tokens, oauth_usage, permission_set_holders,
    setup_audit_trail, stored_credential, users,
};
use expect_test::{Expect, expect};

use crate::support::ScriptedOrg;

/// Answers with the bodies in turn, and compares the requests.
async fn check<T: std::fmt::Debug>(
    bodies: &[&str],
    call: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    requests: Expect,
    result: Expect,
) {
    let org = ScriptedOrg::new();
    for body in bodies {
        org.transport
            .answer(200, "application/json", (*body).to_owned());
    }
    let found = call(&org.client).await;
    let sent = org.requests().into_iter().map(|request| {
        let request = request.replace("/services/data/v66.0", "");
        percent_decoded(&request)
    });
    requests.assert_eq(&sent.collect::<Vec<_>>().join("\n"));
    match found {
        Ok(found) => result.assert_eq(&format!("{found:?}")),
        Err(error) => result.assert_eq(&error.to_string()),
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        if *first == b'%' {
            let hex = std::str::from_utf8(&more[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &more[2..];
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn queries_have_every_page() {
    check(
        &[
            r#"{"totalSize":3,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-2",
                "records":[{"attributes":{},"Id":"0xI1","DeveloperName":"Shop","MasterLabel":"The Shop","NamespacePrefix":null},
                           {"Id":"0xI2","DeveloperName":"Bank","NamespacePrefix":"acme"}]}"#,
            r#"{"totalSize":3,"done":true,"records":[{"Id":"0xI3","DeveloperName":"Post"}]}"#,
        ],
        async |client| app_records(client).await,
        expect![[r#"
            GET /query?q=SELECT Id, DeveloperName, MasterLabel, NamespacePrefix FROM ExternalClientApplication
            GET /query/01g-2"#]],
        expect![[r#"QueryRows { rows: [AppRecord { id: "0xI1", developer_name: "Shop", label: "The Shop", namespace: None }, AppRecord { id: "0xI2", developer_name: "Bank", label: "Bank", namespace: Some("acme") }, AppRecord { id: "0xI3", developer_name: "Post", label: "Post", namespace: None }], is_complete: true, org_time: None }"#]],
    )
    .await;
}

#[tokio::test]
async fn what_is_missing_is_said() {
    // Rows that the org keeps back, and a page of another host.
    check(
        &[r#"{"totalSize":3000,"done":true,"records":[{"AppName":"Shop","UserId":"005"}]}"#],
        async |client| oauth_tokens(client, &["O'Shop".to_owned()]).await,
        expect![[r#"GET /query?q=SELECT AppName, UserId, LastUsedDate FROM OauthToken WHERE AppName IN ('O\'Shop')"#]],
        expect![[r#"QueryRows { rows: [OauthTokenRecord { app_name: "Shop", user_id: "005", last_used: None }], is_complete: false, org_time: None }"#]],
    )
    .await;
    check(
        &[r#"{"totalSize":3,"done":false,"nextRecordsUrl":"https://evil.example/","records":[]}"#],
        async |client| setup_audit_trail(client, 5).await,
        expect!["GET /query?q=SELECT Action, Section, Display, CreatedDate, CreatedBy.Username FROM SetupAuditTrail ORDER BY CreatedDate DESC LIMIT 5"],
        expect!["the response to the query on SetupAuditTrail request (HTTP 200, application/json) is not the API's: its next page is not one of the API"],
    )
    .await;
    check(
        &["{}"],
        async |client| users(client, &["a@b.example".to_owned()]).await,
        expect!["GET /query?q=SELECT Id, Username, IsActive FROM User WHERE Username IN ('a@b.example')"],
        expect!["the response to the query on User request (HTTP 200, application/json) is not the API's: it is not the result of a query"],
    )
    .await;
}

#[tokio::test]
async fn a_server_that_never_ends_is_left() {
    let page = r#"{"totalSize":9,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-1","records":[{"Id":"0xI1","DeveloperName":"Shop"}]}"#;
    let org = ScriptedOrg::always(200, "application/json", page);
    let found = app_records(&org.client).await.unwrap();
    assert!(!found.is_complete);
    assert_eq!(org.requests().len(), 100);
    let page = r#"{"apps":[{"developerName":"Shop","identifier":"0xI1"}],"nextPageUrl":"/services/data/v66.0/apps/oauth/usage?page=1"}"#;
    let org = ScriptedOrg::always(200, "application/json", page);
    assert!(!oauth_usage(&org.client).await.unwrap().is_complete);
    assert_eq!(org.requests().len(), 100);
}

#[tokio::test]
async fn access_and_its_holders() {
    check(
        &[r#"{"totalSize":2,"done":true,"records":[
            {"SetupEntityId":"0xI1","ParentId":"0PS1","Parent":{"Name":"Shoppers","IsOwnedByProfile":false,"Profile":null}},
            {"SetupEntityId":"0xI1","ParentId":"0PS2","Parent":{"Name":"X00e","IsOwnedByProfile":true,"Profile":{"Name":"System Administrator"}}}]}"#],
        async |client| app_access(client).await,
        expect!["GET /query?q=SELECT SetupEntityId, ParentId, Parent.Name, Parent.IsOwnedByProfile, Parent.Profile.Name FROM SetupEntityAccess WHERE SetupEntityType = 'ExternalClientApplication'"],
        expect![[r#"QueryRows { rows: [AppAccess { app_id: "0xI1", permission_set_id: "0PS1", granted_by: PermissionSet("Shoppers") }, AppAccess { app_id: "0xI1", permission_set_id: "0PS2", granted_by: Profile("System Administrator") }], is_complete: true, org_time: None }"#]],
    )
    .await;
    // One user holds the set twice, alone and in a group.
    check(
        &[
            r#"{"totalSize":1,"done":true,"records":[{"AssigneeId":"0051","PermissionSet":{"Name":"A"}}]}"#,
            r#"{"totalSize":1,"done":true,"records":[{"PermissionSetGroupId":"0PG1","PermissionSet":{"Name":"A"}}]}"#,
            r#"{"totalSize":2,"done":true,"records":[{"AssigneeId":"0051","PermissionSetGroupId":"0PG1"},{"AssigneeId":"0052","PermissionSetGroupId":"0PG1"}]}"#,
        ],
        async |client| permission_set_holders(client, &["A".to_owned(), "B".to_owned()]).await,
        expect![[r#"
            GET /query?q=SELECT AssigneeId, PermissionSet.Name FROM PermissionSetAssignment WHERE IsActive = true AND Assignee.IsActive = true AND PermissionSet.Name IN ('A', 'B')
            GET /query?q=SELECT PermissionSetGroupId, PermissionSet.Name FROM PermissionSetGroupComponent WHERE PermissionSet.Name IN ('A', 'B')
            GET /query?q=SELECT AssigneeId, PermissionSetGroupId FROM PermissionSetAssignment WHERE IsActive = true AND Assignee.IsActive = true AND PermissionSetGroupId IN ('0PG1')"#]],
        expect![[r#"QueryRows { rows: [PermissionSetHolder { permission_set: "A", user_id: "0051" }, PermissionSetHolder { permission_set: "A", user_id: "0052" }], is_complete: true, org_time: None }"#]],
    )
    .await;
    check(
        &[r#"{"totalSize":0,"done":true,"records":[]}"#],
        async |client| has_user_permission(client, "005' OR Id != '", "View=Setup").await,
        expect![[r#"GET /query?q=SELECT COUNT() FROM PermissionSetAssignment WHERE AssigneeId = '005\' OR Id != \'' AND PermissionSet.PermissionsViewSetup = true"#]],
        expect!["false"],
    )
    .await;
}

#[tokio::test]
async fn connect_rest() {
    check(
        &[
            r#"{"apps":[{"developerName":"Shop","identifier":"0xI1"}],"currentPageUrl":"/services/data/v66.0/apps/oauth/usage?page=0","nextPageUrl":"/services/data/v66.0/apps/oauth/usage?page=1"}"#,
            r#"{"apps":[],"currentPageUrl":"/services/data/v66.0/apps/oauth/usage?page=1","nextPageUrl":"/services/data/v66.0/apps/oauth/usage?page=2"}"#,
        ],
        async |client| oauth_usage(client).await,
        expect![[r#"
            GET /apps/oauth/usage?page=0&pageSize=100
            GET /apps/oauth/usage?page=1"#]],
        expect![[r#"UsageList { apps: [AppUsage { developer_name: "Shop", identifier: "0xI1" }], is_complete: true }"#]],
    )
    .await;
    for (body, expected) in [
        (r#"{"users":[],"nextPageUrl":"/x"}"#, expect!["false"]),
        // Whatever the list is called.
        (
            r#"{"people":[{"id":"005"}],"nextPageUrl":"/x"}"#,
            expect!["true"],
        ),
    ] {
        check(
            &[body],
            async |client| has_oauth_users(client, "0xI1").await,
            expect!["GET /apps/oauth/usage/0xI1/users?page=0&pageSize=1"],
            expected,
        )
        .await;
    }
    check(
        &[r#"{"developerName":"Bank","principals":[{"principalName":"Shop & Co","principalType":"NamedPrincipal"}]}"#],
        async |client| {
            let found: Vec<CredentialPrincipal> = credential_principals(client, "a/../b").await?;
            Ok(found)
        },
        expect!["GET /named-credentials/external-credentials/a/../b"],
        expect![[r#"[CredentialPrincipal { name: "Shop & Co", kind: "NamedPrincipal" }]"#]],
    )
    .await;
}

#[tokio::test]
async fn names_of_stored_credentials_and_no_values() {
    let principals =
        r#"{"principals":[{"principalName":"Shop & Co","principalType":"NamedPrincipal"}]}"#;
    let credential = r#"{"authenticationStatus":"Unknown","credentials":{"Key":{"encrypted":true,"value":"hush"},"Tenant":{"encrypted":false,"value":"eu"}}}"#;
    check(
        &[principals, credential],
        async |client| {
            let principals = credential_principals(client, "Bank").await?;
            stored_credential(client, "Bank", &principals[0]).await
        },
        expect![[r#"
            GET /named-credentials/external-credentials/Bank
            GET /named-credentials/credential?externalCredential=Bank&principalName=Shop & Co&principalType=NamedPrincipal"#]],
        expect![[r#"StoredCredential { names: ["Key", "Tenant"], status: Some("Unknown") }"#]],
    )
    .await;
}
