//! The authorities that a command trusts besides those of the system.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{input, write};

/// Variables whose file replaces the authorities of the system: `eca` and OpenSSL (Ruby, Python's
/// `ssl`), curl, and Python's requests.
pub(super) const BUNDLE_VARIABLES: [&str; 3] =
    ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"];

/// The variable whose file Node adds to its authorities.
pub(super) const ADDED_VARIABLE: &str = "NODE_EXTRA_CA_CERTS";

/// A file with the authorities of the system and that of the org; removed when it is dropped.
pub(super) struct Bundle {
    folder: TempDir,
}

impl Bundle {
    /// Writes the bundle for the org whose authority is in this file.
    pub(super) fn write(ca_file: &Path) -> Result<Self, Failure> {
        let mut bundle = input::text(ca_file, input::SMALL)?;
        // What cannot be read is not trusted; the org's own authority is what the command needs.
        for certificate in rustls_native_certs::load_native_certs().certs {
            let text = STANDARD.encode(certificate);
            bundle.push_str("-----BEGIN CERTIFICATE-----\n");
            for line in text.as_bytes().chunks(64) {
                bundle.push_str(&String::from_utf8_lossy(line));
                bundle.push('\n');
            }
            bundle.push_str("-----END CERTIFICATE-----\n");
        }
        let folder = tempfile::Builder::new().prefix("eca-emulate-").tempdir();
        let folder = folder.map_err(|error| {
            let message = "cannot make a temporary folder for the authorities of the command";
            Failure::caused_by(Exit::Failed, message, &error)
        })?;
        let bundle_file = Self { folder };
        write::replace(&bundle_file.path(), bundle.as_bytes())?;
        Ok(bundle_file)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("authorities.pem")
    }
}
