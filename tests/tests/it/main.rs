//! The program as its users meet it.

mod bad_input;
mod demo;
mod deploy;
mod emulate;
mod interrupt;
mod manners;
