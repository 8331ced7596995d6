//! `eca emulate`.

mod program;
mod state;
mod tls;
