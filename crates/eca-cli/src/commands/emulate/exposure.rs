//! The address of the org, and TLS.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use eca_emulator::{Builder, Org, Tls};
use tempfile::TempDir;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::write;

/// The next step for a public org.
const PUBLIC: &str =
    "for other machines: --bind ADDRESS --tls --i-know-this-is-public, and --host NAME for 0.0.0.0";

/// Address and TLS.
#[derive(Debug, clap::Args)]
pub(super) struct Exposure {
    /// The address to listen on; any but a loopback address needs --tls and
    /// --i-know-this-is-public
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    bind: IpAddr,
    /// The name of the org in its URLs and its certificate, such as org.example.com
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// Serve HTTPS, with a certificate made for this org
    #[arg(long, conflicts_with = "tls_cert")]
    tls: bool,
    /// Serve HTTPS with this certificate and its chain (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of --tls-cert (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Let other machines reach the org
    #[arg(long)]
    i_know_this_is_public: bool,
}

impl Exposure {
    /// Sets address and TLS.
    ///
    /// # Errors
    /// When other machines could reach the org, and an option for that is missing.
    pub(super) fn apply(&self, mut builder: Builder) -> Result<Builder, Failure> {
        if !self.bind.is_loopback() {
            let missing = if !self.i_know_this_is_public {
                Some("--i-know-this-is-public confirms that")
            } else if !self.tls && self.tls_cert.is_none() {
                Some("tokens would travel in the clear; --tls turns HTTPS on")
            } else if self.bind.is_unspecified() && self.host.is_none() {
                Some("--host gives the name that clients use")
            } else {
                None
            };
            if let Some(missing) = missing {
                let message = format!(
                    "--bind {} lets other machines reach the org: {missing}",
                    self.bind
                );
                return Err(Failure::new(Exit::Usage, message).hint(PUBLIC));
            }
        }
        builder = builder
            .bind(self.bind)
            .i_know_this_is_public(self.i_know_this_is_public);
        if let Some(host) = &self.host {
            builder = builder.host(host);
        }
        Ok(match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => builder.tls(Tls::Files {
                certificate: certificate.clone(),
                key: key.clone(),
            }),
            _ if self.tls => builder.tls(Tls::OwnAuthority),
            _ => builder,
        })
    }
}

/// The file with the certificate that clients have to trust.
pub(super) struct CaFile {
    pub(super) path: PathBuf,
    /// Removed at the end when the org has no state folder.
    _folder: Option<TempDir>,
}

impl CaFile {
    /// Writes the file into the state folder of the org, or into a temporary folder. `None` when
    /// clients need none.
    pub(super) fn write(org: &Org, state: Option<&Path>) -> Result<Option<Self>, Failure> {
        let Some(pem) = org.ca_certificate() else {
            return Ok(None);
        };
        let (path, folder) = if let Some(state) = state {
            (state.join("ca.pem"), None)
        } else {
            let folder = tempfile::Builder::new()
                .prefix("eca-emulate-")
                .tempdir()
                .map_err(|error| {
                    Failure::caused_by(
                        Exit::Failed,
                        "cannot make a temporary folder for the certificate of the org",
                        &error,
                    )
                })?;
            (folder.path().join("ca.pem"), Some(folder))
        };
        write::replace(&path, pem.as_bytes())?;
        Ok(Some(Self {
            path,
            _folder: folder,
        }))
    }
}
