//! The time of a response, and how far the local clock is from it.

use std::time::{Duration, SystemTime};

use eca_http::{ClockSkew, date};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn headers(date: &str) -> HeaderMap {
    let value = HeaderValue::from_bytes(date.as_bytes()).unwrap();
    HeaderMap::from_iter([(http::header::DATE, value)])
}

#[test]
fn skews() {
    use ClockSkew::{Ahead, Behind};
    let (second, nothing) = (Duration::from_secs(1), Duration::ZERO);
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (text, now, expected, shown) in [
        (date, at(784_111_777), Some(Ahead(nothing)), "0 s ahead"),
        (date, at(784_111_778), Some(Ahead(second)), "1 s ahead"),
        (date, at(784_111_776), Some(Behind(second)), "1 s behind"),
        (
            date,
            at(784_111_777) + Duration::from_millis(1999),
            Some(Ahead(Duration::from_millis(1999))),
            "1 s ahead",
        ),
        // The obsolete forms, which a client must read (RFC 9110 section 5.6.7).
        (
            "Sunday, 06-Nov-94 08:49:37 GMT",
            at(784_111_777),
            Some(Ahead(nothing)),
            "0 s ahead",
        ),
        (
            "Sun Nov  6 08:49:37 1994",
            at(784_111_777),
            Some(Ahead(nothing)),
            "0 s ahead",
        ),
        ("", at(0), None, ""),
        ("784111777", at(0), None, ""),
        ("Sun, 06 Nov 1994 08:49:37 MEZ", at(0), None, ""),
        ("Sönntag", at(0), None, ""),
    ] {
        let skew = ClockSkew::of(&headers(text), now);
        assert_eq!(skew, expected, "{text}");
        let text = skew.map(|skew| skew.to_string()).unwrap_or_default();
        assert_eq!(text, shown);
    }
    assert_eq!(ClockSkew::of(&HeaderMap::new(), at(0)), None);
}

proptest! {
    /// The skew leads from the server's time to the local one.
    #[test]
    fn a_skew_is_the_difference(server in 0_u64..=253_402_300_799, local in 0_u64..=253_402_300_799) {
        let headers = headers(&httpdate::fmt_http_date(at(server)));
        prop_assert_eq!(date(&headers), Some(at(server)));
        let back = match ClockSkew::of(&headers, at(local)).unwrap() {
            ClockSkew::Ahead(amount) => at(server) + amount,
            ClockSkew::Behind(amount) => at(server) - amount,
        };
        prop_assert_eq!(back, at(local));
    }
}
