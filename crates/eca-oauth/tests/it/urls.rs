//! The URLs of sites, orgs and endpoints.

use eca_http::UrlRefused;
use eca_oauth::{
    InstanceUrl, InvalidUrl, LoginUrl, ServerMetadata, SiteUrl, TokenEndpoint, UrlProblem,
    check_audience,
};

use proptest::prelude::*;

use crate::support::chain;

fn check<T: ToString>(parsed: Result<T, InvalidUrl>, expected: Result<&str, UrlProblem>) {
    let parsed = parsed.map(|url| url.to_string());
    assert_eq!(parsed.as_deref().map_err(InvalidUrl::problem), expected);
}

#[test]
fn site_urls() {
    use UrlProblem::{LoginHost, NotAbsolute, OrgHost, QueryOrFragment, Refused};
    let check = |text: &str, expected| check(text.parse::<SiteUrl>(), expected);

    check("https://acme.my.site.com", Ok("https://acme.my.site.com"));
    check(
        "https://ACME.my.site.com/portal/",
        Ok("https://acme.my.site.com/portal"),
    );
    check(
        "https://acme--dev.sandbox.my.site.com/a/b",
        Ok("https://acme--dev.sandbox.my.site.com/a/b"),
    );
    check("https://portal.acme.com", Ok("https://portal.acme.com"));
    check(
        "http://127.0.0.1:8080/storefront",
        Ok("http://127.0.0.1:8080/storefront"),
    );

    check("https://login.salesforce.com", Err(LoginHost));
    check("https://LOGIN.salesforce.com./x", Err(LoginHost));
    check("https://test.salesforce.com/", Err(LoginHost));
    check("https://acme.my.salesforce.com", Err(OrgHost));
    check("https://acme--dev.sandbox.my.salesforce.com", Err(OrgHost));
    check("https://acme.lightning.force.com", Err(OrgHost));
    let instance = |text: &str| text.parse::<eca_oauth::InstanceUrl>();
    for host in ["acme", "acme--uat.sandbox"] {
        let refused = instance(&format!("https://{host}.lightning.force.com")).unwrap_err();
        assert_eq!(refused.problem(), UrlProblem::LightningHost);
        assert!(instance(&format!("https://{host}.my.salesforce.com")).is_ok());
    }
    check(
        "http://acme.my.site.com",
        Err(Refused(UrlRefused::PlainHttp)),
    );
    check(
        "https://me:pw@acme.my.site.com",
        Err(Refused(UrlRefused::UserInfo)),
    );
    check("ftp://acme.my.site.com", Err(Refused(UrlRefused::Scheme)));
    check("https://acme.my.site.com/?x=1", Err(QueryOrFragment));
    check("https://acme.my.site.com/#x", Err(QueryOrFragment));
    check("acme.my.site.com", Err(NotAbsolute));
    check("", Err(NotAbsolute));
}

#[test]
fn instances_and_endpoints() {
    let instance = |text: &str| text.parse::<InstanceUrl>();
    check(
        instance("https://acme.my.salesforce.com/"),
        Ok("https://acme.my.salesforce.com"),
    );
    check(
        instance("https://login.salesforce.com"),
        Err(UrlProblem::LoginHost),
    );
    let endpoint: TokenEndpoint = "https://login.salesforce.com/services/oauth2/token"
        .parse()
        .unwrap();
    assert!(endpoint.is_login_host());

    let site: SiteUrl = "http://127.0.0.1:8080/a/b/".parse().unwrap();
    assert_eq!(
        site.token_endpoint().as_str(),
        "http://127.0.0.1:8080/a/b/services/oauth2/token"
    );
    assert_eq!(
        site.userinfo_endpoint().as_str(),
        "http://127.0.0.1:8080/a/b/services/oauth2/userinfo"
    );
    assert_eq!(site.host(), "127.0.0.1:8080");
    let bare: SiteUrl = "https://acme.my.site.com".parse().unwrap();
    assert_eq!(
        bare.token_endpoint().as_str(),
        "https://acme.my.site.com/services/oauth2/token"
    );
    assert!(!bare.token_endpoint().is_login_host());
}

