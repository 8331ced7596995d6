//! Retrieves, and zips that are lost.

use base64::Engine as _;
use eca_deploy::{MissingMember, RetrieveError, RetrieveOptions, Retrieved, retrieve};
use eca_http::TransportErrorKind;
use eca_model::{ApiVersion, ComponentName, Manifest};
use expect_test::expect;

use crate::support::{RETRIEVE, ScriptedOrg, fault, files, soap, zip_of};

fn manifest() -> Manifest {
    let mut manifest = Manifest::new(ApiVersion::new(66));
    manifest.insert(&ComponentName::new("ExternalClientApplication", "Shop"));
    manifest.insert(&ComponentName::new("NamedCredential", "*"));
    manifest
}

fn retrieve_started() -> String {
    soap(
        "retrieve",
        &format!("<done>false</done><id>{RETRIEVE}</id><state>Queued</state>"),
    )
}

fn state(done: bool, status: &str, more: &str) -> String {
    soap(
        "checkRetrieveStatus",
        &format!(
            "<done>{done}</done>{more}<status>{status}</status><success>{}</success>",
            status == "Succeeded"
        ),
    )
}

fn zip() -> String {
    let app = files("Local").remove(0).1;
    let zip = zip_of(&[
        (
            "unpackaged/package.xml",
            b"<Package><version>66.0</version></Package>",
        ),
        ("unpackaged/externalClientApps/Shop.eca", &app),
    ]);
    base64::engine::general_purpose::STANDARD.encode(zip)
}

fn delivered(messages: &str) -> String {
    state(
        true,
        "Succeeded",
        &format!("{messages}<zipFile>{}</zipFile>", zip()),
    )
}

async fn run(org: &ScriptedOrg) -> Result<Retrieved, RetrieveError> {
    retrieve(&org.client, &manifest(), &RetrieveOptions::default()).await
}

