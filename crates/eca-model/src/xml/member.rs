//! Typed values as XML content, between the structs and the writers.

/// One element to be written: a field of a record.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Member {
    /// The element's name.
    pub name: &'static str,
    /// Whether the field may repeat.
    pub list: bool,
    /// What the element holds.
    pub content: Content,
}

/// What an element holds.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Content {
    /// Character data.
    Text(String),
    /// Child elements, in Salesforce's order.
    Members(Vec<Member>),
}
