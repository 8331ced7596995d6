//! The value of a member.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::schema::{FieldKind, FieldSchema};

/// The value of one member, as its schema has it. It never holds a secret.
///
/// In JSON it is a boolean, a number, a string or an array of strings; a secret is
/// `{"present":"secret"}` and a record `{"present":"record"}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FieldValue {
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Integer(i32),
    /// A text: of a text member, of an enumeration, or one that is not of its member's kind.
    Text(String),
    /// The items of a list: of an element that repeats, or of several items in one text.
    List(Vec<String>),
    /// A secret is there. Its text is not in the value.
    Secret,
    /// A record is there. Its members have values of their own.
    Record,
}

/// The value in JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Json {
    Boolean(bool),
    Integer(i32),
    Text(String),
    List(Vec<String>),
    Present { present: Present },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Present {
    Secret,
    Record,
}

impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = match self.clone() {
            Self::Boolean(value) => Json::Boolean(value),
            Self::Integer(number) => Json::Integer(number),
            Self::Text(text) => Json::Text(text),
            Self::List(items) => Json::List(items),
            Self::Secret => Json::Present {
                present: Present::Secret,
            },
            Self::Record => Json::Present {
                present: Present::Record,
            },
        };
        json.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Json::deserialize(deserializer)? {
            Json::Boolean(value) => Self::Boolean(value),
            Json::Integer(number) => Self::Integer(number),
            Json::Text(text) => Self::Text(text),
            Json::List(items) => Self::List(items),
            Json::Present {
                present: Present::Secret,
            } => Self::Secret,
            Json::Present {
                present: Present::Record,
            } => Self::Record,
        })
    }
}

impl FieldValue {
    /// The value of a text in the file. A text that is not of the member's kind stays a text.
    pub(crate) fn from_text(field: &FieldSchema, text: &str) -> Self {
        if field.is_secret() {
            return Self::Secret;
        }
        if let Some(list) = field.list_in_text {
            return Self::List(list.items(text).map(str::to_owned).collect());
        }
        let trimmed = text.trim();
        match field.kind {
            // XML Schema part 2, 3.2.2: `1` and `0` are booleans too.
            FieldKind::Boolean => match trimmed {
                "true" | "1" => Self::Boolean(true),
                "false" | "0" => Self::Boolean(false),
                _ => Self::Text(trimmed.to_owned()),
            },
            FieldKind::Integer => match trimmed.parse() {
                Ok(number) => Self::Integer(number),
                Err(_) => Self::Text(trimmed.to_owned()),
            },
            FieldKind::Enumeration(_) => Self::Text(trimmed.to_owned()),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// The value that an org takes when the member is left out, where that is documented.
    pub fn default_of(field: &FieldSchema) -> Option<Self> {
        field.default.map(|text| Self::from_text(field, text))
    }

    /// Whether a part of it is filled in when it is deployed (`${NAME}`).
    pub fn is_placeholder(&self) -> bool {
        match self {
            Self::Text(text) => text.contains("${"),
            Self::List(items) => items.iter().any(|item| item.contains("${")),
            _ => false,
        }
    }

    /// The value with the items of a list in one order, for comparing: no list of these types
    /// depends on its order.
    #[must_use]
    pub fn normalized(self) -> Self {
        match self {
            Self::List(mut items) => {
                items.sort_unstable();
                items.dedup();
                Self::List(items)
            }
            other => other,
        }
    }
}

/// On one line: lists with commas, texts with control characters or without any character quoted.
impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |f: &mut fmt::Formatter<'_>, text: &str| {
            if text.is_empty() || text.chars().any(char::is_control) {
                write!(f, "{text:?}")
            } else {
                f.write_str(text)
            }
        };
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(text) => shown(f, text),
            Self::List(items) => shown(f, &items.join(", ")),
            Self::Secret => f.write_str("***"),
            Self::Record => f.write_str("{…}"),
        }
    }
}

impl From<bool> for FieldValue {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i32> for FieldValue {
    fn from(value: i32) -> Self {
        Self::Integer(value)
    }
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for FieldValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A list.
impl<S: Into<String>> FromIterator<S> for FieldValue {
    fn from_iter<I: IntoIterator<Item = S>>(items: I) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}
