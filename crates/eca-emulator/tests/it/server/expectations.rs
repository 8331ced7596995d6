//! Observations of an org, and expectations of its clients.

use eca_emulator::{Expectation, Org};
use expect_test::expect;
use http::Method;

use crate::fixture::{APP, Client, USER, builder, storefront};
use crate::oauth::login::{CHALLENGE, HEADER, at_noon, attestation, clock, login};
use crate::server::http::send;

fn versions(org: &Org) {
    send(org.address(), "GET", "/services/data?x=secret", &[], b"");
}

#[tokio::test(flavor = "multi_thread")]
async fn expectations_that_are_met_and_unmet() {
    let org = builder().start().await.unwrap();
    let get = |path: &str| Expectation::request(Method::GET, path);
    org.expect(get("/services/data").times(1..=2));
    org.expect(get("/services/data").answered(200).times(2..));
    org.expect(Expectation::request(Method::POST, "/services/oauth2/token").times(0..1));
    let error = org.verify().unwrap_err();
    expect![[r#"
        GET …/services/data: expected 1 to 2 times, came 0 times
        GET …/services/data answered with 200: expected 2 times or more, came 0 times"#]]
    .assert_eq(&error.unmet.join("\n"));
    assert!(
        error
            .to_string()
            .starts_with("the org expected other requests: GET")
    );
    versions(&org);
    versions(&org);
    org.verify().unwrap();
    versions(&org);
    assert_eq!(org.verify().unwrap_err().unmet.len(), 1);
    let requests = org.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[0].path, "/services/data");
    assert_eq!(requests[0].status, Some(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn unverified_expectations_fail_when_the_org_is_dropped() {
    let org = builder().start().await.unwrap();
    org.expect(Expectation::request(Method::GET, "/never"));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(org)));
    let text = panic.unwrap_err().downcast::<String>().unwrap();
    assert!(
        text.contains("GET …/never: expected 1 times or more, came 0 times"),
        "{text}"
    );

    // Expectations are checked once.
    let org = builder().start().await.unwrap();
    org.expect(Expectation::request(Method::GET, "/never"));
    assert!(org.verify().is_err());
    drop(org);
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_and_mails_can_be_read() {
    let org = storefront(at_noon(&clock())).await;
    let client = Client(&org);
    let key = org.consumer_key(APP).unwrap();
    let mut fields = login(&key);
    fields.retain(|(name, _)| *name != "password");
    fields.push(("verification_method", "email"));
    client.form(CHALLENGE, &[(HEADER, &attestation(&org, "1"))], &fields);
    let mails = org.outbox();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, USER));
    assert_eq!(mails[0].otp.expose_secret().len(), 6);
    assert!(!format!("{mails:?}").contains(mails[0].otp.expose_secret()));
    fields.retain(|(name, _)| *name != "verification_method");
    fields.push(("password", "wrong"));
    client.form(CHALLENGE, &[(HEADER, &attestation(&org, "2"))], &fields);
    let logins = org.logins();
    assert_eq!(logins.len(), 1);
    assert_eq!(logins[0].status, "authentication failure");
    assert_eq!(logins[0].username, USER);
    assert_eq!(logins[0].source.to_string(), "127.0.0.1");
}
