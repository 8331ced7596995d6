//! `eca emulate`.

#[cfg(unix)]
mod command;
mod program;
mod state;
mod tls;
