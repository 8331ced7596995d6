//! Queries with more rows than one page.

use std::collections::VecDeque;

/// How many queries may have more pages (Salesforce limits the open cursors of each user). The
/// oldest one ends when there are more.
const MAX_OPEN: usize = 50;

/// A query that has another page. It is asked again for each page.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    text: String,
    id: Option<String>,
}

impl Cursor {
    pub(crate) fn new(text: String) -> Self {
        Self { text, id: None }
    }

    /// The query.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// The queries that have another page. They end with the process.
#[derive(Debug, Default)]
pub(crate) struct Cursors {
    open: VecDeque<Cursor>,
    opened: u64,
}

impl Cursors {
    /// The id of a query, which it keeps from page to page.
    pub(crate) fn keep(&mut self, mut cursor: Cursor) -> String {
        if let Some(id) = cursor.id {
            return id;
        }
        self.opened += 1;
        let id = format!("01g{:015}", self.opened);
        cursor.id = Some(id.clone());
        if self.open.len() == MAX_OPEN {
            self.open.pop_front();
        }
        self.open.push_back(cursor);
        id
    }

    pub(crate) fn get(&self, id: &str) -> Option<Cursor> {
        let mut open = self.open.iter();
        open.find(|cursor| cursor.id.as_deref() == Some(id))
            .cloned()
    }
}
