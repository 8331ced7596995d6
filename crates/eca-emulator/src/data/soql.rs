//! The part of SOQL that clients of metadata use: fields of one object, comparisons joined by
//! `AND`, an order and a limit.

use std::cmp::Ordering;

use serde_json::{Map, Value};

/// A parsed query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) fields: Vec<String>,
    /// `SELECT COUNT()`, which has no fields.
    pub(crate) is_count: bool,
    pub(crate) object: String,
    conditions: Vec<Condition>,
    order: Option<Order>,
    limit: Option<usize>,
}

/// One field to sort by. Rows without a value come first unless the query has `NULLS LAST` (SOQL
/// and SOSL Reference, "ORDER BY").
#[derive(Debug, PartialEq, Eq)]
struct Order {
    field: String,
    is_descending: bool,
    nulls_last: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Condition {
    field: String,
    is_equal: bool,
    values: Vec<Value>,
}

/// An error in a query.
pub(crate) type Malformed = String;

impl Query {
    /// Parses a query.
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        let tokens = tokens(text)?;
        let mut cursor = Cursor { tokens: &tokens };
        cursor.keyword("SELECT")?;
        let mut fields = vec![cursor.name()?];
        let is_count = fields[0].eq_ignore_ascii_case("COUNT") && cursor.take("(");
        if is_count {
            cursor.keyword(")")?;
            fields.clear();
        }
        while !is_count && cursor.take(",") {
            fields.push(cursor.name()?);
        }
        cursor.keyword("FROM")?;
        let object = cursor.name()?;
        let mut query = Self {
            fields,
            is_count,
            object,
            conditions: Vec::new(),
            order: None,
            limit: None,
        };
        if cursor.take("WHERE") {
            query.conditions.push(cursor.condition()?);
            while cursor.take("AND") {
                query.conditions.push(cursor.condition()?);
            }
        }
        if cursor.take("ORDER") {
            cursor.keyword("BY")?;
            let field = cursor.name()?;
            let is_descending = cursor.take("DESC");
            if !is_descending {
                cursor.take("ASC");
            }
            let mut nulls_last = false;
            if cursor.take("NULLS") {
                nulls_last = cursor.take("LAST");
                if !nulls_last {
                    cursor.keyword("FIRST")?;
                }
            }
            query.order = Some(Order {
                field,
                is_descending,
                nulls_last,
            });
        }
        if cursor.take("LIMIT") {
            let limit = cursor.name()?;
            let limit = limit
                .parse()
                .map_err(|_| format!("unexpected token: {limit}"))?;
            query.limit = Some(limit);
        }
        match cursor.tokens.first() {
            None => Ok(query),
            Some(Token::Word(word) | Token::Text(word)) => Err(format!("unexpected token: {word}")),
        }
    }

    /// Every field that the query names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .chain(self.conditions.iter().map(|condition| &condition.field))
            .chain(self.order.iter().map(|order| &order.field))
            .map(String::as_str)
    }

    /// The fields that rows are chosen or sorted by.
    pub(crate) fn deciding(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let conditions = self.conditions.iter();
        let conditions = conditions.map(|condition| (condition.field.as_str(), "filtered"));
        let order = self.order.iter();
        conditions.chain(order.map(|order| (order.field.as_str(), "sorted")))
    }

    /// The rows of the query, in its order.
    pub(crate) fn select<'a>(&self, rows: &'a [Map<String, Value>]) -> Vec<&'a Map<String, Value>> {
        let mut found: Vec<_> = rows
            .iter()
            .filter(|row| self.conditions.iter().all(|condition| condition.holds(row)))
            .collect();
        if let Some(order) = &self.order {
            found.sort_by(|a, b| order.compare(value(a, &order.field), value(b, &order.field)));
        }
        found.truncate(self.limit.unwrap_or(usize::MAX));
        found
    }
}

impl Order {
    fn compare(&self, a: &Value, b: &Value) -> Ordering {
        match (a.is_null(), b.is_null()) {
            (false, false) if self.is_descending => compare(b, a),
            (false, false) => compare(a, b),
            (a, b) if self.nulls_last => a.cmp(&b),
            (a, b) => b.cmp(&a),
        }
    }
}

impl Condition {
    fn holds(&self, row: &Map<String, Value>) -> bool {
        let actual = value(row, &self.field);
        self.values.iter().any(|value| is_same(actual, value)) == self.is_equal
    }
}

/// A field of a row, ignoring case.
pub(crate) fn value<'a>(row: &'a Map<String, Value>, field: &str) -> &'a Value {
    row.iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(field))
        .map_or(&Value::Null, |(_, value)| value)
}

