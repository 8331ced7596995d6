//! The program as its users meet it.

mod attest;
mod bad_input;
mod book;
mod demo;
mod deploy;
mod emulate;
#[cfg(unix)]
mod headless;
mod interrupt;
mod keys;
mod lint;
mod login;
mod manners;
mod model;
mod retrieve;
mod secrets;
mod since;
mod state;
mod tls;
