#![doc = include_str!("../README.md")]
//!
//! # The map
//!
//! * **The struct is the schema.** Each metadata type is one struct in [`types`]; its attributes
//!   give the codec and the reflection table in [`schema`].
//! * **Lossless.** A [`File`] keeps its text. Nobody's comments, order or formatting change unless
//!   that very field is edited, and an edit touches only its own lines.
//! * **Positions.** Every element knows its line and column ([`File::position_of`]).
//! * **Ownership by element.** A [`Project`] groups components by their `externalClientApplication`
//!   element, never by file name.
//!
//! Only [`fs`] touches files.

// The derive macros name this crate from outside and from inside.
extern crate self as eca_model;

mod comparison;
mod component;
mod component_id;
mod decode;
mod developer_name;
mod diff;
mod encode;
mod file;
mod force_ignore;
pub mod fs;
mod graph;
pub mod json;
pub mod layout;
mod manifest;
mod manifest_file;
mod mention;
mod near;
mod org_scoped;
mod position;
mod problem;
mod project;
mod record_id;
mod references;
pub mod schema;
pub mod scope;
mod suspicious;
pub mod text;
pub mod types;
mod version;
pub mod xml;

pub use comparison::{diff, diff_with};
pub use component::{Component, ContentFile};
pub use component_id::ComponentId;
pub use decode::{Described, Reader, Record, Slot, Value};
pub use developer_name::{DeveloperName, InvalidDeveloperName, NameFlaw};
pub use diff::{ComponentChange, ComponentDiff, DiffOptions, FieldChange, FieldDiff};
pub use eca_model_derive::{Enumeration, Record};
pub use encode::encode;
pub use file::{Decode, File};
pub use force_ignore::ForceIgnore;
pub use graph::{Graph, Group};
pub use json::ExposeSecrets;
pub use layout::Layout;
pub use manifest::Manifest;
pub use manifest_file::{ManifestFile, ManifestKind, ManifestProblem, ManifestProblemKind};
pub use mention::Target;
pub use org_scoped::{InvalidOrgScoped, OauthLink, OrgScoped, OrgScopedApp, PushConfigLink};
pub use position::Position;
pub use problem::{Problem, ProblemKind};
pub use project::{App, DuplicateFile, PackageDirectory, Project, UnreadableFile};
pub use record_id::{ConsumerId, IdFlaw, InvalidRecordId, KeyPrefix, OrgId, RecordId};
pub use references::{Reference, Resolution};
pub use schema::{
    EnumSchema, EnumValue, FieldKind, FieldSchema, RecordSchema, SetupLabel, TypeSchema,
};
pub use suspicious::{Suspicion, SuspiciousFile};
pub use types::{Metadata, MetadataType, Typed, UnknownMetadataType};
pub use version::{ApiVersion, InvalidApiVersion};
pub use xml::{Document, EditError, Element, Limits, SyntaxError, SyntaxErrorKind, canonical};

/// What the derived code names. Not for use by hand.
#[doc(hidden)]
pub mod derive {
    pub use crate::decode::{Described, Reader, Record, Slot, Value};
    pub use crate::json;
    pub use crate::schema::{
        EnumSchema, EnumValue, FieldKind, FieldSchema, RecordSchema, SetupLabel, TypeSchema,
    };
    pub use crate::text::UnknownValue;
    pub use crate::version::ApiVersion;
    pub use crate::xml::{Content, Element, Member};
    pub use serde;
}
