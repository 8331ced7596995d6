//! A component in the org: values, not text. Values can be secret, so there is no `Debug`.

use std::fmt::Write as _;

use quick_xml::escape::partial_escape;
use serde::{Deserialize, Serialize};

/// The members of a component or of a nested type, in their original order.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record(Vec<(String, Value)>);

/// The value of one member.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Value {
    Text(String),
    Record(Record),
}

impl Record {
    pub(crate) fn push(&mut self, name: &str, value: Value) {
        self.0.push((name.to_owned(), value));
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(member, _)| member == name)
    }

    /// The text of a member.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|(member, value)| match value {
            Value::Text(text) if member == name => Some(text.as_str()),
            _ => None,
        })
    }

    /// The text of a member that is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.text(name)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// A boolean member.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        match self.filled(name)? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    /// The items of a comma separated member.
    pub(crate) fn list<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.text(name)
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
    }

    /// The nested records of a repeated member.
    pub(crate) fn records<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> + use<'a> {
        self.0
            .iter()
            .filter_map(move |(member, value)| match value {
                Value::Record(record) if member == name => Some(record),
                _ => None,
            })
    }

    /// Replaces a member, or adds it.
    pub(crate) fn set(&mut self, name: &str, text: impl Into<String>) {
        let value = Value::Text(text.into());
        match self.0.iter_mut().find(|(member, _)| member == name) {
            Some((_, old)) => *old = value,
            None => self.push(name, value),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(member, _)| member != name);
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn members_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.0
            .iter_mut()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// A well-formed file with these members; the model's canonical form gives its layout.
    pub(crate) fn to_xml(&self, root: &str) -> String {
        let mut text = format!("<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">");
        self.write(&mut text);
        let _ = write!(text, "</{root}>");
        text
    }

    fn write(&self, text: &mut String) {
        for (name, value) in &self.0 {
            match value {
                Value::Text(content) => {
                    let _ = write!(text, "<{name}>{}</{name}>", partial_escape(content));
                }
                Value::Record(record) => {
                    let _ = write!(text, "<{name}>");
                    record.write(text);
                    let _ = write!(text, "</{name}>");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_by_kind() {
        let mut record = Record::default();
        record.set("flag", "true");
        record.set("names", "A,B , C");
        record.push("empty", Value::Text(" ".to_owned()));
        record.push("inner", Value::Record(Record::default()));
        assert_eq!(record.flag("flag"), Some(true));
        assert_eq!(record.list("names").collect::<Vec<_>>(), ["A", "B", "C"]);
        assert_eq!(record.list("absent").count(), 0);
        assert_eq!(record.filled("empty"), None);
        assert_eq!(record.records("inner").count(), 1);
        record.set("flag", "false");
        assert_eq!(record.flag("flag"), Some(false));
        record.remove("flag");
        assert!(!record.has("flag"));
    }

    #[test]
    fn text_is_escaped() {
        let mut record = Record::default();
        record.set("label", "a < b & c");
        assert!(
            record
                .to_xml("T")
                .contains("<label>a &lt; b &amp; c</label>")
        );
    }
}
