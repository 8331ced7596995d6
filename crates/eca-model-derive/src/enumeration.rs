//! `#[derive(Enumeration)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Result};

use crate::attributes::{FieldAttribute, documentation, optional_gap, optional_version};
use crate::json;

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new_spanned(
            &input.ident,
            "Enumeration is for enums only",
        ));
    };
    let ident = &input.ident;
    let name = ident.to_string();
    let doc = documentation(&input.attrs);
    let mut values = Vec::new();
    let mut to_text = Vec::new();
    let mut from_text = Vec::new();
    let mut unknown = None;
    for variant in &data.variants {
        let variant_ident = &variant.ident;
        match &variant.fields {
            Fields::Unit => {
                let attribute = FieldAttribute::read(&variant.attrs, "value")?;
                let text = attribute
                    .name
                    .clone()
                    .unwrap_or_else(|| variant_ident.to_string());
                let since = optional_version(attribute.since);
                let until = optional_version(attribute.until);
                let gap = optional_gap(attribute.gap);
                let value_doc = documentation(&variant.attrs);
                values.push(quote!(::eca_model::derive::EnumValue {
                    text: #text, since: #since, until: #until, gap: #gap, doc: #value_doc,
                }));
                to_text.push(quote!(Self::#variant_ident => #text,));
                from_text.push(quote!(#text => Self::#variant_ident,));
            }
            _ => unknown = Some(variant_ident),
        }
    }
    let Some(unknown) = unknown else {
        return Err(syn::Error::new_spanned(
            ident,
            "Enumeration needs a variant `Unknown(UnknownValue)`, because new values appear",
        ));
    };
    let json = json::impls_for_enumeration(ident);
    Ok(quote! {
        impl #ident {
            /// The text in the file; an unknown value keeps its text.
            pub fn as_str(&self) -> &str {
                match self {
                    #(#to_text)*
                    Self::#unknown(value) => value.as_str(),
                }
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<&str> for #ident {
            fn from(text: &str) -> Self {
                match text {
                    #(#from_text)*
                    other => Self::#unknown(::eca_model::derive::UnknownValue::new(other)),
                }
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        #json

        #[automatically_derived]
        impl ::eca_model::derive::Value for #ident {
            const KIND: ::eca_model::derive::FieldKind = ::eca_model::derive::FieldKind::Enumeration(
                &::eca_model::derive::EnumSchema { name: #name, doc: #doc, values: &[#(#values),*] }
            );

            fn decode(
                element: ::eca_model::derive::Element<'_>,
                _reader: &mut ::eca_model::derive::Reader,
            ) -> ::core::option::Option<Self> {
                ::core::option::Option::Some(Self::from(element.text().trim()))
            }

            fn content(&self) -> ::eca_model::derive::Content {
                ::eca_model::derive::Content::Text(::std::borrow::ToOwned::to_owned(self.as_str()))
            }
        }
    })
}
