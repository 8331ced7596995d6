//! Files and projects: `lint`, `show`, `fmt`, `graph`, `diff`.

mod hostile_git;
mod lint;
mod model;
mod since;
