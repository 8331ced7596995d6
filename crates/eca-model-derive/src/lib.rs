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
/// `suffix` are those of the metadata format; `partial` means that the type has members which are
/// not modelled here, so unknown elements are kept without a report. Further parts: `manifest =
/// "Settings"` when manifests list the type under a name other than its root element; `fixed_name =
/// "ExternalClientApp"` when the type has one component and this is its full name; `content` when
/// the file is `<name>.<suffix>-meta.xml` beside a file `<name>.<suffix>` with other content;
/// `free_names` when full names need not be developer names.
///
/// Field attribute, every part optional: `#[field(name = "isDPopEnabled", since = 59, until = 63,
/// required, default = "false", always_retrieved, secret, generated, references = "PermissionSet",
/// max_length = 2000, setup = "Label in Setup", inverted, owner, gap = 58..=58)]`. `max_items =
/// 128` limits a list, `range = 1..=720` a number, and `values = "Days, Hours"` lists the accepted
/// texts where the schema declares a text. `owner` marks the member that names the owner of the
/// component; `gap` is a range of versions between `since` and `until` whose schema lacks the
/// member. Without `name` the element name is the field name in lower camel case. The doc comment
/// becomes the documentation in the reflection table.
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
