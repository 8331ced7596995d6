#![doc = include_str!("../README.md")]
//! # The features
#![doc = document_features::document_features!()]
//!
//! # Overview
//!
//! - [`Transport`] sends one request. [`ReqwestTransport`] sends it over TLS, with limits on time
//!   and size, without following redirects, and only to URLs that [`check_url`] accepts.
//! - [`RetryPolicy`] decides whether to retry, as a pure function; [`HttpClient`] drives it. A
//!   request is sent twice only if its [`Idempotency`] and the [error](TransportError::delivery)
//!   allow it.
//! - [`Timer`] makes the clock a parameter; [`ClockSkew`] compares it with that of a server.
//! - [`redact`] formats URLs and headers without their secrets.
//! - `testing`, behind the feature of that name, has a scripted transport and a manual timer.

mod date;
mod error;
pub mod redact;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
mod retry;
mod send;
#[cfg(feature = "testing")]
pub mod testing;
mod timer;
mod transport;
#[cfg(feature = "reqwest")]
mod upload;
mod url_check;

pub use date::{ClockSkew, date};
pub use error::{Delivery, TransportError, TransportErrorKind};
#[cfg(feature = "reqwest")]
pub use reqwest_transport::{BuildError, Limits, ReqwestTransport};
pub use retry::{Attempts, Decision, Idempotency, Outcome, RetryPolicy};
pub use send::{HttpClient, SendError};
pub use timer::Timer;
#[cfg(feature = "tokio")]
pub use timer::TokioTimer;
pub use transport::{BodyLimit, BoxFuture, Redirects, Transport};
pub use url_check::{UrlRefused, check_url, is_loopback};
