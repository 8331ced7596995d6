//! Errors of `eca.toml`, with place and member. They never contain the value, which may be a
//! secret.

use std::ops::Range;
use std::path::Path;

use eca_model::Position;
use eca_model::schema::nearest_name as nearest;
use toml::de::{DeTable, DeValue};

use crate::config::nest::KEY_MEMBERS;
use crate::exit::Exit;
use crate::failure::Failure;

/// The text of the file, and its tables.
pub(super) struct Source<'a> {
    path: &'a Path,
    text: &'a str,
    tables: Option<&'a DeTable<'a>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(path: &'a Path, text: &'a str) -> Self {
        let tables = None;
        Self { path, text, tables }
    }

    /// With the parsed tables, which have the names of the members.
    pub(super) fn with_tables(self, tables: &'a DeTable<'a>) -> Self {
        let tables = Some(tables);
        Self { tables, ..self }
    }

    /// `PATH:LINE:COLUMN: MEMBER: MESSAGE`.
    pub(super) fn failure(&self, span: Option<Range<usize>>, message: &str) -> Failure {
        let problem = Problem::from_serde(message);
        let path = self.path.display();
        let Some(span) = span else {
            return Failure::new(Exit::Usage, format!("{path}: {}", problem.message()));
        };
        let position = Position::from_offset(self.text, span.start);
        let mut member = self
            .tables
            .map_or_else(Vec::new, |tables| member_at(tables, &span));
        let is_of_section = match problem {
            Problem::Unknown(_) => true,
            // The place of a section without its own header is one of its members.
            Problem::Missing(_) => member.last().is_some_and(|name| KEY_MEMBERS.contains(name)),
            Problem::Value(_) => false,
        };
        if is_of_section {
            member.pop();
        }
        let separator = if member.is_empty() { "" } else { ": " };
        let hint = (member.last() == Some(&"instance-url")).then_some(
            "the instance URL is the org's My Domain, such as https://acme.my.salesforce.com",
        );
        let (member, message) = (member.join("."), problem.message());
        let message = format!("{path}:{position}: {member}{separator}{message}");
        Failure::new(Exit::Usage, message).maybe_hint(hint)
    }
}

/// The path of the member whose name or value is at this place.
fn member_at<'a>(table: &'a DeTable<'_>, span: &Range<usize>) -> Vec<&'a str> {
    for (name, value) in table {
        let inner = match value.get_ref() {
            DeValue::Table(table) => member_at(table, span),
            DeValue::Array(values) => values
                .iter()
                .filter_map(|value| value.get_ref().as_table())
                .map(|table| member_at(table, span))
                .find(|inner| !inner.is_empty())
                .unwrap_or_default(),
            _ => Vec::new(),
        };
        let is_here = |part: Range<usize>| part.start <= span.start && span.end <= part.end;
        if !inner.is_empty() || is_here(name.span()) || is_here(value.span()) {
            return [vec![name.get_ref().as_ref()], inner].concat();
        }
    }
    Vec::new()
}

/// The problem of a member.
enum Problem {
    /// Its name.
    Unknown(String),
    /// It is missing.
    Missing(String),
    Value(String),
}

impl Problem {
    fn message(&self) -> &str {
        let (Self::Unknown(message) | Self::Missing(message) | Self::Value(message)) = self;
        message
    }

    /// Reads a message of serde, without the quoted value.
    fn from_serde(message: &str) -> Self {
        if let Some((name, rest)) = quoted(message, "unknown field `") {
            let mut known = names(rest);
            if known.contains(&KEY_MEMBERS[0]) && !known.contains(&KEY_MEMBERS[1]) {
                known.extend(&KEY_MEMBERS[1..]);
            }
            return Self::Unknown(match nearest(name, known.iter().copied()) {
                Some(meant) => format!("`{name}` is unknown; did you mean `{meant}`?"),
                None => format!("`{name}` is unknown; expected {}", listed(&known)),
            });
        }
        if let Some((value, rest)) = quoted(message, "unknown variant `") {
            let known = names(rest);
            let expected = format!("expected {}", listed(&known));
            return Self::Value(match nearest(value, known.iter().copied()) {
                Some(meant) => format!("{expected}; did you mean `{meant}`?"),
                None => expected,
            });
        }
        if let Some((name, _)) = quoted(message, "missing field `") {
            return Self::Missing(format!("`{name}` is missing"));
        }
        let expected = message.rsplit_once(", expected ");
        let expected = expected.filter(|(start, _)| start.starts_with("invalid "));
        Self::Value(match expected {
            Some((_, "a map")) => "expected a table".to_owned(),
            Some((_, "u16")) => format!("expected a number up to {}", u16::MAX),
            Some((_, expected)) => format!("expected {expected}"),
            None => message.to_owned(),
        })
    }
}

fn quoted<'a>(message: &'a str, start: &str) -> Option<(&'a str, &'a str)> {
    message.strip_prefix(start)?.split_once('`')
}

/// The names in the list of a message.
fn names(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

fn listed(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
