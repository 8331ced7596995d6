//! The minter: how often it signs.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use eca_attest::{
    Algorithm, ClientAttestation, Jti, MintError, Minter, PublicKey, SignError, Signer,
};

use crate::support::{CONSUMER_KEY, FixedIds, RSA_PEM, SITE, at, signers};

/// Seconds since 1970 at which the tests begin.
const T: u64 = 1_795_262_400;

/// Counts its signatures, and fails if the test requires it.
struct Counting {
    signer: Box<dyn Signer>,
    calls: Arc<AtomicUsize>,
    fails: Arc<AtomicUsize>,
}

impl Signer for Counting {
    fn algorithm(&self) -> Algorithm {
        Signer::algorithm(&*self.signer)
    }

    fn public_key(&self) -> &PublicKey {
        Signer::public_key(&*self.signer)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.fails.load(Ordering::SeqCst) > 0 {
            return Err(SignError::Failed("the device is not connected".into()));
        }
        self.signer.sign(message)
    }
}

struct Stage {
    minter: Minter,
    clock: Arc<AtomicU64>,
    calls: Arc<AtomicUsize>,
    fails: Arc<AtomicUsize>,
}

fn stage(id: Jti) -> Stage {
    let clock = Arc::new(AtomicU64::new(T));
    let calls = Arc::new(AtomicUsize::new(0));
    let fails = Arc::new(AtomicUsize::new(0));
    let signer = Counting {
        signer: signers(RSA_PEM).remove(0).1,
        calls: Arc::clone(&calls),
        fails: Arc::clone(&fails),
    };
    let attestation =
        ClientAttestation::new(CONSUMER_KEY.parse().unwrap(), SITE.parse().unwrap()).id(id);
    let time = Arc::clone(&clock);
    let now = move || at(time.load(Ordering::SeqCst));
    let minter = Minter::new(attestation, Box::new(signer), now, FixedIds(3));
    Stage {
        minter,
        clock,
        calls,
        fails,
    }
}

#[test]
fn a_token_is_cached_until_shortly_before_its_expiry() {
    let stage = stage(Jti::None);
    // The lifetime is three minutes, the margin thirty seconds.
    for (seconds, signed) in [
        (0, 1),
        (0, 1),
        (149, 1),
        (150, 2),
        (299, 2),
        (300, 3),
        // The clock was set back: a token from the future would be refused.
        (10, 4),
        (11, 4),
        (1_000_000, 5),
    ] {
        stage.clock.store(T + seconds, Ordering::SeqCst);
        let token = stage.minter.mint().unwrap();
        assert_eq!(stage.calls.load(Ordering::SeqCst), signed, "{seconds} s");
        let left = token.expires_at().unwrap().seconds() - T - seconds;
        assert!(left > 30 && left <= 180, "{seconds} s: {left} s left");
    }
    stage.minter.forget();
    stage.minter.mint().unwrap();
    assert_eq!(stage.calls.load(Ordering::SeqCst), 6);
}

#[test]
fn a_margin_is_at_most_half_of_the_lifetime() {
    let stage = stage(Jti::None);
    let minter = stage.minter.margin(Duration::from_hours(1));
    for (seconds, signed) in [(0, 1), (89, 1), (90, 2)] {
        stage.clock.store(T + seconds, Ordering::SeqCst);
        minter.mint().unwrap();
        assert_eq!(stage.calls.load(Ordering::SeqCst), signed, "{seconds} s");
    }
}

#[test]
fn a_token_with_a_jti_is_never_cached() {
    for id in [Jti::Fresh, Jti::Given("once".to_owned())] {
        let stage = stage(id);
        let tokens: Vec<_> = (0..4).map(|_| stage.minter.mint().unwrap()).collect();
        assert_eq!(stage.calls.load(Ordering::SeqCst), 4);
        assert!(!Arc::ptr_eq(&tokens[0], &tokens[1]));
    }
}

#[test]
fn a_burst_is_one_signature() {
    let stage = stage(Jti::None);
    for round in 1..=3 {
        let barrier = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    barrier.wait();
                    for _ in 0..50 {
                        stage.minter.mint().unwrap();
                    }
                });
            }
        });
        assert_eq!(stage.calls.load(Ordering::SeqCst), round);
        stage.clock.fetch_add(1000, Ordering::SeqCst);
    }
}

#[test]
fn a_token_that_one_thread_drops_is_dropped_for_all() {
    let stage = stage(Jti::None);
    let own = stage.minter.mint().unwrap();
    std::thread::scope(|scope| {
        let (request, requests) = std::sync::mpsc::channel::<()>();
        let (reply, replies) = std::sync::mpsc::channel();
        let minter = &stage.minter;
        scope.spawn(move || {
            for () in requests {
                reply.send(minter.mint().unwrap()).unwrap();
            }
        });
        let other = || {
            request.send(()).unwrap();
            replies.recv().unwrap()
        };
        assert!(Arc::ptr_eq(&other(), &own));
        assert_eq!(stage.calls.load(Ordering::SeqCst), 1, "one for both");

        minter.forget();
        other();
        assert_eq!(stage.calls.load(Ordering::SeqCst), 2, "a new token");
        minter.mint().unwrap();
        assert_eq!(stage.calls.load(Ordering::SeqCst), 2, "again one for both");
        drop(request);
    });
}

#[test]
fn a_failure_is_not_cached() {
    let stage = stage(Jti::None);
    stage.fails.store(1, Ordering::SeqCst);
    let failed = stage.minter.mint().unwrap_err();
    assert!(matches!(failed, MintError::Sign(_)));
    stage.fails.store(0, Ordering::SeqCst);
    stage.minter.mint().unwrap();
    assert_eq!(stage.calls.load(Ordering::SeqCst), 2);
}
