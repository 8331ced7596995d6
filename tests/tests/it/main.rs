//! The program as its users meet it.

mod attest;
mod bad_input;
mod demo;
mod deploy;
mod emulate;
mod interrupt;
mod lint;
mod login;
mod manners;
mod model;
mod retrieve;
mod state;
mod tls;
