//! Where the password of a key file comes from: never the command line, which everybody on the machine can read.

use eca_attest::{KeyError, Password};

use crate::exit::Exit;
use crate::failure::Failure;

/// How to open a key file.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Opening {
    /// The environment variable that holds the key file's password
    #[arg(long, value_name = "VAR", conflicts_with = "password_fd")]
    password_env: Option<String>,
    /// The open file descriptor whose first line is the key file's password
    #[cfg(unix)]
    #[arg(long, value_name = "NUMBER")]
    password_fd: Option<u32>,
    /// The entry of the key store, when it holds several keys
    #[arg(long, value_name = "NAME")]
    pub(crate) alias: Option<String>,
}

impl Opening {
    /// The password, if one was announced. It is read before the file, so that a wrong name is told at once.
    pub(crate) fn password(&self) -> Result<Option<Password>, Failure> {
        if let Some(name) = &self.password_env {
            let password = std::env::var(name).map_err(|error| {
                let message = format!("no password in the environment variable {name}");
                Failure::caused_by(Exit::Usage, message, &error)
            })?;
            return Ok(Some(Password::new(password)));
        }
        #[cfg(unix)]
        if let Some(number) = self.password_fd {
            let failed = |error: &(dyn std::error::Error + 'static)| {
                let message = format!("no password from the file descriptor {number}");
                Failure::caused_by(Exit::Usage, message, error)
                    .hint("open it for the command: eca … --password-fd 3 3< FILE")
            };
            let file =
                std::fs::File::open(format!("/dev/fd/{number}")).map_err(|error| failed(&error))?;
            let password = Password::read_line(file).map_err(|error| failed(&error))?;
            return Ok(Some(password));
        }
        Ok(None)
    }
}

/// The next step for a key file that was not read.
pub(crate) fn hint(error: &KeyError) -> Option<String> {
    match error {
        KeyError::PasswordNeeded { .. } => Some(
            "put the password into an environment variable and name it: --password-env VAR (or --password-fd NUMBER)"
                .to_owned(),
        ),
        KeyError::WrongPassword { .. } => {
            Some("check the variable or descriptor that holds the password".to_owned())
        }
        KeyError::Several { .. } => Some("choose one with --alias NAME".to_owned()),
        other => other.hint().map(str::to_owned),
    }
}
