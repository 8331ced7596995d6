//! Values as JSON, through serde.
//!
//! Keys are the element names, in Salesforce's order; a member that is left out has no key. A list
//! in one string stays a string, and an unknown enumerated value keeps its text. Reading refuses
//! keys that the record does not have.
//!
//! A secret is written as `***`, and reading refuses `***`, so that a mask never becomes the secret
//! of a file. Only [`ExposeSecrets`] writes secrets.
//!
//! ```
//! use eca_model::ExposeSecrets;
//! use eca_model::types::ExtlClntAppGlobalOauthSettings;
//!
//! let json = r#"{"consumerSecret":"hunter2","isPkceRequired":true}"#;
//! let settings: ExtlClntAppGlobalOauthSettings = serde_json::from_str(json)?;
//! assert_eq!(serde_json::to_string(&settings)?, r#"{"consumerSecret":"***","isPkceRequired":true}"#);
//! assert_eq!(serde_json::to_string(&ExposeSecrets(&settings))?, json);
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde::{Deserialize, Serialize};

use crate::file::decode::{Record, Slot};
use crate::schema::{FieldKind, FieldSchema, RecordSchema};
use crate::types::{Metadata, MetadataType};
use crate::values::text::{LineList, NameList, ScopeList, SecretText};
use crate::xml::{Content, Member};

/// The mask of a secret.
const MASK: &str = "***";

/// Serializes a value with its secrets. Use it only for output that the owner of the secrets
/// receives.
///
/// The value may be any record, or a [`Metadata`].
pub struct ExposeSecrets<'a, T>(pub &'a T);

impl<T: Record> Serialize for ExposeSecrets<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        members(T::SCHEMA, &self.0.members(), Secrets::Shown, serializer)
    }
}

impl Serialize for ExposeSecrets<'_, Metadata> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let schema = self.0.metadata_type().schema().record;
        members(schema, &self.0.members(), Secrets::Shown, serializer)
    }
}

/// The members, without the type's name; [`MetadataType`] as a seed reads them back.
impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let schema = self.metadata_type().schema().record;
        members(schema, &self.members(), Secrets::Masked, serializer)
    }
}

/// Reads the members of a value of this type.
///
/// ```
/// use eca_model::MetadataType;
/// use serde::de::DeserializeSeed;
///
/// let mut json = serde_json::Deserializer::from_str(r#"{"label":"Shop"}"#);
/// let value = MetadataType::ExternalClientApplication.deserialize(&mut json)?;
/// assert_eq!(serde_json::to_string(&value)?, r#"{"label":"Shop"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl<'de> DeserializeSeed<'de> for MetadataType {
    type Value = Metadata;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Metadata, D::Error> {
        Metadata::deserialize_as(self, deserializer)
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == MASK {
            return Err(D::Error::custom(
                "a masked secret (`***`) cannot be read back",
            ));
        }
        Ok(Self::from(text))
    }
}

/// Lists in one string are strings in JSON too, with their spelling unchanged.
macro_rules! list {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }
    )*};
}

list! { LineList NameList ScopeList }

#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrets {
    Masked,
    Shown,
}

/// What the derived `Serialize` of a record calls.
#[doc(hidden)]
pub fn serialize<T: Record, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    members(T::SCHEMA, &value.members(), Secrets::Masked, serializer)
}

/// What the derived `Deserialize` of a record calls.
#[doc(hidden)]
pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Record + FillFromJson,
    D: Deserializer<'de>,
{
    struct Members<T>(T);

    impl<'de, T: Record + FillFromJson> Visitor<'de> for Members<T> {
        type Value = T;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "the members of {}", T::SCHEMA.name)
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(mut self, mut map: A) -> Result<T, A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                if !self.0.fill_from_json(&key, &mut map)? {
                    return Err(A::Error::custom(format_args!(
                        "{} has no element {key}",
                        T::SCHEMA.name
                    )));
                }
            }
            Ok(self.0)
        }
    }

    deserializer.deserialize_map(Members(T::default()))
}

/// Takes the value of one key; derived.
#[doc(hidden)]
pub trait FillFromJson {
    /// `false` when the record has no such member; the caller then reads the value.
    fn fill_from_json<'de, A: serde::de::MapAccess<'de>>(
        &mut self,
        key: &str,
        map: &mut A,
    ) -> Result<bool, A::Error>;
}

/// Takes the value of one key into a field; null counts as absent.
#[doc(hidden)]
pub fn fill<'de, F, A>(field: &mut F, map: &mut A) -> Result<bool, A::Error>
where
    F: Slot + Default + Deserialize<'de>,
    A: serde::de::MapAccess<'de>,
{
    *field = map.next_value::<Option<F>>()?.unwrap_or_default();
    Ok(true)
}

fn members<S: Serializer>(
    schema: &RecordSchema,
    members: &[Member],
    secrets: Secrets,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    // The members of a list are adjacent.
    for group in members.chunk_by(|one, next| one.name == next.name) {
        let Some((first, field)) = group
            .first()
            .and_then(|first| Some((first, schema.field(first.name)?)))
        else {
            continue;
        };
        let value = |member| Value {
            field,
            content: member,
            secrets,
        };
        if field.list {
            let list = List(group.iter().map(|member| value(&member.content)).collect());
            map.serialize_entry(first.name, &list)?;
        } else {
            map.serialize_entry(first.name, &value(&first.content))?;
        }
    }
    map.end()
}

struct List<'a>(Vec<Value<'a>>);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for value in &self.0 {
            list.serialize_element(value)?;
        }
        list.end()
    }
}

struct Value<'a> {
    field: &'static FieldSchema,
    content: &'a Content,
    secrets: Secrets,
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.field.is_secret() && self.secrets == Secrets::Masked {
            return serializer.serialize_str(MASK);
        }
        match (self.content, self.field.kind) {
            (Content::Members(inner), FieldKind::Record(schema)) => {
                members(schema, inner, self.secrets, serializer)
            }
            // No other field has members.
            (Content::Members(_), _) => serializer.serialize_unit(),
            (Content::Text(text), FieldKind::Boolean) => serializer.serialize_bool(text == "true"),
            (Content::Text(text), FieldKind::Integer) => match text.parse::<i32>() {
                Ok(number) => serializer.serialize_i32(number),
                Err(_) => serializer.serialize_str(text),
            },
            (Content::Text(text), _) => serializer.serialize_str(text),
        }
    }
}
