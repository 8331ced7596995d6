//! Keys that stay in an HSM or smart card, through PKCS#11. Feature `pkcs11`.

use eca_attest::Signer;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::key_passwords::InputPassword;

/// Opens the key of a PKCS#11 URI. Its PIN comes from the options, or else from the file that the
/// URI names.
#[cfg(feature = "pkcs11")]
pub(crate) fn open(uri: &str, input_password: &InputPassword) -> Result<Box<dyn Signer>, Failure> {
    use eca_attest::{Password, Pkcs11Error, Pkcs11Key, Pkcs11KeyError, Pkcs11Signer};

    let key: Pkcs11Key = uri.parse().map_err(|error: Pkcs11KeyError| {
        Failure::from_error(Exit::Usage, &error).hint(error.hint())
    })?;
    let pin = match (input_password.read()?, key.pin_file()) {
        (Some(pin), _) => pin,
        (None, Some(path)) => {
            let failed = |error: &(dyn std::error::Error + 'static)| {
                let message = format!("cannot read the PIN from {}", path.display());
                Failure::caused_by(Exit::Usage, message, error)
                    .hint("pin-source in the URI names it")
            };
            let file = std::fs::File::open(path).map_err(|error| failed(&error))?;
            Password::read_line(file).map_err(|error| failed(&error))?
        }
        (None, None) => {
            return Err(Failure::new(Exit::Usage, "no PIN given for the token").hint(
                "put it into an environment variable and name that: --password-env VAR (or --password-fd NUMBER, \
                 or &pin-source=file:PATH in the URI)",
            ));
        }
    };
    let signer = Pkcs11Signer::open(&key, &pin).map_err(|error: Pkcs11Error| {
        Failure::caused_by(Exit::Usage, "the key in the token cannot be used", &error)
            .maybe_hint(error.hint())
    })?;
    Ok(Box::new(signer))
}

/// Reports that the program has no PKCS#11.
#[cfg(not(feature = "pkcs11"))]
pub(crate) fn open(
    _uri: &str,
    _input_password: &InputPassword,
) -> Result<Box<dyn Signer>, Failure> {
    Err(
        Failure::new(Exit::Usage, "this eca was built without PKCS#11")
            .hint("build it with: cargo install eca-cli --features pkcs11"),
    )
}
