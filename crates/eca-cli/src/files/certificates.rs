//! Keys and certificates that the user names, read and checked with messages that name the file.

use std::path::Path;
use std::time::SystemTime;

use eca_attest::{
    Bundle, Certificate, Format, Identity, KeyError, Password, PasswordFor, PrivateKey, PublicKey,
    Severity,
};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::key_passwords::InputPassword;
use crate::files::shell::word;
use crate::files::{input, secret_file};
use crate::hints;

/// Reads a private key.
pub(crate) fn key(path: &Path, input_password: &InputPassword) -> Result<PrivateKey, Failure> {
    Ok(identity(path, input_password)?.into_parts().0)
}

/// Reads a private key with the certificates that stand beside it.
pub(crate) fn identity(path: &Path, input_password: &InputPassword) -> Result<Identity, Failure> {
    let failed = |error: &KeyError| {
        let message = format!("{} cannot be used as a private key", path.display());
        let hint = hints::key(error, input_password.org()).map(|hint| about(path, &hint));
        Failure::caused_by(Exit::Usage, message, error).maybe_hint(hint)
    };
    let bundle = bundle(path, input_password, &failed)?;
    bundle
        .into_identity(input_password.alias.as_deref())
        .map_err(|error| failed(&error))
}

/// Reads a certificate: the first of a file, or that of the key in a key store.
pub(crate) fn certificate(
    path: &Path,
    input_password: &InputPassword,
) -> Result<Certificate, Failure> {
    Ok(one_of(path, input_password)?.certificate)
}

/// A certificate and its place among those of its file.
pub(crate) struct OneOf {
    pub(crate) certificate: Certificate,
    /// Counted from 1.
    pub(crate) position: usize,
    pub(crate) count: usize,
}

/// As [`certificate`], with the place in the file.
pub(crate) fn one_of(path: &Path, input_password: &InputPassword) -> Result<OneOf, Failure> {
    let bytes = input::bytes(path, input::SMALL)?;
    let message = format!("{} cannot be used as a certificate", path.display());
    let stored = Format::detect(&bytes)
        .is_some_and(|(format, _)| matches!(format, Format::Pkcs12 | Format::Jks));
    if !stored {
        let certificate = Certificate::read(&bytes).map_err(|error| {
            let hint = error.hint().map(|hint| about(path, hint));
            Failure::caused_by(Exit::Usage, message, &error).maybe_hint(hint)
        })?;
        return Ok(OneOf {
            certificate,
            position: 1,
            count: Certificate::count(&bytes),
        });
    }
    let failed = |error: &KeyError| {
        let hint = hints::key(error, input_password.org()).map(|hint| about(path, &hint));
        Failure::caused_by(Exit::Usage, &message, error).maybe_hint(hint)
    };
    let bundle = bundle(path, input_password, &failed)?;
    let all = bundle.certificates().to_vec();
    let certificate = match &*all {
        [one] if bundle.key_count() == 0 => one.clone(),
        _ => {
            let identity = bundle
                .into_identity(input_password.alias.as_deref())
                .map_err(|error| failed(&error))?;
            identity.certificate().cloned().ok_or_else(|| {
                Failure::new(Exit::Usage, &message)
                    .hint("the key store holds no certificate for its key")
            })?
        }
    };
    let before = all.iter().take_while(|other| **other != certificate);
    Ok(OneOf {
        position: before.count() + 1,
        count: all.len(),
        certificate,
    })
}

/// A hint with the file's own name in place of `FILE`, so that its command can be typed as it
/// stands.
fn about(path: &Path, hint: &str) -> String {
    hint.replace("FILE", &word(&path.to_string_lossy()))
}

fn bundle(
    path: &Path,
    input_password: &InputPassword,
    failed: &dyn Fn(&KeyError) -> Failure,
) -> Result<Bundle, Failure> {
    secret_file::check(path)?;
    let password = input_password.read()?;
    let bytes = Zeroizing::new(input::bytes(path, input::SMALL)?);
    let mut ask = |_: PasswordFor<'_>| {
        let password = password.as_ref()?;
        Some(Password::new(password.expose_password()))
    };
    Bundle::read(&bytes, &mut ask).map_err(|error| failed(&error))
}

/// Refuses a certificate that Salesforce would refuse; warns of other problems.
pub(crate) fn check(
    context: &Context,
    path: &Path,
    certificate: &Certificate,
    key: Option<&PublicKey>,
) -> Result<(), Failure> {
    for concern in certificate.check(key, SystemTime::now()) {
        if concern.severity() == Severity::Error {
            let message = format!("{}: {concern}", path.display());
            return Err(Failure::new(Exit::Usage, message).maybe_hint(hints::certificate(&concern)));
        }
        context
            .output
            .warn(format_args!("{}: {concern}", path.display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_the_file() {
        for (path, expected) in [
            ("certs/key.pem", "cp certs/key.pem key.pem"),
            ("my key.pem", "cp 'my key.pem' key.pem"),
            ("it's.pem", r"cp 'it'\''s.pem' key.pem"),
            ("-rf", "cp ./-rf key.pem"),
        ] {
            assert_eq!(about(Path::new(path), "cp FILE key.pem"), expected);
        }
    }
}
