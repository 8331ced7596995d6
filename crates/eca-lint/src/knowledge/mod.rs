//! What several rules know: the answers of orgs, certificates, tokens, an earlier state.

pub(crate) mod certificates;
pub(crate) mod known_errors;
pub(crate) mod previous_state;
pub(crate) mod tokens;
