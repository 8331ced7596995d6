//! Parsing of the attributes.

use std::fmt::Display;
use std::str::FromStr;

use proc_macro2::TokenStream;
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, ExprLit, Lit, LitInt, LitStr, Meta, Result, Token};

/// `#[metadata(…)]` on a struct.
pub(crate) struct MetadataAttribute {
    pub(crate) directory: String,
    pub(crate) suffix: String,
    pub(crate) since: u16,
    pub(crate) until: Option<u16>,
    pub(crate) partial: bool,
    pub(crate) manifest: Option<String>,
    pub(crate) fixed_name: Option<String>,
    pub(crate) content: bool,
    pub(crate) free_names: bool,
    pub(crate) org_made: bool,
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
            manifest: None,
            fixed_name: None,
            content: false,
            free_names: false,
            org_made: false,
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
            } else if meta.path.is_ident("manifest") {
                read.manifest = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.path.is_ident("fixed_name") {
                read.fixed_name = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.path.is_ident("content") {
                read.content = true;
            } else if meta.path.is_ident("free_names") {
                read.free_names = true;
            } else if meta.path.is_ident("org_made") {
                read.org_made = true;
            } else {
                return Err(meta.error("unknown part of #[metadata]"));
            }
            Ok(())
        })?;
        // The folder of a historic type may be unknown. A file with a fixed name may be outside of
        // any folder.
        let has_folder = !read.directory.is_empty() || read.fixed_name.is_some();
        let has_place = has_folder && !read.suffix.is_empty();
        if read.since == 0 || (!has_place && read.until.is_none()) {
            return Err(syn::Error::new_spanned(
                attribute,
                "#[metadata] needs since, and directory and suffix unless it has until",
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
    /// The variant of `DecidedBy`; the project when nothing else is said.
    pub(crate) decided_by: Option<&'static str>,
    /// The variant of `CertificateUse`.
    pub(crate) certificate: Option<&'static str>,
    pub(crate) action: bool,
    pub(crate) part: Option<char>,
    pub(crate) key: Vec<String>,
    pub(crate) references: Option<String>,
    pub(crate) max_length: Option<u32>,
    pub(crate) setup: Option<String>,
    pub(crate) inverted: bool,
    pub(crate) owner: bool,
    pub(crate) gap: Option<(u16, u16)>,
    pub(crate) range: Option<(i32, i32)>,
    pub(crate) max_items: Option<u32>,
    pub(crate) values: Vec<String>,
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
                } else if let Some((_, decider)) = DECIDERS
                    .iter()
                    .find(|(attribute, _)| meta.path.is_ident(attribute))
                {
                    if read.decided_by.replace(decider).is_some() {
                        return Err(meta.error("only one decides a member"));
                    }
                } else if meta.path.is_ident("certificate") {
                    let text = meta.value()?.parse::<LitStr>()?.value();
                    let known = CERTIFICATES
                        .iter()
                        .find(|(attribute, _)| *attribute == text);
                    let Some((_, variant)) = known else {
                        return Err(meta.error("no use of a certificate that is known"));
                    };
                    read.certificate = Some(variant);
                } else if meta.path.is_ident("part") {
                    let text = meta.value()?.parse::<LitStr>()?.value();
                    read.part = text.chars().next();
                } else if meta.path.is_ident("action") {
                    read.action = true;
                } else if meta.path.is_ident("key") {
                    read.key = names(&meta)?;
                } else if meta.path.is_ident("inverted") {
                    read.inverted = true;
                } else if meta.path.is_ident("owner") {
                    read.owner = true;
                } else if meta.path.is_ident("gap") {
                    read.gap = Some(span(&meta)?);
                } else if meta.path.is_ident("range") {
                    read.range = Some(span(&meta)?);
                } else if meta.path.is_ident("max_items") {
                    read.max_items = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
                } else if meta.path.is_ident("values") {
                    read.values = names(&meta)?;
                } else {
                    return Err(meta.error(format!("unknown part of #[{attribute_name}]")));
                }
                Ok(())
            })?;
        }
        Ok(read)
    }
}

/// The attributes that say who decides a member, and the variant of `DecidedBy`.
const DECIDERS: &[(&str, &str)] = &[
    ("secret", "Secret"),
    ("generated", "Org"),
    ("write_once", "ProjectOnce"),
];

/// What `certificate = "…"` takes, and the variant of `CertificateUse`.
const CERTIFICATES: &[(&str, &str)] = &[
    ("assertions", "Assertions"),
    ("asset tokens", "AssetTokens"),
    ("saml requests", "SamlRequests"),
    ("saml encryption", "SamlEncryption"),
    ("push", "Push"),
];

/// `"Days, Hours"`
fn names(meta: &ParseNestedMeta<'_>) -> Result<Vec<String>> {
    let names = meta.value()?.parse::<LitStr>()?.value();
    Ok(names.split(',').map(|one| one.trim().to_owned()).collect())
}

/// `58..=59`
fn span<N: FromStr<Err: Display>>(meta: &ParseNestedMeta<'_>) -> Result<(N, N)> {
    let value = meta.value()?;
    let first = value.parse::<LitInt>()?.base10_parse()?;
    value.parse::<Token![..=]>()?;
    let last = value.parse::<LitInt>()?.base10_parse()?;
    Ok((first, last))
}

/// The doc comment as one string, lines joined and trimmed; paragraphs stay separated by an empty
/// line.
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

/// First and last version of a gap, as tokens of `Option<(ApiVersion, ApiVersion)>`.
pub(crate) fn optional_gap(gap: Option<(u16, u16)>) -> TokenStream {
    optional(gap.map(|(first, last)| {
        quote!((
            ::eca_model::derive::ApiVersion::new(#first),
            ::eca_model::derive::ApiVersion::new(#last)
        ))
    }))
}
