//! Files and projects: `lint`, `show`, `fmt`, `graph`, `diff`.

mod access_files;
mod boundary;
mod hostile_git;
mod lint;
mod model;
mod outside;
mod replacements;
mod reports;
mod since;
mod values;
