//! Ctrl-C and SIGTERM.

use std::future::Future;
use std::pin::Pin;

/// The request to stop. It listens from its creation: a request between two waits is not lost.
pub(crate) struct Interrupt(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Interrupt {
    /// Starts to listen.
    pub(crate) fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let listeners = (
                signal(SignalKind::interrupt()),
                signal(SignalKind::terminate()),
            );
            if let (Ok(mut interrupt), Ok(mut terminate)) = listeners {
                return Self(Box::pin(async move {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                    }
                }));
            }
        }
        Self(Box::pin(async {
            // Without a handler the system ends the process.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        }))
    }

    /// Waits for the request. Cancel-safe.
    pub(crate) async fn requested(&mut self) {
        self.0.as_mut().await;
    }
}
