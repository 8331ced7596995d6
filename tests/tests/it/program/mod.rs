//! What holds for every command, and the pages that show them.

mod bad_input;
mod book;
mod conventions;
mod demo;
mod documents;
mod foreign_names;
mod foreign_text;
mod hostile;
mod offline;
#[cfg(unix)]
mod on_a_terminal;
mod reflection;
mod secrets;