#[test]
fn the_well_known_part_goes_between_host_and_path() {
    for (site, expected) in [
        (
            "https://acme.my.site.com",
            "https://acme.my.site.com/.well-known/oauth-authorization-server",
        ),
        (
            "https://acme.my.site.com/portal/",
            "https://acme.my.site.com/.well-known/oauth-authorization-server/portal",
        ),
        (
            "http://127.0.0.1:1/a/b",
            "http://127.0.0.1:1/.well-known/oauth-authorization-server/a/b",
        ),
    ] {
        let request = ServerMetadata::request(&site.parse().unwrap());
        assert_eq!(request.uri().to_string(), expected);
    }
}

#[test]
fn errors_name_the_host_and_nothing_else() {
    let error = "https://me:LEAK@acme.my.site.com/LEAK"
        .parse::<SiteUrl>()
        .unwrap_err();
    assert_eq!(
        chain(&error),
        "site url acme.my.site.com cannot be used: \
         the url has a user name or password before the host"
    );
    assert!(!format!("{error:?}").contains("LEAK"));
}

#[test]
fn a_url_has_a_longest_length() {
    let long = |length: usize| format!("https://a.my.site.com/{}", "x".repeat(length - 22));
    assert!(long(2048).parse::<SiteUrl>().is_ok());
    let error = long(2049).parse::<SiteUrl>().unwrap_err();
    assert_eq!(error.problem(), UrlProblem::TooLong);
}

proptest! {
    #[test]
    fn endpoints_stay_on_their_site(text in "(https|http|x)://([a-z.]{1,9}|127.0.0.1|\\[::1\\])(:[0-9]{1,5})?(/\\PC{0,9}){0,4}") {
        if let Ok(site) = text.parse::<SiteUrl>() {
            let again: SiteUrl = site.as_str().parse().unwrap();
            prop_assert_eq!(&again, &site);
            let token = site.token_endpoint();
            prop_assert_eq!(token.as_str(), format!("{}/services/oauth2/token", site.as_str()));
            let metadata = ServerMetadata::request(&site);
            prop_assert_eq!(metadata.uri().authority(), site.uri().authority());
        }
    }
}

#[test]
fn audiences() {
    let (login, test) = (
        "https://login.salesforce.com",
        "https://test.salesforce.com",
    );
    for (audience, host, fits) in [
        (login, "https://acme.my.salesforce.com", true),
        (test, "https://acme--uat.sandbox.my.salesforce.com", true),
        (login, "https://login.salesforce.com", true),
        (login, "https://acme.my.site.com/portal", true),
        (login, "https://acme.my.salesforce.mil", true),
        (login, "http://127.0.0.1:1", true),
        (
            "https://login.salesforce.com/",
            "https://acme.my.salesforce.com",
            true,
        ),
        (login, "https://evil.example", false),
        (login, "https://salesforce.com.evil.example", false),
        (login, "https://evilsalesforce.com", false),
        (login, "https://my.site.com.evil.example", false),
        ("https://acme.example", "https://acme.example", true),
        (
            "https://acme.example/portal",
            "https://acme.example:443",
            true,
        ),
        ("https://acme.example", "https://acme.example:8443", false),
        ("https://acme.example", "https://other.example", false),
        // A My Domain is not a login host.
        (
            "https://acme.my.salesforce.com",
            "https://evil.my.salesforce.com",
            false,
        ),
        (
            "https://acme.my.salesforce.com",
            "http://127.0.0.1:1",
            false,
        ),
        (
            "https://login.salesforce.com.evil.example",
            "http://127.0.0.1:1",
            false,
        ),
    ] {
        let (audience, url) = (audience.parse().unwrap(), host.parse::<LoginUrl>().unwrap());
        let checked = check_audience(&audience, url.uri(), &[]);
        assert_eq!(checked.is_ok(), fits, "{audience} to {host}");
        if let Err(error) = checked {
            let error = error.to_string();
            assert!(error.contains(audience.as_str()), "{error}");
        }
        let allowed = [audience.clone()];
        assert!(check_audience(&audience, url.uri(), &allowed).is_ok());
    }
}
