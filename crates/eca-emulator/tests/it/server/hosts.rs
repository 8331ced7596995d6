//! The names under which the org answers, and what its pages allow a browser.

use eca_emulator::Org;

use crate::fixture::{APP, Client, builder, storefront};
use crate::oauth::login::CODE_CHALLENGE;
use crate::server::http::{Answer, exchange};

/// A request with these lines of hosts.
fn get(org: &Org, target: &str, hosts: &str) -> Answer {
    let token = Client(org).token().to_owned();
    let request = format!(
        "GET {target} HTTP/1.1\r\n{hosts}Authorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    exchange(org.address(), request.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_a_foreign_host_is_misdirected() {
    let org = builder().host("org.example.com").start().await.unwrap();
    for (target, hosts, expected) in [
        ("/_org/users", "Host: org.example.com:7000\r\n", 200),
        ("/_org/users", "Host: localhost\r\n", 200),
        ("/_org/users", "Host: 127.0.0.1:1\r\n", 200),
        ("/_org/users", "Host: [::1]:7000\r\n", 200),
        ("/services/data", "Host: login.salesforce.com\r\n", 200),
        ("http://localhost/_org/users", "Host: localhost\r\n", 200),
        ("/_org/users", "Host: evil.example\r\n", 421),
        ("/_org/users", "Host: 127.0.0.1.evil.example:7000\r\n", 421),
        (
            "/_org/users",
            "Host: localhost\r\nHost: evil.example\r\n",
            421,
        ),
        ("/_org/users", "", 421),
        ("http://evil.example/_org/users", "Host: localhost\r\n", 421),
        ("/services/data", "Host: evil.example\r\n", 421),
        ("/services/oauth2/authorize", "Host: evil.example\r\n", 421),
        ("/nowhere", "Host: evil.example\r\n", 421),
    ] {
        let answer = get(&org, target, hosts);
        assert_eq!(answer.status, expected, "{target} {hosts}: {}", answer.body);
        if expected == 421 {
            assert_eq!(
                answer.error(),
                "421 MISDIRECTED_REQUEST: This org answers for org.example.com and loopback names \
                 only; --host gives it another name"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_that_the_org_announces_reach_it() {
    for host in [None, Some("Org.Example.com"), Some("[2001:db8::7]")] {
        let mut builder = builder();
        if let Some(host) = host {
            builder = builder.host(host);
        }
        let org = builder.start().await.unwrap();
        let announced = org.instance_url().strip_prefix("http://").unwrap();
        let answer = get(&org, "/_org/users", &format!("Host: {announced}\r\n"));
        assert_eq!(answer.status, 200, "{announced}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_allow_no_script_and_no_frame() {
    let org = storefront(builder()).await;
    let key = org.consumer_key(APP).unwrap();
    let callback = "https%3A%2F%2Fwww.example.com%2Fcallback";
    let login = format!(
        "response_type=code&client_id={key}&redirect_uri={callback}&code_challenge={CODE_CHALLENGE}"
    );
    for (path, is_page) in [
        (format!("/services/oauth2/authorize?{login}"), true),
        (
            format!("/storefront/services/oauth2/authorize?{login}"),
            true,
        ),
        ("/services/oauth2/authorize".to_owned(), true),
        ("/setup/connect".to_owned(), true),
        ("/services/oauth2/userinfo".to_owned(), false),
        ("/services/data".to_owned(), false),
    ] {
        let answer = get(&org, &path, "Host: localhost\r\n");
        let has = |line: &str| answer.headers.lines().any(|header| header == line);
        assert!(has("x-content-type-options: nosniff"), "{path}");
        let policy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";
        assert_eq!(
            has(&format!("content-security-policy: {policy}")),
            is_page,
            "{path}"
        );
        assert_eq!(has("x-frame-options: DENY"), is_page, "{path}");
        assert_eq!(answer.headers.contains("text/html"), is_page, "{path}");
        // What the policy forbids is not used.
        for forbidden in ["<script", "<style", " style=", " onload=", "<img", "<base"] {
            assert!(!answer.body.contains(forbidden), "{path}: {forbidden}");
        }
        // No other origin may read an answer.
        assert!(!answer.headers.contains("access-control-"), "{path}");
    }
}
