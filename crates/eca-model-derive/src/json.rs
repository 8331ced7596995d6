//! The serde side of both derives.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use crate::field::Field;

/// `Serialize` and `Deserialize` of a record. Both use the functions of `eca_model::json`, which
/// mask secrets.
pub(crate) fn impls_for_record(ident: &Ident, fields: &[Field]) -> TokenStream {
    let arms = fields.iter().map(|Field { ident, element, .. }| {
        quote!(#element => ::eca_model::derive::json::fill(&mut self.#ident, map),)
    });
    quote! {
        #[automatically_derived]
        impl ::eca_model::derive::serde::Serialize for #ident {
            fn serialize<S: ::eca_model::derive::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                ::eca_model::derive::json::serialize(self, serializer)
            }
        }

        #[automatically_derived]
        impl<'de> ::eca_model::derive::serde::Deserialize<'de> for #ident {
            fn deserialize<D: ::eca_model::derive::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                ::eca_model::derive::json::deserialize(deserializer)
            }
        }

        #[automatically_derived]
        impl ::eca_model::derive::json::FillFromJson for #ident {
            fn fill_from_json<'de, A: ::eca_model::derive::serde::de::MapAccess<'de>>(
                &mut self,
                key: &str,
                map: &mut A,
            ) -> ::core::result::Result<bool, A::Error> {
                match key {
                    #(#arms)*
                    _ => ::core::result::Result::Ok(false),
                }
            }
        }
    }
}

/// `Serialize` and `Deserialize` of an enumeration: its text.
pub(crate) fn impls_for_enumeration(ident: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::eca_model::derive::serde::Serialize for #ident {
            fn serialize<S: ::eca_model::derive::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[automatically_derived]
        impl<'de> ::eca_model::derive::serde::Deserialize<'de> for #ident {
            fn deserialize<D: ::eca_model::derive::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let text = <::std::string::String as ::eca_model::derive::serde::Deserialize>::deserialize(deserializer)?;
                ::core::result::Result::Ok(Self::from(text.as_str()))
            }
        }
    }
}
