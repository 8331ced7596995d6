//! What several rules know: the answers of orgs, certificates, tokens, an earlier state.

pub(crate) mod certificates;
pub(crate) mod earlier;
pub(crate) mod known_errors;
pub(crate) mod tokens;
