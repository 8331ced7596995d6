//! Forms and JSON: how requests are written and answers are read.

pub(crate) mod answer;
pub(crate) mod extras;
pub(crate) mod form;
pub(crate) mod members;
pub(crate) mod unreadable_answer;