/// Text is compared ignoring case, and an id of 15 characters equals the one of 18.
fn is_same(actual: &Value, requested: &Value) -> bool {
    match (actual, requested) {
        (Value::String(actual), Value::String(requested)) => {
            actual.eq_ignore_ascii_case(requested)
                || (requested.len() == 15
                    && actual.len() == 18
                    && actual.starts_with(requested.as_str()))
        }
        _ => actual == requested,
    }
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a
            .as_str()
            .unwrap_or_default()
            .cmp(b.as_str().unwrap_or_default()),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    /// In quotes.
    Text(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, Malformed> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            space if space.is_whitespace() => {}
            '\'' => {
                let mut content = String::new();
                loop {
                    match characters.next() {
                        Some('\'') => break,
                        Some('\\') => content.extend(characters.next()),
                        Some(other) => content.push(other),
                        None => return Err("line 1: mismatched character '<EOF>'".to_owned()),
                    }
                }
                tokens.push(Token::Text(content));
            }
            '!' | '=' | ',' | '(' | ')' => {
                let mut sign = String::from(character);
                if character == '!' {
                    sign.extend(characters.next_if_eq(&'='));
                }
                tokens.push(Token::Word(sign));
            }
            other => {
                let mut word = String::from(other);
                while let Some(more) = characters
                    .next_if(|next| next.is_alphanumeric() || matches!(next, '_' | '.' | ':' | '-'))
                {
                    word.push(more);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

struct Cursor<'a> {
    tokens: &'a [Token],
}

impl Cursor<'_> {
    fn take(&mut self, word: &str) -> bool {
        match self.tokens {
            [Token::Word(text), rest @ ..] if text.eq_ignore_ascii_case(word) => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn keyword(&mut self, word: &str) -> Result<(), Malformed> {
        if self.take(word) {
            Ok(())
        } else {
            Err(format!("unexpected token: expecting {word}"))
        }
    }

    fn name(&mut self) -> Result<String, Malformed> {
        match self.tokens {
            [Token::Word(text), rest @ ..]
                if text.starts_with(|first: char| first.is_alphanumeric()) =>
            {
                self.tokens = rest;
                Ok(text.clone())
            }
            [Token::Word(text) | Token::Text(text), ..] => {
                Err(format!("unexpected token: '{text}'"))
            }
            [] => Err("unexpected token: <EOF>".to_owned()),
        }
    }

    fn literal(&mut self) -> Result<Value, Malformed> {
        if let [Token::Text(text), rest @ ..] = self.tokens {
            self.tokens = rest;
            return Ok(Value::from(text.as_str()));
        }
        let word = self.name()?;
        Ok(match word.to_ascii_lowercase().as_str() {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => word
                .parse::<i64>()
                .map_or_else(|_| Value::from(word), Value::from),
        })
    }

    fn condition(&mut self) -> Result<Condition, Malformed> {
        let field = self.name()?;
        let (is_equal, is_list) = if self.take("=") {
            (true, false)
        } else if self.take("!=") {
            (false, false)
        } else if self.take("IN") {
            (true, true)
        } else {
            return Err(format!("unexpected operator after {field}"));
        };
        let mut values = Vec::new();
        if is_list {
            self.keyword("(")?;
            values.push(self.literal()?);
            while self.take(",") {
                values.push(self.literal()?);
            }
            self.keyword(")")?;
        } else {
            values.push(self.literal()?);
        }
        Ok(Condition {
            field,
            is_equal,
            values,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn queries_select_sort_and_stop() {
        let rows: Vec<Map<String, Value>> = [("b", 2, true), ("a", 1, true), ("c", 3, false)]
            .map(|(name, number, flag)| {
                let row = json!({ "Name": name, "Number": number, "Flag": flag });
                row.as_object().cloned().unwrap_or_default()
            })
            .to_vec();
        let select = |text: &str| -> Result<String, Malformed> {
            let query = Query::parse(text)?;
            Ok(query
                .select(&rows)
                .iter()
                .filter_map(|row| value(row, "name").as_str())
                .collect())
        };
        for (query, expected) in [
            ("SELECT Name FROM T", "bac"),
            ("select name, number from T order by Name", "abc"),
            ("SELECT Name FROM T ORDER BY Number DESC LIMIT 2", "cb"),
            ("SELECT Name FROM T WHERE Flag = true AND Number != 1", "b"),
            ("SELECT Name FROM T WHERE Name IN ('a', 'C')", "ac"),
            ("SELECT Name FROM T WHERE Name = 'it\\'s'", ""),
        ] {
            assert_eq!(select(query).as_deref(), Ok(expected), "{query}");
        }
        for query in [
            "",
            "SELECT FROM T",
            "SELECT Name",
            "SELECT Name FROM T WHERE",
            "SELECT Name FROM T WHERE Name ~ 'a'",
            "SELECT Name FROM T WHERE Name = 'a",
            "SELECT Name FROM T LIMIT x",
            "SELECT Name FROM T; DROP",
        ] {
            assert!(select(query).is_err(), "{query}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics(text in "(SELECT|FROM|WHERE|[a-z',=()! ]){0,20}") {
            let _ = Query::parse(&text);
        }
    }
}
