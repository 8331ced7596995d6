#![doc = include_str!("../README.md")]
//!
//! # Overview
//!
//! * **The struct is the schema.** Each metadata type is one struct in [`types`]; its attributes
//!   give the codec and the reflection table in [`schema`].
//! * **Lossless.** A [`File`] keeps its text. Comments, order and formatting stay as they are, and
//!   an edit changes only the lines of its field.
//! * **Positions.** Every element knows its line and column ([`File::position_of`]).
//! * **Ownership by element.** A [`Project`] groups components by their `externalClientApplication`
//!   element, never by file name.
//!
//! Only [`fs`] touches files.

// The derived code uses the name of this crate, also inside of it.
extern crate self as eca_model;

mod diff;
mod field;
mod file;
mod graph;
mod overlay;
mod project;
pub mod schema;
mod snapshot;
pub mod types;
mod values;
pub mod xml;

pub use diff::compare::{diff, diff_with};
pub use diff::merge::{Merge, MergeConflict, merge};
pub use diff::retrieved::{MergedFile, merge_retrieved};
pub use diff::{ComponentChange, ComponentDiff, DiffOptions, FieldChange, FieldDiff};
pub use eca_model_derive::{Enumeration, Record};
pub use field::{FieldError, FieldPath, FieldValue, InvalidFieldPath, Selector, Step};
pub use file::decode::{Described, Reader, Record, Slot, Value};
pub use file::encode::encode;
pub use file::json;
pub use file::json::ExposeSecrets;
pub use file::problem::{Problem, ProblemKind};
pub use file::{Decode, File};
pub use graph::mention::Target;
pub use graph::references::{Reference, Resolution};
pub use graph::{Graph, Group};
pub use overlay::{
    AssignedValue, Assignment, Overlaid, Overlay, OverlayError, OverlayProblem, Subject,
};
pub use project::access_files::AccessFile;
pub use project::app::App;
pub use project::component::{Component, ContentFile};
pub use project::component_name::{ComponentName, InvalidComponentName, TypeName};
pub use project::edit::ProjectError;
pub use project::layout::Layout;
pub use project::manifest::Manifest;
pub use project::manifest_file::{
    ManifestFile, ManifestKind, ManifestProblem, ManifestProblemKind,
};
pub use project::replacements::{ReplacementError, UnsetVariable};
pub use project::suspicious::{Suspicion, SuspiciousFile};
pub use project::{DuplicateFile, Project, UnreadableFile};
pub use project::{fs, layout};
pub use schema::{
    CertificateUse, DecidedBy, EnumSchema, EnumValue, FieldKind, FieldSchema, ListInText,
    RecordSchema, SetupLabel, TypeSchema,
};
pub use snapshot::{ComponentSnapshot, ContentSnapshot, Snapshot};
pub use types::{Metadata, MetadataType, Typed, UnknownMetadataType};
pub use values::developer_name::{DeveloperName, InvalidDeveloperName, NameFlaw};
pub use values::origin::Origin;
pub use values::position::Position;
pub use values::version::{ApiVersion, InvalidApiVersion};
pub use values::{scope, text};
pub use xml::{Document, EditError, Element, SyntaxError, SyntaxErrorKind, canonical};

/// The items that derived code uses. Not for use by hand.
#[doc(hidden)]
pub mod derive {
    pub use crate::file::decode::{Described, Reader, Record, Slot, Value};
    pub use crate::file::json;
    pub use crate::schema::{
        CertificateUse, DecidedBy, EnumSchema, EnumValue, FieldKind, FieldSchema, RecordSchema,
        SetupLabel, TypeSchema,
    };
    pub use crate::values::text::UnknownValue;
    pub use crate::values::version::ApiVersion;
    pub use crate::xml::{Content, Element, Member};
    pub use serde;
}
