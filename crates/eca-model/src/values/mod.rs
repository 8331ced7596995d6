//! Values with a form of their own: versions, names, ids, scopes, positions.

pub(crate) mod developer_name;
pub(crate) mod org_scoped;
pub(crate) mod position;
pub(crate) mod record_id;
pub mod scope;
pub mod text;
pub(crate) mod version;
