//! The program as its users meet it.

mod bad_input;
mod demo;
mod deploy;
mod interrupt;
mod manners;
mod retrieve;
