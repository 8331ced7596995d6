//! `#[derive(Record)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Ident, Result};

use crate::attributes::{
    FieldAttribute, MetadataAttribute, documentation, optional, optional_gap, optional_version,
};
use crate::field::Field;
use crate::json;

pub(crate) fn expand(input: DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = input.data else {
        return Err(syn::Error::new_spanned(
            input.ident,
            "Record is for structs only",
        ));
    };
    let Fields::Named(named) = data.fields else {
        return Err(syn::Error::new_spanned(
            input.ident,
            "Record needs named fields",
        ));
    };
    let metadata = MetadataAttribute::read(&input.attrs)?;
    let mut fields = Vec::new();
    for field in named.named {
        let attribute = FieldAttribute::read(&field.attrs, "field")?;
        let doc = documentation(&field.attrs);
        let Some(ident) = field.ident else { continue };
        let element = attribute
            .name
            .clone()
            .unwrap_or_else(|| lower_camel(&ident.to_string()));
        fields.push(Field {
            ident,
            ty: field.ty,
            element,
            attribute,
            doc,
        });
    }
    // Salesforce's order: ASCII code points of the element names, regardless of the order in the
    // struct.
    fields.sort_by(|a, b| a.element.cmp(&b.element));

    let ident = &input.ident;
    let name = ident.to_string();
    let doc = documentation(&input.attrs);
    // A nested record has no versions: its fields count from the first API version that this crate
    // knows.
    let type_since = metadata.as_ref().map_or(47, |m| m.since);
    let partial = metadata.as_ref().is_some_and(|m| m.partial);
    let schemas = fields.iter().map(|field| field_schema(field, type_since));
    let arms = fields.iter().map(|Field { ident, element, .. }| {
        quote!(#element => ::eca_model::derive::Slot::fill(&mut value.#ident, child, reader),)
    });
    let members = fields.iter().map(|Field { ident, element, .. }| {
        quote!(::eca_model::derive::Slot::members(&self.#ident, #element, &mut members);)
    });
    let json = json::impls_for_record(ident, &fields);
    let owner = fields.iter().find(|field| field.attribute.owner);
    let top_level = metadata.map(|m| top_level(ident, &name, &m, owner));

    Ok(quote! {
        #[automatically_derived]
        impl ::eca_model::derive::Record for #ident {
            const SCHEMA: &'static ::eca_model::derive::RecordSchema = &::eca_model::derive::RecordSchema {
                name: #name,
                doc: #doc,
                partial: #partial,
                fields: &[#(#schemas),*],
            };

            fn decode(
                element: ::eca_model::derive::Element<'_>,
                reader: &mut ::eca_model::derive::Reader,
            ) -> Self {
                let mut value = <Self as ::core::default::Default>::default();
                for child in element.children() {
                    match child.name() {
                        #(#arms)*
                        _ => reader.unknown_element(child, #partial),
                    }
                }
                reader.stray_text(element);
                value
            }

            fn members(&self) -> ::std::vec::Vec<::eca_model::derive::Member> {
                let mut members = ::std::vec::Vec::new();
                #(#members)*
                members
            }
        }

        #[automatically_derived]
        impl ::eca_model::derive::Value for #ident {
            const KIND: ::eca_model::derive::FieldKind = ::eca_model::derive::FieldKind::Record(
                <#ident as ::eca_model::derive::Record>::SCHEMA
            );

            fn decode(
                element: ::eca_model::derive::Element<'_>,
                reader: &mut ::eca_model::derive::Reader,
            ) -> ::core::option::Option<Self> {
                ::core::option::Option::Some(<Self as ::eca_model::derive::Record>::decode(element, reader))
            }

            fn content(&self) -> ::eca_model::derive::Content {
                ::eca_model::derive::Content::Members(::eca_model::derive::Record::members(self))
            }
        }

        #json

        #top_level
    })
}

fn field_schema(field: &Field, type_since: u16) -> TokenStream {
    let Field {
        ty,
        element,
        attribute,
        doc,
        ..
    } = field;
    let since = attribute.since.unwrap_or(type_since);
    let until = optional_version(attribute.until);
    let default = optional(attribute.default.as_deref());
    let part = optional(attribute.part);
    let references = optional(attribute.references.as_deref());
    let max_length = optional(attribute.max_length);
    let inverted = attribute.inverted;
    let gap = optional_gap(attribute.gap);
    let range = optional(attribute.range.map(|(least, most)| quote!((#least, #most))));
    let max_items = optional(attribute.max_items);
    let values = &attribute.values;
    let key = &attribute.key;
    let variant = |name: &str| Ident::new(name, proc_macro2::Span::call_site());
    let decided_by = variant(attribute.decided_by.unwrap_or("Project"));
    let certificate = optional(attribute.certificate.map(|name| {
        let name = variant(name);
        quote!(::eca_model::derive::CertificateUse::#name)
    }));
    let setup = optional(attribute.setup.as_deref().map(
        |label| quote!(::eca_model::derive::SetupLabel { label: #label, inverted: #inverted }),
    ));
    let FieldAttribute {
        required,
        always_retrieved,
        action,
        owner,
        ..
    } = attribute;
    quote! {
        ::eca_model::derive::FieldSchema {
            element: #element,
            kind: <#ty as ::eca_model::derive::Slot>::KIND,
            list: <#ty as ::eca_model::derive::Slot>::LIST,
            required: #required,
            since: ::eca_model::derive::ApiVersion::new(#since),
            until: #until,
            gap: #gap,
            default: #default,
            always_retrieved: #always_retrieved,
            decided_by: ::eca_model::derive::DecidedBy::#decided_by,
            action: #action,
            certificate: #certificate,
            list_in_text: <#ty as ::eca_model::derive::Slot>::LIST_IN_TEXT,
            key: &[#(#key),*],
            owner: #owner,
            references: #references,
            part: #part,
            max_length: #max_length,
            max_items: #max_items,
            range: #range,
            values: &[#(#values),*],
            setup: #setup,
            doc: #doc,
        }
    }
}

fn top_level(
    ident: &Ident,
    name: &str,
    metadata: &MetadataAttribute,
    owner: Option<&Field>,
) -> TokenStream {
    let MetadataAttribute {
        directory,
        suffix,
        since,
        until,
        partial,
        manifest,
        fixed_name,
        content,
        free_names,
        org_made,
    } = metadata;
    let until = optional_version(*until);
    let manifest = manifest.as_deref().unwrap_or(name);
    let fixed_name = optional(fixed_name.as_deref());
    let owner = owner.map(|Field { ident, .. }| {
        quote! {
            fn owner(&self) -> ::core::option::Option<&str> {
                self.#ident.as_deref()
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl ::eca_model::derive::Described for #ident {
            const TYPE_SCHEMA: &'static ::eca_model::derive::TypeSchema = &::eca_model::derive::TypeSchema {
                name: #name,
                manifest_name: #manifest,
                fixed_name: #fixed_name,
                directory: #directory,
                suffix: #suffix,
                content: #content,
                free_names: #free_names,
                org_made: #org_made,
                since: ::eca_model::derive::ApiVersion::new(#since),
                until: #until,
                partial: #partial,
                record: <#ident as ::eca_model::derive::Record>::SCHEMA,
            };

            #owner
        }
    }
}

/// `is_d_pop_enabled` → `isDPopEnabled`.
fn lower_camel(snake: &str) -> String {
    let mut camel = String::with_capacity(snake.len());
    let mut upper = false;
    for character in snake.trim_start_matches("r#").chars() {
        if character == '_' {
            upper = true;
        } else if upper {
            camel.extend(character.to_uppercase());
            upper = false;
        } else {
            camel.push(character);
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::lower_camel;

    #[test]
    fn element_names() {
        assert_eq!(lower_camel("is_d_pop_enabled"), "isDPopEnabled");
        assert_eq!(lower_camel("policy1_dev_managed"), "policy1DevManaged");
        assert_eq!(lower_camel("label"), "label");
        assert_eq!(lower_camel("r#type"), "type");
    }
}
