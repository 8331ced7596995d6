//! Facts that several rules share: error messages of orgs, certificates, tokens, a previous state.

pub(crate) mod certificates;
pub(crate) mod known_errors;
pub(crate) mod previous_state;
pub(crate) mod tokens;
