//! Questions to the user on the terminal.

use std::fmt::Display;
use std::io::{self, BufRead as _, IsTerminal as _};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::{output, terminal};

/// Whether there is a user to ask: stdin and stderr are a terminal.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && terminal::stderr_is_terminal()
}

/// Asks; anything but `y` and `yes` is no.
pub(crate) fn agrees(question: impl Display) -> Result<bool, Failure> {
    output::prompt(format_args!("{question} [y/N]"));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.map_err(|error| Failure::caused_by(Exit::Usage, "cannot read the answer", &error))?;
    Ok(["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()))
}
