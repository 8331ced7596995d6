//! The asynchronous minter, polled by hand, with a signer that waits for the test.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use eca_attest::{
    Algorithm, AsyncMinter, AsyncSigner, ClientAttestation, Jti, MintError, PublicKey, SignError,
    SignedJwt, Signer, Signing,
};

use crate::support::{CONSUMER_KEY, FixedIds, RSA_PEM, SITE, at, signers};

/// Seconds since 1970 at which the tests begin.
const T: u64 = 1_795_262_400;

/// The state of a remote device.
#[derive(Default)]
struct Device {
    /// The number of signatures that were started.
    started: AtomicUsize,
    /// The number of signatures that were dropped before their end.
    dropped: AtomicUsize,
    /// The number of signatures that may finish.
    released: AtomicUsize,
    fails: AtomicUsize,
    waiting: Mutex<Vec<Waker>>,
}

impl Device {
    fn release(&self) {
        self.released.fetch_add(1, Ordering::SeqCst);
        for waker in self.waiting.lock().unwrap().drain(..) {
            waker.wake();
        }
    }

    fn started(&self) -> usize {
        self.started.load(Ordering::SeqCst)
    }
}

struct Remote {
    signer: Box<dyn Signer>,
    device: Arc<Device>,
}

impl AsyncSigner for Remote {
    fn algorithm(&self) -> Algorithm {
        Signer::algorithm(&*self.signer)
    }

    fn public_key(&self) -> &PublicKey {
        Signer::public_key(&*self.signer)
    }

    fn sign_async<'a>(&'a self, message: &'a [u8]) -> Signing<'a> {
        let turn = self.device.started.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(OneSignature {
            remote: self,
            message,
            turn,
            over: false,
        })
    }
}

struct OneSignature<'a> {
    remote: &'a Remote,
    message: &'a [u8],
    turn: usize,
    over: bool,
}

impl Future for OneSignature<'_> {
    type Output = Result<Vec<u8>, SignError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let device = &self.remote.device;
        if device.released.load(Ordering::SeqCst) < self.turn {
            device.waiting.lock().unwrap().push(context.waker().clone());
            return Poll::Pending;
        }
        let made = if device.fails.load(Ordering::SeqCst) > 0 {
            Err(SignError::Failed("the device is not connected".into()))
        } else {
            self.remote.signer.sign(self.message)
        };
        self.over = true;
        Poll::Ready(made)
    }
}

impl Drop for OneSignature<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.remote.device.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }
}

type Minted = Result<Arc<SignedJwt>, Arc<MintError>>;

/// A task that counts how often it is woken.
struct Task<'a> {
    future: Pin<Box<dyn Future<Output = Minted> + Send + 'a>>,
    woken: Arc<Woken>,
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl<'a> Task<'a> {
    fn new(minter: &'a AsyncMinter) -> Task<'a> {
        Task {
            // Boxed as `Send`: a runtime may move it between threads.
            future: Box::pin(minter.mint()),
            woken: Arc::default(),
        }
    }

    fn poll(&mut self) -> Option<Minted> {
        let waker = Waker::from(Arc::clone(&self.woken));
        match self.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(minted) => Some(minted),
            Poll::Pending => None,
        }
    }

    fn token(&mut self) -> Arc<SignedJwt> {
        self.poll().unwrap().unwrap()
    }
}

struct Stage {
    minter: AsyncMinter,
    device: Arc<Device>,
    clock: Arc<AtomicU64>,
}

fn stage(id: Jti) -> Stage {
    let device = Arc::new(Device::default());
    let clock = Arc::new(AtomicU64::new(T));
    let remote = Remote {
        signer: signers(RSA_PEM).remove(0).1,
        device: Arc::clone(&device),
    };
    let attestation =
        ClientAttestation::new(CONSUMER_KEY.parse().unwrap(), SITE.parse().unwrap()).id(id);
    let time = Arc::clone(&clock);
    let now = move || at(time.load(Ordering::SeqCst));
    Stage {
        minter: AsyncMinter::new(attestation, Box::new(remote), now, FixedIds(3)),
        device,
        clock,
    }
}

