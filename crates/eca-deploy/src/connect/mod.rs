//! What an org is asked over Connect REST.

pub(crate) mod credentials;
pub(crate) mod usage;
