//! Requests that are cheap to send must be cheap to refuse.

use std::fmt::Write as _;

use crate::fixture::{Client, storefront};
use crate::oauth::login::{CHALLENGE, at_noon, clock};
use crate::server::http::send;

const FORM: &str = "application/x-www-form-urlencoded";

/// Parameters with different names.
fn parameters(count: usize) -> String {
    let mut form = String::from("grant_type=x");
    for number in 1..count {
        write!(form, "&p{number}=").unwrap();
    }
    form
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_has_at_most_a_hundred_parameters() {
    let org = storefront(at_noon(&clock())).await;
    let client = Client(&org);
    let too_many = "400 invalid_request: more than 100 parameters";
    let long = format!("{0}=1&{0}=2", "n".repeat(500_000));
    let cut = format!(
        "400 invalid_request: duplicate parameter: {}",
        "n".repeat(64)
    );
    for (path, form, expected) in [
        (
            "/services/oauth2/token",
            parameters(100),
            "400 unsupported_grant_type: grant type not supported",
        ),
        ("/services/oauth2/token", parameters(101), too_many),
        ("/services/oauth2/token", parameters(80_000), too_many),
        (
            "/storefront/services/oauth2/token",
            parameters(80_000),
            too_many,
        ),
        (CHALLENGE, parameters(80_000), too_many),
        ("/services/oauth2/revoke", parameters(80_000), too_many),
        ("/services/oauth2/introspect", parameters(80_000), too_many),
        ("/services/oauth2/token", long, &cut),
    ] {
        let headers = [("Content-Type", FORM)];
        let answer = send(client.address(), "POST", path, &headers, form.as_bytes());
        assert_eq!(answer.error(), expected, "{path}");
    }
    // The pages too.
    for path in ["/services/oauth2/authorize", "/setup/connect"] {
        let headers = [("Content-Type", FORM)];
        let form = parameters(80_000);
        let answer = send(client.address(), "POST", path, &headers, form.as_bytes());
        assert!(
            matches!(answer.status, 200 | 400),
            "{path}: {}",
            answer.body
        );
    }
}
