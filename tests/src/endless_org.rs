//! An org whose deploys end only when they are cancelled.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use crate::fake_org::{FakeOrg, Request};

/// A server that starts a deploy for every POST and reports it in progress until it is cancelled.
#[derive(Debug)]
pub struct EndlessOrg {
    org: FakeOrg,
    polls: mpsc::Receiver<()>,
}

impl EndlessOrg {
    /// The id of the deploy.
    pub const DEPLOY: &'static str = "0Af000000000001AAA";

    /// Starts it on a free port; it ends with the test process.
    pub fn start() -> Self {
        let (polled, polls) = mpsc::channel();
        let (polled, is_cancelled) = (Mutex::new(polled), AtomicBool::new(false));
        let org = FakeOrg::start(move |request, _| {
            if !request.path.contains("/metadata/") {
                let identity =
                    "https://login.salesforce.com/id/00D000000000001AAA/005000000000001AAA";
                return (200, format!(r#"{{"identity":"{identity}"}}"#));
            }
            if request.method == "PATCH" {
                is_cancelled.store(true, Ordering::SeqCst);
            }
            let done = is_cancelled.load(Ordering::SeqCst);
            let (code, status) = match (request.method.as_str(), done) {
                ("POST", _) => (201, "Pending"),
                (_, true) => (200, "Canceled"),
                (_, false) => {
                    // The receiver is gone when the test is over.
                    let _ = polled.lock().expect("no server thread panicked").send(());
                    (200, "InProgress")
                }
            };
            let id = Self::DEPLOY;
            let body = format!(
                r#"{{"id":"{id}","deployResult":{{"id":"{id}","status":"{status}","done":{done}}}}}"#
            );
            (code, body)
        });
        Self { org, polls }
    }

    /// The instance URL.
    pub fn url(&self) -> &str {
        &self.org.url
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.org.requests()
    }

    /// Waits for a poll of the deploy's status, at most a minute.
    pub fn wait_for_poll(&self) {
        let polled = self.polls.recv_timeout(Duration::from_mins(1));
        polled.expect("the program polls the deploy");
    }
}
