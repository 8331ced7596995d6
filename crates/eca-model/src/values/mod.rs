//! Value types: versions, names, scopes, positions.

pub(crate) mod developer_name;
pub(crate) mod origin;
pub(crate) mod position;
pub mod scope;
pub mod text;
pub(crate) mod version;
pub(crate) mod visible;
