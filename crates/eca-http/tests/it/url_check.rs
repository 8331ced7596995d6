use eca_http::{UrlRefused, check_url, is_loopback};

fn check(url: &str, expected: Result<(), UrlRefused>) {
    let uri = url.parse::<http::Uri>().unwrap();
    assert_eq!(check_url(&uri), expected, "{url}");
}

#[test]
fn https_and_loopback_only() {
    use UrlRefused::{NotAbsolute, PlainHttp, Scheme, UserInfo};

    check("https://acme.my.salesforce.com", Ok(()));
    check("https://acme.my.site.com:8443/portal?x=1", Ok(()));
    check("https://192.0.2.1/", Ok(()));
    check("http://localhost/", Ok(()));
    check("http://LOCALHOST:1/", Ok(()));
    check("http://127.0.0.1:8080/x", Ok(()));
    check("http://127.8.9.1/", Ok(()));
    check("http://[::1]:1/", Ok(()));

    check("http://acme.my.salesforce.com/", Err(PlainHttp));
    check("http://localhost.example.com/", Err(PlainHttp));
    check("http://127.0.0.1.example.com/", Err(PlainHttp));
    check("http://0.0.0.0/", Err(PlainHttp));
    check("http://[::ffff:127.0.0.1]/", Err(PlainHttp));
    check("http://192.168.0.1/", Err(PlainHttp));
    // Other spellings of 127.0.0.1 (URL standard), which the transport reads in the same way.
    check("http://2130706433/", Ok(()));
    check("http://0x7f.0.0.1/", Ok(()));
    check("http://0177.0.0.1/", Ok(()));
    check("http://127.1/", Ok(()));
    // Names that begin or end like one of this machine.
    check("http://localhost./", Err(PlainHttp));
    check("http://evil-localhost/", Err(PlainHttp));
    check("http://[::127.0.0.1]/", Err(PlainHttp));

    check("https://127.0.0.1@example.com/", Err(UserInfo));
    check("https://user:word@acme.my.salesforce.com/", Err(UserInfo));
    check("http://localhost@example.com/", Err(UserInfo));
    check("ftp://acme.my.salesforce.com/", Err(Scheme));
    check("file://example.com/etc/passwd", Err(Scheme));
    check("file://localhost/etc/passwd", Err(NotAbsolute));
    check("/services/data", Err(NotAbsolute));
    check("localhost:80", Err(NotAbsolute));
}

#[test]
fn loopback_is_an_address_or_localhost() {
    for (url, expected) in [
        ("https://localhost/", true),
        ("http://127.0.0.1/", true),
        ("https://example.com/", false),
        ("/", false),
    ] {
        assert_eq!(is_loopback(&url.parse().unwrap()), expected, "{url}");
    }
}
