//! SFDX auth URLs, as the Salesforce CLI writes and reads them.

use eca_oauth::{ClientSecret, RefreshToken, SfdxAuthUrl};
use proptest::prelude::*;

use crate::support::LEAK;

fn check(text: &str, expected: &str) {
    let shown = match text.parse::<SfdxAuthUrl>() {
        Ok(url) => {
            assert!(!format!("{url:?}").contains(LEAK));
            let secret = url.client_secret.as_ref();
            format!(
                "{} {} {} {}",
                url.client_id,
                secret.map_or("-", ClientSecret::expose_secret),
                url.refresh_token.expose_secret(),
                url.login_url
            )
        }
        Err(error) => {
            assert!(!format!("{error:?}{error}").contains(LEAK));
            error.to_string()
        }
    };
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn parsed_as_by_the_salesforce_cli() {
    let plain = "PlatformCLI - LEAK.x https://acme.my.salesforce.com";
    for text in [
        "force://PlatformCLI::LEAK.x@acme.my.salesforce.com",
        "  force://PlatformCLI::LEAK.x@acme.my.salesforce.com\r\n",
        "\u{feff}force://PlatformCLI::LEAK.x@acme.my.salesforce.com",
        "force://PlatformCLI::LEAK.x@acme.my.salesforce.com/",
        "force://PlatformCLI::LEAK.x@acme.my.salesforce.com/services/x?y=z",
        r#"{"sfdxAuthUrl":"force://PlatformCLI::LEAK.x@acme.my.salesforce.com"}"#,
        r#"{"status":0,"result":{"sfdxAuthUrl":"force://PlatformCLI::LEAK.x@acme.my.salesforce.com"}}"#,
    ] {
        check(text, plain);
    }
    check(
        "force://3MVG9.x_y-z==:LEAK=:LEAK==@acme.my.salesforce.com:8443",
        "3MVG9.x_y-z== LEAK= LEAK== https://acme.my.salesforce.com:8443",
    );
    check(
        "force://id::LEAK@localhost:7717",
        "id - LEAK http://localhost:7717",
    );
    let no_client = "sfdx auth url has no client id; log in again with `sf org login web`";
    check("force://:LEAK@acme.my.salesforce.com", no_client);
    check("force://::LEAK@acme.my.salesforce.com", no_client);
    let scheme = "sfdx auth url does not begin with force://";
    check("https://LEAK", scheme);
    check("{}", scheme);
    check("{", scheme);
    check("", scheme);
    let parts = "sfdx auth url is not force://CLIENT_ID:CLIENT_SECRET:REFRESH_TOKEN@HOST";
    check("force://LEAK@acme.my.salesforce.com", parts);
    check("force://a:b:c:LEAK@acme.my.salesforce.com", parts);
    check("force://a:b:LEAK", parts);
    check(
        "force://a:b:@acme.my.salesforce.com",
        "sfdx auth url has a character in its refresh token that the salesforce cli does not accept",
    );
    check(
        "force://a:b:LEAK===@acme.my.salesforce.com",
        "sfdx auth url has a character in its refresh token that the salesforce cli does not accept",
    );
    check(
        "force://a:b/c:LEAK@acme.my.salesforce.com",
        "sfdx auth url has a character in its client secret that the salesforce cli does not accept",
    );
    check(
        "force://a::b@",
        "sfdx auth url has a host that cannot be used",
    );
    check(
        r#"{"result":{"sfdxAuthUrl":"[REDACTED]"}}"#,
        "sfdx auth url is [REDACTED]; print it with `sf org auth show-sfdx-auth-url`",
    );
}

#[test]
fn a_rotated_token_replaces_the_old_one() {
    for text in [
        "force://PlatformCLI::LEAK@acme.my.salesforce.com",
        "force://id:s=:LEAK@acme.my.salesforce.com:8443",
    ] {
        let url: SfdxAuthUrl = text.parse().unwrap();
        let next = RefreshToken::new("next").unwrap();
        assert_eq!(*url.with_token(&next), text.replace("LEAK", "next"));
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "(force://)?\\PC*") {
        let _ = text.parse::<SfdxAuthUrl>();
    }
}
