//! Errors that prevent the start of an org.

use std::io;
use std::net::IpAddr;

use thiserror::Error;

use crate::launch::tls::TlsError;
use crate::store::error::StoreError;

/// Why an org did not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program listens on the port.
    #[error("port {port} is already in use")]
    PortInUse {
        /// The requested port.
        port: u16,
    },
    /// The port cannot be listened on for another reason.
    #[error("cannot listen on port {port}")]
    Listen {
        /// The requested port; 0 for any.
        port: u16,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// The operating system gave no randomness.
    #[error("the operating system gave no random numbers")]
    Randomness(#[source] getrandom::Error),
    /// TLS is not available.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Other machines could reach the org, and a setting for that is missing.
    #[error("the org cannot listen on {address}, which other machines can reach: {reason}")]
    Public {
        /// The address.
        address: IpAddr,
        /// The missing setting.
        reason: &'static str,
    },
    /// The state folder cannot be used.
    #[error(transparent)]
    State(#[from] StoreError),
    /// A setting is invalid.
    #[error("{setting} cannot be {value:?}: {reason}")]
    Setting {
        /// The name of the setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// The rule.
        reason: &'static str,
    },
}

impl StartError {
    /// Whether another port would help.
    pub fn is_port_in_use(&self) -> bool {
        matches!(self, Self::PortInUse { .. })
    }
}
