//! A transport to a real server that loses, delays and falsifies what passes.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use eca_http::testing::ManualTimer;
use eca_http::{
    BoxFuture, Delivery, ReqwestTransport, Timer as _, Transport, TransportError,
    TransportErrorKind,
};
use fastrand::Rng;
use http::{Method, Request, Response};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// No connection.
    Refuse,
    /// The connection ends in the middle of the request.
    CutRequest,
    /// The server acts, and the connection ends before its answer.
    CutAnswer,
    /// The server acts, and half of its answer comes, as if it were all.
    HalfAnswer,
    /// The client hears nothing; the server gets the request later.
    Late,
    /// The server acts, and a gateway answers in its place.
    GatewayAfter,
    /// A gateway answers, and the server gets nothing.
    GatewayBefore,
    /// The server is busy; with or without `Retry-After`.
    Busy,
    /// A page for people, with status 200.
    Page,
    /// The connection stays open, and nothing comes.
    Hold,
    /// The server acts, the connection stays open, and nothing comes.
    HoldAfter,
}

const FAULTS: &[Fault] = &[
    Fault::Refuse,
    Fault::CutRequest,
    Fault::CutAnswer,
    Fault::HalfAnswer,
    Fault::Late,
    Fault::GatewayAfter,
    Fault::GatewayBefore,
    Fault::Busy,
    Fault::Page,
    Fault::Hold,
    Fault::HoldAfter,
];

/// The read time limit of the real transport.
const READ_LIMIT: Duration = Duration::from_mins(2);

/// What passed.
#[derive(Default)]
struct Log {
    /// Starts that the server got.
    starts: usize,
    faults: usize,
    /// Requests on their way, that arrive with the next one.
    late: Vec<Request<Bytes>>,
}

/// Bad weather between a client and a server. It follows the manual clock: a request is answered
/// at once, or its time limit passes on that clock.
pub(crate) struct Sky {
    inner: ReqwestTransport,
    timer: Arc<ManualTimer>,
    random: Mutex<Rng>,
    /// How many of ten requests meet a fault.
    rate: u8,
    log: Mutex<Log>,
}

impl Sky {
    pub(crate) fn new(timer: Arc<ManualTimer>, seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        Self {
            inner: ReqwestTransport::new("eca-weather", eca_http::Limits::default()).unwrap(),
            timer,
            rate: random.u8(1..=6),
            random: Mutex::new(random),
            log: Mutex::default(),
        }
    }

    /// Starts that the server got.
    pub(crate) fn starts(&self) -> usize {
        self.log().starts
    }

    pub(crate) fn faults(&self) -> usize {
        self.log().faults
    }

    /// Lets everything arrive that is on its way.
    pub(crate) fn clear(&self) {
        let late = std::mem::take(&mut self.log().late);
        for request in late {
            drop(self.forward(request));
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    fn forward(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if is_start(&request) {
            self.log().starts += 1;
        }
        // The client measures time on its manual clock, so that the answer has to be there at once.
        block_in_place(|| Handle::current().block_on(self.inner.send(request)))
    }

    fn pass(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.clear();
        let (fault, dice) = {
            let mut random = self.random.lock().unwrap();
            let is_fair = random.u8(0..10) >= self.rate;
            let fault = (!is_fair).then(|| FAULTS[random.usize(..FAULTS.len())]);
            (fault, random.u16(..))
        };
        let Some(fault) = fault else {
            return self.forward(request);
        };
        self.log().faults += 1;
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let error = |kind| TransportError::new(kind, &method, &uri);
        match fault {
            Fault::Refuse => Err(error(TransportErrorKind::Connect)),
            // The body of a request is taken whole by the system, so that this side cannot tell.
            Fault::CutRequest => Err(error(TransportErrorKind::Reset)),
            Fault::CutAnswer => {
                drop(self.forward(request));
                Err(error(TransportErrorKind::Reset))
            }
            Fault::HalfAnswer => self.forward(request).map(|response| {
                response.map(|body| {
                    let half = body.len() / 2;
                    body.slice(..half)
                })
            }),
            Fault::Late => {
                self.timer.advance(READ_LIMIT);
                self.log().late.push(request);
                Err(error(TransportErrorKind::ReadTimeout))
            }
            Fault::GatewayAfter => {
                drop(self.forward(request));
                Ok(page([502, 504][usize::from(dice % 2)], None))
            }
            Fault::GatewayBefore => Ok(page([502, 503, 504][usize::from(dice % 3)], None)),
            Fault::Busy => {
                let after = (dice % 2 == 0).then_some(dice % 30);
                Ok(page([429, 503][usize::from(dice / 256 % 2)], after))
            }
            Fault::Page => Ok(page(200, None)),
            Fault::Hold | Fault::HoldAfter => {
                if fault == Fault::HoldAfter {
                    drop(self.forward(request));
                }
                self.timer.advance(READ_LIMIT);
                let late = error(TransportErrorKind::ReadTimeout);
                Err(late.with_delivery(Delivery::Unknown))
            }
        }
    }
}

impl Transport for Sky {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move { self.pass(request) })
    }
}

fn page(status: u16, retry_after: Option<u16>) -> Response<Bytes> {
    let mut response = Response::builder()
        .status(status)
        .header("content-type", "text/html");
    if let Some(seconds) = retry_after {
        response = response.header("retry-after", seconds);
    }
    let body = "<!doctype html><title>Please wait</title><p>Log in to continue.";
    response.body(body.into()).unwrap()
}

/// Whether a request starts a deploy, over either API.
fn is_start(request: &Request<Bytes>) -> bool {
    if request.method() != Method::POST {
        return false;
    }
    let path = request.uri().path();
    let has = |words: &[u8]| {
        let mut windows = request.body().windows(words.len());
        windows.any(|window| window == words)
    };
    path.ends_with("/metadata/deployRequest")
        || path.contains("/Soap/m/") && (has(b"<deploy>") || has(b"<deployRecentValidation>"))
}

/// The clock of the org, which is that of the client.
#[derive(Debug)]
pub(crate) struct SharedClock(pub(crate) Arc<ManualTimer>);

impl eca_emulator::Clock for SharedClock {
    fn now(&self) -> std::time::SystemTime {
        self.0.now()
    }
}
