//! What the attributes say, read once into plain values.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Lit, LitInt, LitStr, Meta, Result};

/// `#[metadata(…)]` on a struct.
pub(crate) struct MetadataAttribute {
    pub(crate) directory: String,
    pub(crate) suffix: String,
    pub(crate) since: u16,
    pub(crate) until: Option<u16>,
    pub(crate) partial: bool,
}

impl MetadataAttribute {
    /// Reads the attribute; `None` for a nested record, which has none.
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Option<Self>> {
        let Some(attribute) = attributes.iter().find(|a| a.path().is_ident("metadata")) else {
            return Ok(None);
        };
        let mut read = Self {
            directory: String::new(),
            suffix: String::new(),
            since: 0,
            until: None,
            partial: false,
        };
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("directory") {
                read.directory = meta.value()?.parse::<LitStr>()?.value();
            } else if meta.path.is_ident("suffix") {
                read.suffix = meta.value()?.parse::<LitStr>()?.value();
            } else if meta.path.is_ident("since") {
                read.since = meta.value()?.parse::<LitInt>()?.base10_parse()?;
            } else if meta.path.is_ident("until") {
                read.until = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
            } else if meta.path.is_ident("partial") {
                read.partial = true;
            } else {
                return Err(meta.error("unknown part of #[metadata]"));
            }
            Ok(())
        })?;
        if read.directory.is_empty() || read.suffix.is_empty() || read.since == 0 {
            return Err(syn::Error::new_spanned(
                attribute,
                "#[metadata] needs directory, suffix and since",
            ));
        }
        Ok(Some(read))
    }
}

/// `#[field(…)]` on a field, `#[value(…)]` on a variant.
#[derive(Default)]
pub(crate) struct FieldAttribute {
    pub(crate) name: Option<String>,
    pub(crate) since: Option<u16>,
    pub(crate) until: Option<u16>,
    pub(crate) required: bool,
    pub(crate) default: Option<String>,
    pub(crate) always_retrieved: bool,
    pub(crate) secret: bool,
    pub(crate) generated: bool,
    pub(crate) references: Option<String>,
    pub(crate) max_length: Option<u32>,
    pub(crate) setup: Option<String>,
    pub(crate) inverted: bool,
}

impl FieldAttribute {
    pub(crate) fn read(attributes: &[Attribute], attribute_name: &str) -> Result<Self> {
        let mut read = Self::default();
        for attribute in attributes
            .iter()
            .filter(|a| a.path().is_ident(attribute_name))
        {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    read.name = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("since") {
                    read.since = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
                } else if meta.path.is_ident("until") {
                    read.until = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
                } else if meta.path.is_ident("default") {
                    read.default = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("references") {
                    read.references = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("max_length") {
                    read.max_length = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
                } else if meta.path.is_ident("setup") {
                    read.setup = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("required") {
                    read.required = true;
                } else if meta.path.is_ident("always_retrieved") {
                    read.always_retrieved = true;
                } else if meta.path.is_ident("secret") {
                    read.secret = true;
                } else if meta.path.is_ident("generated") {
                    read.generated = true;
                } else if meta.path.is_ident("inverted") {
                    read.inverted = true;
                } else {
                    return Err(meta.error(format!("unknown part of #[{attribute_name}]")));
                }
                Ok(())
            })?;
        }
        Ok(read)
    }
}

/// The doc comment as one string, lines joined and trimmed; paragraphs stay separated by an empty line.
pub(crate) fn documentation(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) = &pair.value
        {
            lines.push(text.value().trim().to_owned());
        }
    }
    lines.join("\n").trim().to_owned()
}

/// An optional version as tokens of `Option<ApiVersion>`.
pub(crate) fn optional_version(version: Option<u16>) -> TokenStream {
    if let Some(version) = version {
        quote!(::core::option::Option::Some(
            ::eca_model::derive::ApiVersion::new(#version)
        ))
    } else {
        quote!(::core::option::Option::None)
    }
}

/// An optional literal as tokens of `Option<_>`.
pub(crate) fn optional<T: quote::ToTokens>(value: Option<T>) -> TokenStream {
    if let Some(value) = value {
        quote!(::core::option::Option::Some(#value))
    } else {
        quote!(::core::option::Option::None)
    }
}