#[tokio::test]
async fn polls_without_the_zip_and_fetches_it_once() {
    let org = ScriptedOrg::new();
    org.xml(200, retrieve_started())
        .xml(200, state(false, "Pending", ""))
        .xml(
            500,
            fault("UNKNOWN_EXCEPTION", "Unexpected internal servlet state"),
        )
        .xml(200, state(true, "Succeeded", ""))
        .xml(200, delivered(""));
    let retrieved = run(&org).await.unwrap();
    assert_eq!((retrieved.reissued, retrieved.missing.len()), (0, 0));
    let project = retrieved.into_project();
    assert_eq!(project.components().len(), 1);
    assert_eq!(
        project.components()[0].path(),
        "unpackaged/externalClientApps/Shop.eca"
    );
    expect![[r#"
        [
            "POST /services/Soap/m/66.0 retrieve",
            "POST /services/Soap/m/66.0 checkRetrieveStatus",
            "POST /services/Soap/m/66.0 checkRetrieveStatus",
            "POST /services/Soap/m/66.0 checkRetrieveStatus",
            "POST /services/Soap/m/66.0 checkRetrieveStatus with zip",
        ]"#]]
    .assert_eq(&format!("{:#?}", org.requests()));
}

#[tokio::test]
async fn a_lost_zip_is_retrieved_again() {
    let org = ScriptedOrg::new();
    org.xml(200, retrieve_started())
        .xml(200, state(true, "Succeeded", ""))
        .transport
        .fail(TransportErrorKind::Reset);
    org.xml(200, retrieve_started())
        .xml(200, state(true, "Succeeded", ""))
        .xml(200, state(true, "Succeeded", "<zipFile xsi:nil=\"true\"/>"))
        .xml(200, retrieve_started())
        .xml(200, state(true, "Succeeded", ""))
        .xml(200, delivered(""));
    assert_eq!(run(&org).await.unwrap().reissued, 2);
}

#[tokio::test]
async fn a_lost_zip_is_retrieved_three_times_at_most() {
    let org = ScriptedOrg::new();
    for _ in 0..3 {
        org.xml(200, retrieve_started())
            .xml(200, state(true, "Succeeded", ""))
            .xml(200, state(true, "Succeeded", ""));
    }
    let error = run(&org).await.unwrap_err();
    assert!(matches!(error, RetrieveError::ZipLost { .. }) && error.is_retryable());
    assert_eq!(org.transport.remaining(), 0);
}

#[tokio::test]
async fn a_zip_that_is_too_large_is_not_retrieved_again() {
    let org = ScriptedOrg::new();
    org.xml(200, retrieve_started())
        .xml(200, state(true, "Succeeded", ""))
        .transport
        .fail(TransportErrorKind::BodyTooLarge(10));
    assert!(matches!(
        run(&org).await.unwrap_err(),
        RetrieveError::Call(_)
    ));
    assert_eq!(org.requests().len(), 3);
}

#[tokio::test]
async fn missing_members_are_an_error_unless_allowed() {
    let message = "<messages><fileName>unpackaged/package.xml</fileName><problem>Entity of type 'NamedCredential' \
                   named 'Nope' cannot be found</problem></messages>";
    let script = |org: &ScriptedOrg| {
        org.xml(200, retrieve_started())
            .xml(200, state(true, "Succeeded", message))
            .xml(200, delivered(message));
    };
    let mut manifest = manifest();
    manifest.insert(&ComponentName::new("NamedCredential", "Nope"));
    manifest.insert(&ComponentName::new("PermissionSet", "Silent"));
    let org = ScriptedOrg::new();
    script(&org);
    let error = retrieve(&org.client, &manifest, &RetrieveOptions::default())
        .await
        .unwrap_err();
    expect!["the retrieve is not complete: Entity of type 'NamedCredential' named 'Nope' cannot be found; PermissionSet:Silent was not retrieved, and the org gives no reason"].assert_eq(&error.to_string());

    script(&org);
    let mut options = RetrieveOptions::default();
    options.allow_missing = true;
    let retrieved = retrieve(&org.client, &manifest, &options).await.unwrap();
    assert_eq!(retrieved.missing.len(), 2);
    assert!(matches!(retrieved.missing[1], MissingMember::Silent(_)));
}

#[tokio::test]
async fn failures_have_reasons() {
    let org = ScriptedOrg::new();
    org.xml(200, retrieve_started()).xml(
        200,
        state(
            true,
            "Failed",
            "<errorMessage>gone</errorMessage><errorStatusCode>UNKNOWN_EXCEPTION</errorStatusCode>",
        ),
    );
    let error = run(&org).await.unwrap_err();
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(reason, "UNKNOWN_EXCEPTION: gone");

    let org = ScriptedOrg::new();
    org.xml(500, fault("INVALID_SESSION_ID", "Invalid Session ID"));
    let error = run(&org).await.unwrap_err();
    assert!(error.is_auth() && !error.is_retryable());

    let org = ScriptedOrg::new();
    org.xml(200, retrieve_started())
        .xml(200, state(true, "Succeeded", ""))
        .xml(200, state(true, "Succeeded", "<zipFile>QUJD</zipFile>"));
    assert!(matches!(
        run(&org).await.unwrap_err(),
        RetrieveError::Archive { .. }
    ));
}

/// A manifest may name any type.
#[tokio::test]
async fn files_of_other_types_are_listed() {
    let zip = zip_of(&[
        ("unpackaged/package.xml", b"<Package/>"),
        (
            "unpackaged/externalClientApps/Shop.eca",
            &files("Local").remove(0).1,
        ),
        ("unpackaged/classes/Handler.cls", b"class Handler {}"),
        ("unpackaged/classes/Handler.cls-meta.xml", b"<ApexClass/>"),
        ("unpackaged/certs/Login.crt", b"-"),
    ]);
    let zip = base64::engine::general_purpose::STANDARD.encode(zip);
    let org = ScriptedOrg::new();
    org.xml(200, retrieve_started())
        .xml(200, state(true, "Succeeded", ""))
        .xml(
            200,
            state(true, "Succeeded", &format!("<zipFile>{zip}</zipFile>")),
        );
    let retrieved = run(&org).await.unwrap();
    let others: Vec<_> = retrieved.other_files().collect();
    let class = "unpackaged/classes/Handler.cls";
    assert_eq!(others, [class, &format!("{class}-meta.xml")]);
}
