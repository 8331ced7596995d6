//! Files and projects: `lint`, `show`, `fmt`, `graph`, `diff`.

mod lint;
mod model;
mod since;
