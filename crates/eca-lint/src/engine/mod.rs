//! Running rules over a project.

pub(crate) mod context;
pub(crate) mod exclude;
pub(crate) mod finding;
pub(crate) mod findings;
pub(crate) mod fix;
pub(crate) mod fixed;
pub(crate) mod ignore;
pub(crate) mod lint;
pub(crate) mod options;
pub(crate) mod position;
pub(crate) mod quote;
pub(crate) mod value;
pub(crate) mod walk;
