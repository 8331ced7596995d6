use std::time::{Duration, SystemTime};

use eca_http::Idempotency::{self, Idempotent, NotIdempotent};
use eca_http::{Attempts, Decision, Delivery, Outcome, RetryPolicy};
use http::HeaderValue;
use proptest::prelude::*;

const FIRST: Attempts = Attempts {
    count: 1,
    elapsed: Duration::from_millis(100),
};

fn responded(status: u16, after: Option<u64>) -> Outcome {
    let mut response = http::Response::new(());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    if let Some(seconds) = after {
        response.headers_mut().insert("retry-after", seconds.into());
    }
    Outcome::from_result(&Ok(response), SystemTime::UNIX_EPOCH)
}

fn failed(delivery: Delivery, transient: bool) -> Outcome {
    use eca_http::TransportError;
    use eca_http::TransportErrorKind::{RedirectRefused, Reset};
    let kind = if transient { Reset } else { RedirectRefused };
    let uri = "https://acme.my.salesforce.com/".parse().unwrap();
    let error = TransportError::new(kind, &http::Method::GET, &uri).with_delivery(delivery);
    Outcome::from_result::<()>(&Err(error), SystemTime::UNIX_EPOCH)
}

fn check(outcome: Outcome, idempotent: bool, not_idempotent: bool) {
    let policy = RetryPolicy::default();
    let again = |idempotency: Idempotency| {
        policy.decide(idempotency, outcome, FIRST, 7) != Decision::Return
    };
    assert_eq!(again(Idempotent), idempotent, "{outcome:?}, idempotent");
    assert_eq!(
        again(NotIdempotent),
        not_idempotent,
        "{outcome:?}, not idempotent"
    );
}

#[test]
fn retries_by_outcome_and_idempotency() {
    check(failed(Delivery::NotSent, true), true, true);
    check(failed(Delivery::Unknown, true), true, false);
    check(failed(Delivery::NotSent, false), false, false);
    check(failed(Delivery::Unknown, false), false, false);
    for status in [200, 201, 302, 400, 401, 403, 404, 409, 500, 501] {
        check(responded(status, None), false, false);
        check(responded(status, Some(1)), false, false);
    }
    for status in [420, 429, 503] {
        check(responded(status, None), true, false);
        check(responded(status, Some(1)), true, true);
    }
    for status in [408, 502, 504] {
        check(responded(status, None), true, false);
        check(responded(status, Some(1)), true, false);
    }
}

#[test]
fn attempts_and_deadline_end_the_retries() {
    let policy = RetryPolicy::default()
        .with_max_attempts(3)
        .with_deadline(Duration::from_mins(1));
    let decide = |outcome, count, secs| {
        let elapsed = Duration::from_secs(secs);
        policy.decide(Idempotent, outcome, Attempts { count, elapsed }, 0)
    };
    assert_ne!(decide(responded(503, None), 2, 1), Decision::Return);
    assert_eq!(decide(responded(503, None), 3, 1), Decision::Return);
    assert_eq!(decide(responded(503, None), 1, 60), Decision::Return);
    assert_eq!(
        decide(responded(503, Some(30)), 1, 10),
        Decision::RetryAfter(Duration::from_secs(30))
    );
    assert_eq!(decide(responded(503, Some(51)), 1, 10), Decision::Return);
    assert_eq!(
        decide(responded(503, Some(u64::MAX)), 1, 10),
        Decision::Return
    );

    let never = RetryPolicy::never();
    assert_eq!(
        never.decide(Idempotent, failed(Delivery::NotSent, true), FIRST, 0),
        Decision::Return
    );
    let once = RetryPolicy::default().without_response_retry();
    assert_eq!(
        once.decide(Idempotent, responded(503, Some(1)), FIRST, 0),
        Decision::Return
    );
    assert_ne!(
        once.decide(NotIdempotent, failed(Delivery::NotSent, true), FIRST, 0),
        Decision::Return
    );
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    // 1994-11-06T08:49:37Z, the date of RFC 9110 section 5.6.7.
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    for (text, expected) in [
        ("120", Some(120)),
        (" 0 ", Some(0)),
        ("99999999999999999999999", Some(u64::MAX)),
        ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
        ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
        ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
    ] {
        let mut response = http::Response::new(());
        let value = HeaderValue::from_str(text).unwrap();
        response.headers_mut().insert("retry-after", value);
        let Outcome::Response { retry_after, .. } = Outcome::from_result(&Ok(response), now) else {
            panic!("not a response")
        };
        assert_eq!(retry_after, expected.map(Duration::from_secs), "{text:?}");
    }
}

proptest! {
    #[test]
    fn waits_are_in_range(count in 1_u32..1000, random: u32, status in 100_u16..600) {
        let policy = RetryPolicy::default().with_max_attempts(u32::MAX);
        let attempts = Attempts { count, elapsed: Duration::ZERO };
        if let Decision::RetryAfter(wait) = policy.decide(Idempotent, responded(status, None), attempts, random) {
            let full = policy.base.saturating_mul(1 << (count - 1).min(20)).min(policy.cap);
            prop_assert!(wait >= full / 2 && wait <= full, "{wait:?} of {full:?}");
        }
    }
}
