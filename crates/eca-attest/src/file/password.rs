//! Passwords of key files.

use std::fmt;
use std::io::Read;

use zeroize::Zeroizing;

use crate::file::detect::Format;

/// Longest password in bytes. It bounds the memory if the reader is a wrong file.
const MAX_PASSWORD_LEN: usize = 4096;

/// The password of a key file or of one entry in a key store.
///
/// Wiped on drop, neither `Clone`, comparable nor serializable, and its `Debug` is a constant.
/// Programs should take it from an environment variable, a file descriptor or a prompt, never from
/// the command line, which every user of the machine can read.
///
/// ```
/// let password = eca_attest::Password::new("open sesame");
/// assert_eq!(format!("{password:?}"), "Password([secret])");
/// ```
pub struct Password(Zeroizing<String>);

/// A password cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// Reading failed, or the password is not UTF-8.
    #[error("the password could not be read")]
    Read(#[source] std::io::Error),
    /// The first line has more than 4096 bytes.
    #[error("the password is longer than {MAX_PASSWORD_LEN} bytes")]
    TooLong,
}

/// The file or entry that a password opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PasswordFor<'a> {
    /// The whole file.
    File(Format),
    /// The private key of one entry that the file's password does not open. A Java key store may
    /// have a password for each entry.
    Entry {
        /// The format of the key store.
        format: Format,
        /// The name of the entry.
        alias: &'a str,
    },
}

impl Password {
    /// Wraps a password.
    pub fn new(password: impl Into<String>) -> Password {
        Password(Zeroizing::new(password.into()))
    }

    /// Reads a password up to the first line end, for example from a file descriptor.
    ///
    /// # Errors
    /// If reading fails, or the line is longer than 4096 bytes or not UTF-8.
    pub fn read_line(mut reader: impl Read) -> Result<Password, PasswordError> {
        // Allocated once: growing would leave unwiped copies in memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_PASSWORD_LEN + 1));
        let mut one = [0];
        while bytes.len() <= MAX_PASSWORD_LEN
            && bytes.last() != Some(&b'\n')
            && reader.read(&mut one).map_err(PasswordError::Read)? > 0
        {
            bytes.push(one[0]);
        }
        if bytes.len() > MAX_PASSWORD_LEN {
            return Err(PasswordError::TooLong);
        }
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            PasswordError::Read(std::io::Error::new(std::io::ErrorKind::InvalidData, error))
        })?;
        Ok(Password::new(text.trim_end_matches(['\r', '\n'])))
    }

    /// The password itself.
    pub fn expose_password(&self) -> &str {
        &self.0
    }

    /// The password in big-endian UTF-16, the form that PKCS#12 and Java key stores hash.
    pub(crate) fn to_utf16(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(self.0.len() * 2 + 2));
        for unit in self.0.encode_utf16() {
            out.extend_from_slice(&unit.to_be_bytes());
        }
        out
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password([secret])")
    }
}

impl fmt::Display for PasswordFor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PasswordFor::File(format) => write!(f, "the {format}"),
            PasswordFor::Entry { format, alias } => write!(f, "the key {alias:?} in the {format}"),
        }
    }
}

/// Provides passwords; `None` if the caller has none.
pub(crate) type PasswordSource<'a> = dyn FnMut(PasswordFor<'_>) -> Option<Password> + 'a;
