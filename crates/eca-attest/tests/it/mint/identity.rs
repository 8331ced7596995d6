//! The values that consumer keys, audiences, lifetimes and dates accept.

use std::time::{Duration, UNIX_EPOCH};

use eca_attest::{Audience, ClientId, DateError, Lifetime, LifetimeError, NumericDate};

use crate::support::at;

#[test]
fn audiences_keep_their_text() {
    for good in [
        "https://login.salesforce.com",
        "https://login.salesforce.com/",
        "HTTPS://Storefront.My.Site.com/Path",
        "https://storefront.my.site.com:8443/a/b",
        "http://localhost:8080/storefront",
        "http://127.0.0.1:1717",
        "http://127.9.9.9",
        "http://[::1]:80/x",
        "https://[2001:db8::1]",
    ] {
        assert_eq!(good.parse::<Audience>().unwrap().as_str(), good);
    }
}

#[test]
fn other_texts_are_no_audiences() {
    for (bad, reason) in [
        ("", "is not an https URL"),
        ("login.salesforce.com", "is not an https URL"),
        ("ftp://login.salesforce.com", "is not an https URL"),
        ("https:/login.salesforce.com", "is not an https URL"),
        ("http://login.salesforce.com", "is for this machine only"),
        ("http://localhost.example.com", "is for this machine only"),
        ("http://127.0.0.1.example.com", "is for this machine only"),
        ("http://[::2]", "is for this machine only"),
        ("https://", "has no valid host"),
        ("https:///path", "has no valid host"),
        ("https:\\\\host", "is not an https URL"),
        ("https://host\\path", "has no valid host"),
        ("https://ex%61mple.com", "has no valid host"),
        ("http://127.1", "has no valid host"),
        ("https://host:99999", "has no valid host"),
        ("https://host:", "has no valid host"),
        ("https://[::1", "has no valid host"),
        ("https://[::1]x", "has no valid host"),
        ("https://user@host", "a user name"),
        ("https://user:password@host", "a user name"),
        ("https://host/?a=b", "a query"),
        ("https://host/#top", "a fragment"),
        ("https://host/ ", "a blank"),
        ("https://hóst/", "outside of ASCII"),
        (
            &format!("https://host/{}", "a".repeat(2048)),
            "more than 2048",
        ),
    ] {
        let error = bad.parse::<Audience>().unwrap_err().to_string();
        assert!(error.contains(reason), "{bad:?}: {error}");
        assert!(!error.contains("password"), "{error}");
    }
}

#[test]
fn client_ids() {
    let good = "3MVG9_example.KEY";
    assert_eq!(good.parse::<ClientId>().unwrap().to_string(), good);
    let long = "x".repeat(257);
    for (bad, reason) in [
        ("", "is empty"),
        (" 3MVG9", "position 1"),
        ("3MVG9\n", "position 6"),
        ("3MVÜ", "position 4"),
        (&long, "257 characters"),
    ] {
        let error = bad.parse::<ClientId>().unwrap_err().to_string();
        assert!(error.contains(reason), "{bad:?}: {error}");
        let json = serde_json::to_string(bad).unwrap();
        let error = serde_json::from_str::<ClientId>(&json).unwrap_err();
        assert!(error.to_string().contains(reason), "{bad:?}: {error}");
    }
}

#[test]
fn lifetimes_have_a_minimum_and_a_maximum() {
    let lifetime = |duration| Lifetime::try_from(duration);
    assert_eq!(Lifetime::default().as_duration(), Duration::from_mins(3));
    assert_eq!(lifetime(Duration::from_mins(5)), Ok(Lifetime::MAX));
    let whole = lifetime(Duration::from_millis(1999)).unwrap();
    assert_eq!(whole.as_duration(), Duration::from_secs(1));
    assert_eq!(
        lifetime(Duration::from_millis(999)),
        Err(LifetimeError::TooShort)
    );
    let long = lifetime(Duration::from_millis(300_001)).unwrap_err();
    assert!(matches!(long, LifetimeError::TooLong(_)));
    let long = lifetime(Duration::from_mins(6)).unwrap_err();
    assert_eq!(
        long.to_string(),
        "a token lifetime of 360s is more than the allowed 300s"
    );
}

#[test]
fn dates_have_a_range() {
    let date = NumericDate::try_from(at(1_795_262_400)).unwrap();
    assert_eq!(date.to_string(), "2026-11-21T12:00:00Z");
    assert_eq!(date.to_system_time(), at(1_795_262_400));
    assert_eq!(
        NumericDate::try_from(UNIX_EPOCH - Duration::from_secs(1)),
        Err(DateError::BeforeEpoch)
    );
    assert!(NumericDate::try_from(at(99_999_999_999)).is_ok());
    assert_eq!(
        NumericDate::try_from(at(1_795_262_400_000)),
        Err(DateError::TooLate)
    );
}
