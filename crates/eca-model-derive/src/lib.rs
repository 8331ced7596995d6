#![doc = include_str!("../README.md")]
//!
//! # Overview
//!
//! * [`macro@Record`]
//! * [`macro@Enumeration`]

use proc_macro::TokenStream;

mod attributes;
mod enumeration;
mod field;
mod json;
mod record;

/// Derives `Record` (codec and `RecordSchema`), `Serialize` and `Deserialize` for a struct with
/// named fields.
///
/// Container attribute, only for top-level metadata types:
/// `#[metadata(directory = "…", suffix = "…", since = 59, until = 66, partial)]`. `directory` and
/// `suffix` are those of the metadata format; `partial` says that the type has members which are
/// not modelled here, so that unknown elements are kept without a report. Further parts: `manifest
/// = "Settings"` when manifests list the type under another name than that of its root element;
/// `fixed_name = "ExternalClientApp"` when there is one component of the type and this is its full
/// name; `content` when the file stands as `<name>.<suffix>-meta.xml` beside a file
/// `<name>.<suffix>` with content of another kind; `free_names` when full names need not be
/// developer names; `org_made` when an org makes a component of the type for each app by itself.
///
/// Field attribute, every part optional: `#[field(name = "isDPopEnabled", since = 59, until = 63,
/// required, default = "false", always_retrieved, secret, references = "PermissionSet",
/// max_length = 2000, setup = "Label in Setup", inverted, owner, gap = 58..=58)]`. `max_items =
/// 128` limits a list, `range = 1..=720` a number, and `values = "Days, Hours"` names the texts
/// that are taken where the schema says only text. `owner` marks the member that names the
/// component which this one belongs to; `gap` are versions between `since` and `until` whose schema
/// lacks the member. Without `name` the element name is the field name in lower camel case. The doc
/// comment becomes the documentation in the reflection table.
///
/// Who decides a member: the project, unless one of `secret`, `generated` (the org makes it) and
/// `write_once` (the org takes it when it makes the component, and no other later) is there.
/// `action` marks a member whose `true` makes the org do something with every deploy. `certificate
/// = "assertions"` says that the member holds the text of a certificate, and what for (also `asset
/// tokens`, `saml requests`, `saml encryption`, `push`). `key = "parameterType, parameterName"`
/// names the members by which a record of a list is known. `part = "-"`
/// says that the name of a part of the referenced component follows after the first such character.
#[proc_macro_derive(Record, attributes(metadata, field))]
pub fn derive_record(input: TokenStream) -> TokenStream {
    record::expand(syn::parse_macro_input!(input as syn::DeriveInput))
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Derives `Value` (with its `EnumSchema`), `Serialize` and `Deserialize` for an enum of unit
/// variants plus one `Unknown(UnknownValue)`.
///
/// Variant attribute: `#[value(name = "SFApiPlatform", since = 58, until = 66, gap = 60..=61)]`.
/// Without `name` the text on the wire is the variant's name.
#[proc_macro_derive(Enumeration, attributes(value))]
pub fn derive_enumeration(input: TokenStream) -> TokenStream {
    enumeration::expand(&syn::parse_macro_input!(input as syn::DeriveInput))
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
