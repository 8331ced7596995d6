//! Keys and certificates that the user names, read and checked with messages that name the file.

use std::path::Path;
use std::time::SystemTime;

use eca_attest::{Certificate, PrivateKey, Severity, preflight};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reading;

/// Reads a private key.
pub(crate) fn key(path: &Path) -> Result<PrivateKey, Failure> {
    let bytes = reading::bytes(path)?;
    PrivateKey::read(&bytes).map_err(|error| {
        let message = format!("{} cannot be used as a private key", path.display());
        Failure::caused_by(Exit::Usage, message, &error).maybe_hint(error.hint())
    })
}

/// Reads a certificate.
pub(crate) fn certificate(path: &Path) -> Result<Certificate, Failure> {
    let bytes = reading::bytes(path)?;
    Certificate::read(&bytes).map_err(|error| {
        let message = format!("{} cannot be used as a certificate", path.display());
        Failure::caused_by(Exit::Usage, message, &error).maybe_hint(error.hint())
    })
}

/// Refuses a certificate that Salesforce would refuse; says the rest.
pub(crate) fn check(
    context: &Context,
    path: &Path,
    certificate: &Certificate,
    key: Option<&PrivateKey>,
) -> Result<(), Failure> {
    let key = key.map(PrivateKey::public_key);
    for concern in preflight(certificate, key, SystemTime::now()) {
        if concern.severity() == Severity::Error {
            let message = format!("{}: {concern}", path.display());
            return Err(Failure::new(Exit::Usage, message).maybe_hint(hint(&concern)));
        }
        context
            .output
            .talk(format_args!("warning: {}: {concern}", path.display()));
    }
    Ok(())
}

fn hint(concern: &eca_attest::Concern) -> Option<&'static str> {
    use eca_attest::Concern;
    match concern {
        Concern::KeyMismatch => Some(
            "give the certificate that was made from this key; `openssl x509 -in CERT -noout -pubkey` and \
             `openssl pkey -in KEY -pubout` must print the same",
        ),
        Concern::TooLarge { .. } => Some(
            "make one with fewer extensions and a 2048-bit key: eca cert new --name NAME --key-out KEY --cert-out CERT",
        ),
        Concern::NotRsa { .. } | Concern::RsaTooSmall { .. } => {
            Some("client attestations are signed with RS256: use an RSA key of at least 2048 bits")
        }
        _ => None,
    }
}
