use eca_http::redact;
use http::{HeaderMap, HeaderValue};

#[test]
fn urls_lose_the_values_of_their_query() {
    for (url, shown) in [
        ("https://a.my.site.com/p", "https://a.my.site.com/p"),
        (
            "https://a.my.site.com:8443/?a=SECRET",
            "https://a.my.site.com:8443/?a=…",
        ),
        (
            "https://a.my.site.com/p?SECRET",
            "https://a.my.site.com/p?…",
        ),
        (
            "https://a.my.site.com/p?a=SECRET&b=SECRET&SECRET",
            "https://a.my.site.com/p?a=…&b=…&…",
        ),
        (
            "https://u:SECRET@a.my.site.com/p",
            "https://a.my.site.com/p",
        ),
        ("/relative?x=SECRET", "/relative?x=…"),
    ] {
        assert_eq!(redact::url(&url.parse().unwrap()).to_string(), shown);
    }
}

#[test]
fn headers_without_secrets_show_their_values() {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer SECRET"));
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert(
        "oauth-client-attestation",
        HeaderValue::from_static("eyJ.SECRET"),
    );
    headers.insert("set-cookie", HeaderValue::from_static("sid=SECRET"));
    let mut marked = HeaderValue::from_static("SECRET");
    marked.set_sensitive(true);
    headers.insert("server", marked);
    headers.insert("date", HeaderValue::from_bytes(b"\xff").unwrap());
    assert_eq!(
        redact::headers(&headers).to_string(),
        "authorization: …, content-type: application/json, oauth-client-attestation: …, \
         set-cookie: …, server: …, date: …"
    );
}
