//! Values that differ from org to org: `environments.*.values` and `orgs.*.values`.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use eca_model::{FieldPath, FieldValue, Subject};
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::config::org_name::OrgName;

/// Orgs that have values in common.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", expecting = "a table")]
pub(super) struct EnvironmentConfig {
    /// The orgs, by their names in this file.
    pub(super) orgs: Vec<Spanned<OrgName>>,
    #[serde(default)]
    pub(super) values: ValuesConfig,
}

/// The members of apps and components, by these.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ValuesConfig(BTreeMap<String, Members>);

/// A value with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GivenValue {
    pub(crate) subject: Subject,
    pub(crate) path: FieldPath,
    pub(crate) value: Value,
    /// Of the member's name.
    pub(crate) offset: usize,
}

/// What a member becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Is(FieldValue),
    /// The certificate in a file, relative to `eca.toml`.
    File(PathBuf),
    Absent,
}

impl ValuesConfig {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every value; an error has the place of the member's name.
    pub(super) fn given(&self) -> Result<Vec<GivenValue>, (Range<usize>, String)> {
        let mut given = Vec::new();
        for (subject, members) in &self.0 {
            let subject = Subject::from(subject.as_str());
            members.collect(&subject, "", &mut given)?;
        }
        Ok(given)
    }
}

/// A table of members; a table in it has the members of a record.
#[derive(Debug, Default)]
struct Members(Vec<(Spanned<String>, Member)>);

#[derive(Debug)]
enum Member {
    Value(Value),
    Record(Members),
}

impl Members {
    fn collect(
        &self,
        subject: &Subject,
        before: &str,
        given: &mut Vec<GivenValue>,
    ) -> Result<(), (Range<usize>, String)> {
        for (name, member) in &self.0 {
            let path = format!("{before}{}", name.get_ref());
            match member {
                Member::Record(members) => {
                    members.collect(subject, &format!("{path}."), given)?;
                }
                Member::Value(value) => given.push(GivenValue {
                    subject: subject.clone(),
                    path: path.parse().map_err(|error: eca_model::InvalidFieldPath| {
                        (name.span(), error.to_string())
                    })?,
                    value: value.clone(),
                    offset: name.span().start,
                }),
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of members")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<Spanned<String>>()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Table)
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a text, a number, true, false, a list of texts, { absent = true }, { file = \"PATH\" } or the members of a record",
        )
    }

    fn visit_bool<E>(self, value: bool) -> Result<Member, E> {
        Ok(Member::Value(Value::Is(value.into())))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Member, E> {
        let number = i32::try_from(value);
        let number = number.map_err(|_| E::custom("the number is too large"))?;
        Ok(Member::Value(Value::Is(number.into())))
    }

    fn visit_str<E>(self, value: &str) -> Result<Member, E> {
        Ok(Member::Value(Value::Is(value.into())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Member, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element::<String>()? {
            items.push(item);
        }
        Ok(Member::Value(Value::Is(items.into_iter().collect())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Member, A::Error> {
        let mut members = Vec::new();
        let mut special = None;
        while let Some(name) = map.next_key::<Spanned<String>>()? {
            match name.get_ref().as_str() {
                // No metadata type has a member of these names.
                "absent" => {
                    if !map.next_value::<bool>()? {
                        return Err(A::Error::custom("`absent` can only be true"));
                    }
                    special = Some(Value::Absent);
                }
                "file" => special = Some(Value::File(map.next_value()?)),
                _ => members.push((name, map.next_value()?)),
            }
        }
        match special {
            Some(value) if members.is_empty() => Ok(Member::Value(value)),
            Some(_) => Err(A::Error::custom(
                "`absent` and `file` stand alone, without other members",
            )),
            None => Ok(Member::Record(Members(members))),
        }
    }
}
