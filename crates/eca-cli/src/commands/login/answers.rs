//! Input for the site, from the arguments or the terminal.

use std::io::{BufRead as _, IsTerminal as _};

use eca_oauth::{InvalidSecret, OneTimePassword, Password, UserData};

use crate::commands::login::Arguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::output;

/// The given user.
pub(super) fn username(arguments: &Arguments) -> Result<String, Failure> {
    let missing = || Failure::new(Exit::Usage, "no user given").hint("give --username");
    arguments.username.clone().ok_or_else(missing)
}

/// The password of a flow that requires one.
pub(super) fn needed_password(arguments: &Arguments) -> Result<Password, Failure> {
    let missing = || Failure::new(Exit::Usage, "no password given");
    password(arguments)?.ok_or_else(|| missing().hint("give --password env:NAME"))
}

/// The registration fields.
pub(super) fn user_data(arguments: &Arguments) -> Result<UserData, Failure> {
    if arguments.user_data.is_empty() {
        let message = "no user data given";
        return Err(Failure::new(Exit::Usage, message)
            .hint("give --user-data NAME=VALUE for each registration field"));
    }
    let user = arguments.user_data.iter();
    Ok(user.fold(UserData::new(), |user, (name, value)| {
        user.with(name, value)
    }))
}

/// The password, if one was given.
pub(super) fn password(arguments: &Arguments) -> Result<Option<Password>, Failure> {
    let Some(source) = &arguments.password else {
        return Ok(None);
    };
    let made = Password::new(source.read_option("--password")?);
    made.map(Some).map_err(|error| unusable(&error))
}

/// The one-time password, from its source or from the terminal.
pub(super) fn one_time_password(arguments: &Arguments) -> Result<OneTimePassword, Failure> {
    let text = match &arguments.otp {
        Some(source) => source.read_option("--otp")?,
        None if std::io::stdin().is_terminal() => {
            output::prompt("one-time password:");
            let mut line = String::new();
            let read = std::io::stdin().lock().read_line(&mut line);
            read.map_err(|error| {
                Failure::caused_by(Exit::Usage, "cannot read the one-time password", &error)
            })?;
            line.trim().to_owned()
        }
        None => {
            let message = "the site sent a one-time password, and there is no terminal to enter it";
            return Err(Failure::new(Exit::Usage, message).hint(
                "give --otp cmd:COMMAND, with a command that waits for the password and prints it",
            ));
        }
    };
    OneTimePassword::new(text).map_err(|error| unusable(&error))
}

fn unusable(error: &InvalidSecret) -> Failure {
    Failure::from_error(Exit::Usage, error)
}
