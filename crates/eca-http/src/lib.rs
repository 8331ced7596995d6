//! HTTP for the eca crates: a transport trait, a transport over reqwest, a retry policy, redaction.
//!
//! It does not know what is sent: no OAuth, no Salesforce API, no JSON. Operations elsewhere are
//! pure functions to a `http::Request` and pure readers of a `http::Response<Bytes>`; this
//! crate carries them over.
//!
//! - [`Body`] is what a request carries: bytes, or chunks that are made while they are sent.
//! - [`Transport`] sends one request; [`ReqwestTransport`] does it over TLS, with limits on time and
//!   size, without following redirects, and only to URLs that [`check_url`] accepts.
//! - [`RetryPolicy`] decides whether to ask again, as a pure function; [`HttpClient`] and
//!   [`send_with_retry`] drive it. The request is sent twice only where [`Idempotency`] and the
//!   [error](TransportError::was_sent) allow it.
//! - [`Timer`] and [`Jitter`] make clock and randomness parameters.
//! - [`redact`] shows URLs and headers without their secrets.
//! - [`testing`] has a scripted transport and a manual timer.
//!
//! ```
//! use std::sync::Arc;
//! use bytes::Bytes;
//! use eca_http::{testing::{ManualTimer, ScriptedTransport}, HttpClient, Idempotency, Tried};
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let org = Arc::new(ScriptedTransport::new());
//! org.answer(503, "text/html", "busy").json(200, "[]");
//!
//! let client = HttpClient::new(org.clone(), Arc::new(ManualTimer::new()));
//! let request = http::Request::get("https://acme.my.salesforce.com/services/data").body(Bytes::new())?;
//! let answer = client.send(Idempotency::Idempotent, request).await?;
//!
//! assert_eq!(answer.status(), 200);
//! assert_eq!(Tried::of(&answer).map(|tried| tried.attempts), Some(2));
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! - `reqwest` (default): [`ReqwestTransport`], with rustls and the platform's trust store.
//! - `tokio` (part of `reqwest`): [`TokioTimer`].

mod body;
mod error;
pub mod redact;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
pub mod retry;
mod send;
pub mod testing;
mod timer;
mod transport;
#[cfg(feature = "reqwest")]
mod upload;
mod url_check;

pub use body::{Body, Chunks};
pub use error::{Sent, TransportError, TransportErrorKind};
#[cfg(feature = "reqwest")]
pub use reqwest_transport::{BuildError, Limits, ReqwestTransport};
pub use retry::{Decision, Idempotency, Outcome, RetryPolicy, Tried};
pub use send::{HttpClient, Jitter, SendError, os_jitter, send_with_retry};
pub use timer::Timer;
#[cfg(feature = "tokio")]
pub use timer::TokioTimer;
pub use transport::{BoxFuture, Redirects, Transport};
pub use url_check::{UrlRefused, check_url, is_loopback};
