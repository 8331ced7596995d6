//! One member of a file, by its path: read, set and removed without touching any other line.

mod access;
mod error;
pub(crate) mod find;
pub(crate) mod path;
mod value;

pub use error::FieldError;
pub use path::{FieldPath, InvalidFieldPath, Selector, Step};
pub use value::FieldValue;

pub(crate) use find::elements;