#[test]
fn a_burst_is_one_signature() {
    let stage = stage(Jti::None);
    for round in 1..=3 {
        let mut tasks: Vec<_> = (0..8).map(|_| Task::new(&stage.minter)).collect();
        assert!(tasks.iter_mut().all(|task| task.poll().is_none()));
        assert_eq!(stage.device.started(), round, "one signature for all");
        stage.device.release();
        for task in &tasks {
            assert!(
                task.woken.0.load(Ordering::SeqCst) > 0,
                "every task is woken"
            );
        }
        let first = tasks[0].token();
        assert!(
            tasks[1..]
                .iter_mut()
                .all(|task| Arc::ptr_eq(&task.token(), &first))
        );
        // The token is cached until shortly before its expiry.
        for (seconds, signed) in [(0, round), (149, round)] {
            stage.clock.fetch_add(seconds, Ordering::SeqCst);
            assert!(Arc::ptr_eq(&Task::new(&stage.minter).token(), &first));
            assert_eq!(stage.device.started(), signed);
        }
        stage.clock.fetch_add(1, Ordering::SeqCst);
    }
    stage.minter.forget();
    assert!(Task::new(&stage.minter).poll().is_none(), "not cached");
}

#[test]
fn a_margin_is_at_most_half_of_the_lifetime() {
    let stage = stage(Jti::None);
    let minter = stage.minter.margin(Duration::from_hours(1));
    (0..2).for_each(|_| stage.device.release());
    for (seconds, signed) in [(0, 1), (89, 1), (90, 2)] {
        stage.clock.store(T + seconds, Ordering::SeqCst);
        Task::new(&minter).token();
        assert_eq!(stage.device.started(), signed, "{seconds} s");
    }
}

/// The other tasks are woken and get the token.
#[test]
fn the_first_task_stops_waiting() {
    let stage = stage(Jti::None);
    let (mut first, mut second) = (Task::new(&stage.minter), Task::new(&stage.minter));
    assert!(first.poll().is_none() && second.poll().is_none());
    drop(first);
    stage.device.release();
    assert!(second.woken.0.load(Ordering::SeqCst) > 0);
    second.token();
    assert_eq!(stage.device.started(), 1);
    assert_eq!(stage.device.dropped.load(Ordering::SeqCst), 0);
}

/// The signing is dropped, and the next call starts a new one at its own time.
#[test]
fn all_tasks_stop_waiting() {
    let stage = stage(Jti::None);
    let mut tasks: Vec<_> = (0..3).map(|_| Task::new(&stage.minter)).collect();
    assert!(tasks.iter_mut().all(|task| task.poll().is_none()));
    drop(tasks);
    assert_eq!(stage.device.dropped.load(Ordering::SeqCst), 1);
    stage.clock.fetch_add(3600, Ordering::SeqCst);
    let mut late = Task::new(&stage.minter);
    assert!(late.poll().is_none());
    assert_eq!(stage.device.started(), 2);
    stage.device.release();
    stage.device.release();
    assert_eq!(late.token().expires_at().unwrap().seconds(), T + 3600 + 180);
    // A task that is never polled starts no signature.
    drop(Task::new(&stage.minter));
    assert_eq!(stage.device.started(), 2);
}

#[test]
fn all_waiting_tasks_get_a_failure_and_it_is_not_cached() {
    let stage = stage(Jti::None);
    stage.device.fails.store(1, Ordering::SeqCst);
    let mut tasks: Vec<_> = (0..3).map(|_| Task::new(&stage.minter)).collect();
    assert!(tasks.iter_mut().all(|task| task.poll().is_none()));
    stage.device.release();
    let failed = tasks[0].poll().unwrap().unwrap_err();
    assert!(matches!(&*failed, MintError::Sign(_)));
    // The others have not been polled yet. A new call does not get their failure.
    stage.device.fails.store(0, Ordering::SeqCst);
    let mut next = Task::new(&stage.minter);
    assert!(next.poll().is_none());
    assert_eq!(stage.device.started(), 2);
    for task in &mut tasks[1..] {
        assert!(Arc::ptr_eq(&task.poll().unwrap().unwrap_err(), &failed));
    }
    stage.device.release();
    next.token();
}

#[test]
fn a_token_with_a_jti_is_never_shared() {
    let stage = stage(Jti::Fresh);
    let (mut first, mut second) = (Task::new(&stage.minter), Task::new(&stage.minter));
    assert!(first.poll().is_none() && second.poll().is_none());
    assert_eq!(stage.device.started(), 2);
    stage.device.release();
    stage.device.release();
    assert!(!Arc::ptr_eq(&first.token(), &second.token()));
}

/// [`Minter`](eca_attest::Minter) has the same test.
#[test]
fn threads_share_one_signature() {
    let stage = stage(Jti::None);
    (0..64).for_each(|_| stage.device.release());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let waker = Waker::noop();
                    let mut minted = pin!(stage.minter.mint());
                    // Pending: another thread is signing. It would wake this task; the test polls
                    // again instead.
                    while minted
                        .as_mut()
                        .poll(&mut Context::from_waker(waker))
                        .is_pending()
                    {
                        std::thread::yield_now();
                    }
                }
            });
        }
    });
    assert_eq!(stage.device.started(), 1);
}
