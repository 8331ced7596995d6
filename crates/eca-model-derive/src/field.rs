//! One field of a record.

use syn::{Ident, Type};

use crate::attributes::FieldAttribute;

/// One element of a struct, from its field and attributes.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) element: String,
    pub(crate) attribute: FieldAttribute,
    pub(crate) doc: String,
}
