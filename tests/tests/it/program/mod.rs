//! What holds for every command, and the pages that show them.

mod bad_input;
mod book;
mod demo;
mod manners;
mod secrets;
